import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { registryKinds } from "../../../lib/registry-kinds/kinds";
import { registriesCheck } from "../../../provider/doctor/checks/registries";
import { crane } from "../../support/clients";
import { refusal } from "../../support/odd-registries/exchange";
import { startFront } from "../../support/odd-registries/front";
import { githubNotFound } from "../../support/odd-registries/github";
import { nameOf, servicePassword, services, startService } from "../../support/odd-registries/services";
import { startDistribution, type TestRegistry } from "../../support/registries";
import { requireTools } from "../../support/tools";
import { AskingPlace, lines } from "./asking";

describe("slipway doctor and kinds of registries (CAP-02, BLEU-03)", () => {
  let place: AskingPlace;
  let registry: TestRegistry;

  before(async function () {
    requireTools(this, "registry", "crane");
    registry = await startDistribution();
    place = await AskingPlace.open();
    await writeFile(join(place.project, "empty.tar"), Buffer.alloc(1024));
  });
  after(async () => {
    await place?.close();
    await registry?.stop();
  });

  const append = (repository: string) =>
    crane([
      "append",
      "--new_layer",
      join(place.project, "empty.tar"),
      "--new_tag",
      `${registry.host}/${repository}:v1`,
    ]);

  for (const service of services) {
    it(`says what is run there, what it can, and why it refuses: ${nameOf(service)}`, async () => {
      await append(service.repository);
      const front = await startService(service, registry.port);
      try {
        const { host } = front;
        const config = { registries: [{ host, username: service.username, password: servicePassword }] };
        const ask = async (repository: string) =>
          place.ask(registriesCheck, [
            { type: "slipway:oci:Image", inputs: { repository: `${host}/${repository}` }, config },
          ]);
        const found = lines(await ask(service.repository));
        const { name, madeFirst } = registryKinds[service.kind];
        const made = madeFirst
          ? `before the first push has to be made ${madeFirst.what}`
          : "made by the first push";
        for (const line of [
          `ok: ${host}: answers, and takes the credentials`,
          `ok: ${host}/${service.repository}: may be pushed to: an upload was started and canceled`,
          `ok: ${host} (can): referrers API: no`,
          `ok: ${host} (can): mounting of blobs: yes`,
          `ok: ${host} (can): repositories: ${made}`,
        ]) {
          assert.ok(found.includes(line), found.join("\n"));
        }
        assert.ok(
          found.some((line) => line.startsWith(`ok: ${host} (can): ${name}: `)),
          found.join("\n"),
        );
        for (const { repository, says } of service.refusals) {
          const refused = (await ask(repository)).find(({ status }) => status === "failure");
          assert.match(`${refused?.text}\n${refused?.remedy}`, says);
        }
      } finally {
        await front.stop();
      }
    });
  }

  it("cancels the upload that begins where a blob is not mounted", async () => {
    await append("acme/unmounted");
    // What a registry does that does not mount: it begins an upload (distribution-spec 1.1).
    const front = await startFront(registry.port, ({ kind, query, path, pass }) =>
      kind === "uploads" && query.has("mount") ? pass({ path: path.split("?")[0] ?? "" }) : pass(),
    );
    try {
      const repository = `${front.host}/acme/unmounted`;
      const found = lines(
        await place.ask(registriesCheck, [{ type: "slipway:oci:Image", inputs: { repository } }]),
      );
      assert.ok(found.includes(`ok: ${front.host} (can): mounting of blobs: no`), found.join("\n"));
      const begun = front.requests.filter(({ method, status }) => method === "POST" && status === 202);
      const canceled = front.requests.filter(
        ({ method, path }) => method === "DELETE" && path.includes("/blobs/uploads/"),
      );
      assert.equal(begun.length, 2);
      assert.equal(canceled.length, 2);
    } finally {
      await front.stop();
    }
  });

  it("takes a web page for no referrers API, wherever it is", async () => {
    await append("acme/paged");
    const front = await startFront(registry.port, githubNotFound.behave());
    try {
      const repository = `${front.host}/acme/paged`;
      const found = lines(
        await place.ask(registriesCheck, [{ type: "slipway:oci:Image", inputs: { repository } }]),
      );
      assert.ok(found.includes(`ok: ${front.host} (can): referrers API: no`), found.join("\n"));
    } finally {
      await front.stop();
    }
  });

  it("does not know what a registry refuses to say", async () => {
    await append("acme/silent");
    const front = await startFront(registry.port, ({ kind, query, pass }) =>
      kind === "uploads" && query.has("mount") ? refusal(400, "UNSUPPORTED", "no mount here") : pass(),
    );
    try {
      const repository = `${front.host}/acme/silent`;
      const found = lines(
        await place.ask(registriesCheck, [{ type: "slipway:oci:Image", inputs: { repository } }]),
      );
      const line = `not asked: ${front.host} (can): mounting of blobs: known after the first push`;
      assert.ok(found.includes(line), found.join("\n"));
    } finally {
      await front.stop();
    }
  });
});
