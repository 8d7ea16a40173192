import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { parseSums } from "../../archive/sums";
import { writeFileAtomically } from "../../oci/atomic-file";
import { digestHex, digestOf } from "../../oci/digest";
import { assetLocation, DownloadError, isUrl, readText } from "../../release/download";
import { releaseAssetDefinition } from "../../schema/release-asset";
import type { KnownAsset } from "../asset-store";
import type { ResourceContext } from "../context";
import { inputChanges } from "../replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../resource";
import { hasUnknown, unknown } from "../unknown";

type Inputs = InputsOf<typeof releaseAssetDefinition>;
type State = StateOf<typeof releaseAssetDefinition>;

const defaultSums = "SHA256SUMS";

/** An asset and what says that its digest is right. */
type VerifiedAsset = KnownAsset & { readonly verifiedBy: string };

/** `slipway:release:Asset`: into the cache only, so at preview too: what is made of it is known before anything is pushed. */
export const releaseAssetHandler: ResourceHandler<Inputs, State> = {
  definition: releaseAssetDefinition,
  // What a released version has does not change; another digest would be refused.
  refreshBeforeUpdate: false,

  async check(_context, inputs) {
    return inputs;
  },

  async diff(context, desired, oldInputs, observed) {
    const changes = inputChanges(["from", "tag", "asset", "sums", "digest", "extract"], desired, oldInputs);
    if (Object.keys(changes).length === 0) {
      const { location, name, digest } = observed;
      const paths = [observed.path, ...Object.values(observed.files).map((file) => file.path)];
      context.services.assets.register(paths, () => obtain(context, desired, { location, name, digest }));
    }
    return changes;
  },

  async create(context, desired) {
    const id = `${desired.from}/releases/download/${desired.tag}/${desired.asset}`;
    if (hasUnknown(desired)) return { id, state: unfetched(desired) };
    const { verifiedBy, ...asset } = await find(context, desired);
    const { file, files } = await obtain(context, desired, asset);
    await context.services.saveHashes();
    const { name, location } = asset;
    return { id, state: { ...desired, ...file, name, location, verifiedBy, files } };
  },

  async read(_context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error("slipway:release:Asset cannot be imported: declare it, and it is fetched");
    return { id, inputs, state };
  },

  async update(context, desired) {
    return (await releaseAssetHandler.create(context, desired)).state;
  },

  async delete() {
    // A fetched file is a cache entry; it goes with the cache.
  },
};

/** Name and digest of the file that is meant. */
async function find(context: ResourceContext, inputs: Inputs): Promise<VerifiedAsset> {
  const { tag, asset, digest } = inputs;
  const base = isUrl(inputs.from) ? inputs.from : path.resolve(context.services.project, inputs.from);
  if (digest !== undefined && !asset.includes("*")) {
    return { name: asset, digest, location: assetLocation(base, tag, asset), verifiedBy: "declared digest" };
  }
  const sums = inputs.sums ?? defaultSums;
  const location = assetLocation(base, tag, sums);
  const listed = parseSums(await sumsText(context, location));
  const pattern = new RegExp(`^${asset.split("*").map(escaped).join(".*")}$`);
  const [found, ...others] = listed.filter(({ name }) => pattern.test(name));
  if (!found || others.length > 0) {
    const names = (found ? [found, ...others] : listed).map(({ name }) => name).slice(0, 20);
    throw new Error(
      `${location}: ${found ? `${others.length + 1} files match` : "no file matches"} ${JSON.stringify(asset)}; ` +
        `${found ? "they are" : "it lists"} ${names.join(", ")}`,
    );
  }
  if (digest !== undefined && digest !== found.digest) {
    throw new Error(
      `${location}: ${found.name} is ${found.digest} there, and ${digest} was declared: one of both is wrong`,
    );
  }
  const verifiedBy = digest === undefined ? sums : "declared digest";
  return { ...found, location: assetLocation(base, tag, found.name), verifiedBy };
}

/** Text of a sums file; where it cannot be reached, as it was last time: a released version does not change. */
async function sumsText(context: ResourceContext, location: string): Promise<string> {
  const { project } = context.services;
  const kept = path.join(
    project,
    ".slipway/cache/downloads",
    `sums-${digestHex(digestOf(location)).slice(0, 24)}`,
  );
  try {
    const text = await readText(location, context.signal);
    await writeFileAtomically(kept, text);
    return text;
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const earlier = error.temporary ? await readFile(kept, "utf8").catch(() => undefined) : undefined;
    if (earlier !== undefined) {
      context.say("warning", `${location} cannot be reached; it is taken to be as it was: ${error.message}`);
      return earlier;
    }
    if (!error.missing) throw error;
    throw new Error(
      `${error.message}. Without sums nothing can be verified: declare the digest, or the name of the sums file`,
      {
        cause: error,
      },
    );
  }
}

async function obtain(context: ResourceContext, { extract }: Inputs, asset: KnownAsset) {
  const { assets } = context.services;
  const onProgress = (bytes: number) => context.status(`${asset.name}: ${Math.floor(bytes / 1024)} KiB`);
  const file = await assets.fetch(asset, onProgress, context.signal);
  return { file, files: extract === undefined ? {} : await assets.extract(asset, extract) };
}

function unfetched(inputs: Inputs): State {
  const names = ["name", "location", "path", "digest", "size", "verifiedBy", "files"];
  return { ...inputs, ...Object.fromEntries(names.map((name) => [name, unknown])) } as unknown as State;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
