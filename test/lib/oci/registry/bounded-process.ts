import { RegistryClient } from "../../../../lib/oci/registry/client";
import { parseRepository } from "../../../../lib/oci/reference";
import { findBundles } from "../../../../lib/sigstore";
import { reportPeak } from "../../../support/peak-memory";

/**
 * Reads one thing of a registry that gives too much: `bounded-process.ts tags|manifest|bundles
 * REPOSITORY DIGEST`.
 */
async function main(): Promise<void> {
  const [what = "", name = "", digest = ""] = process.argv.slice(2);
  const client = new RegistryClient({ retry: { attempts: 1 } });
  const repository = client.repository(parseRepository(name));
  await reportPeak(async () => {
    if (what === "tags") await repository.listTags();
    if (what === "manifest") await repository.getManifest("latest");
    if (what === "referrers") await repository.listReferrers(digest);
    if (what === "bundles") {
      let count = 0;
      for await (const { bundle } of findBundles(repository, digest)) count += bundle ? 1 : 0;
      throw new Error(`${count} bundles`);
    }
  });
  await client.close();
}

void main();
