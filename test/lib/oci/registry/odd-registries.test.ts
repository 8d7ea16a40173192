import assert from "node:assert/strict";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Repository } from "../../../../lib/oci/repository";
import { startVendor, vendors, type OddRegistry } from "../../../support/odd-registries";
import { requireTools } from "../../../support/tools";
import { artifact, TestClients } from "./fixtures";

describe("referrers in registries that differ from the specification", function () {
  this.timeout(60_000);
  before(function () {
    requireTools(this, "registry", "docker-registry", "referrers-registry");
  });

  for (const vendor of vendors) {
    describe(`${vendor.name}, which ${vendor.behavior}`, () => {
      let registry: OddRegistry;
      let clients: TestClients;

      before(async () => {
        registry = await startVendor(vendor);
      });
      after(() => registry?.stop());
      beforeEach(() => {
        clients = new TestClients();
      });
      afterEach(() => clients.close());

      const open = (): Repository => {
        const { host, credentials } = registry;
        const own = credentials ? [{ host, ...credentials }] : [];
        return clients.open({ credentials: own }).repository({ registry: host, path: "acme/app" });
      };

      it("are listed when they were pushed, and not when they were deleted", async () => {
        const repository = open();
        const image = await artifact(repository);
        await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
        const referrer = await artifact(repository, { subject: image.descriptor });
        await repository.putManifest(referrer.bytes, MediaType.ociManifest);
        const listed = async () => (await open().listReferrers(image.digest)).map(({ digest }) => digest);
        assert.deepEqual(await listed(), [referrer.digest]);
        await repository.deleteManifest(referrer.digest);
        assert.deepEqual(await listed(), []);
        assert.equal((await repository.headManifest("v1"))?.digest, image.digest);
      });
    });
  }
});
