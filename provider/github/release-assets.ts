import { stat } from "node:fs/promises";
import * as path from "node:path";
import { contentTypeOf, maximumAssetBytes } from "../../lib/github/names";
import type { DesiredAsset, DesiredRelease } from "../../lib/github/plan";
import type { gitHubReleaseDefinition } from "../../resources/definitions/github-release";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

type Inputs = InputsOf<typeof gitHubReleaseDefinition>;
type AssetInput = Inputs["assets"][number];

/**
 * Digest of each declared asset. A file whose digest is declared need not be on this machine: it is
 * asked for when it has to be uploaded.
 *
 * @throws InputError naming the asset and its file
 */
export async function assetDigests(
  context: ResourceContext,
  assets: readonly AssetInput[],
): Promise<Record<string, string>> {
  const findings: Finding[] = [];
  const digests: Record<string, string> = {};
  for (const [index, asset] of assets.entries()) {
    const property = `assets[${index}]`;
    if (Object.hasOwn(digests, asset.name)) {
      const first = assets.findIndex(({ name }) => name === asset.name);
      const reason =
        `${JSON.stringify(asset.name)} is also the name of assets[${first}]: names in a release ` +
        "must be unique";
      findings.push({ property: `${property}.name`, reason });
    }
    try {
      digests[asset.name] = await assetDigest(context, asset);
    } catch (error) {
      const reason = `${JSON.stringify(asset.path)}: ${(error as Error).message}`;
      findings.push({ property: `${property}.path`, reason });
    }
  }
  await context.services.saveHashes();
  if (findings.length > 0) throw new InputError(findings);
  return digests;
}

/**
 * The file of an asset, made where another resource makes it.
 * @throws Error where it is not what it should be
 */
export async function assetFile(context: ResourceContext, asset: AssetInput): Promise<string> {
  try {
    return (await readAsset(context, asset)).file;
  } catch (error) {
    throw new Error(`asset ${asset.name}, file ${asset.path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Returns what a release is to be, in the terms of the protocol. */
export function desiredRelease(inputs: Inputs): DesiredRelease {
  const { tag, title, notes, commit, prerelease, discussionCategory, digests = {} } = inputs;
  return {
    tag,
    title,
    notes,
    target: commit,
    prerelease,
    makeLatest: inputs.makeLatest ?? "highest",
    discussionCategory,
    assets: inputs.assets.map((asset): DesiredAsset => ({
      name: asset.name,
      digest: digests[asset.name] ?? "",
      contentType: asset.contentType ?? contentTypeOf(asset.name),
      replaceable: asset.replaceable ?? false,
    })),
  };
}

async function assetDigest(context: ResourceContext, asset: AssetInput): Promise<string> {
  const file = path.resolve(context.services.project, asset.path);
  if (asset.digest !== undefined) {
    // What the program makes is put right when it is uploaded.
    const isMade = context.services.made.find(asset.path)?.digest === asset.digest;
    if (isMade || !(await stat(file).catch(() => undefined))) return asset.digest;
  }
  return (await readAsset(context, asset)).digest;
}

async function readAsset(
  context: ResourceContext,
  asset: AssetInput,
): Promise<{ file: string; digest: string }> {
  const { services } = context;
  await services.ensureFile(asset.path, context.observer);
  const file = path.resolve(services.project, asset.path);
  const digest = await fileDigest(context, file);
  if (asset.digest !== undefined && digest !== asset.digest) {
    throw new Error(`has the digest ${digest}, not the declared ${asset.digest}`);
  }
  return { file, digest };
}

async function fileDigest(context: ResourceContext, file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new Error("there is no such file; paths are relative to the project's folder");
  if (!found.isFile()) throw new Error("is not a file (an archive of a folder can be an asset)");
  if (found.size > maximumAssetBytes) {
    throw new Error(`has ${found.size} bytes, but GitHub takes assets of up to 2 GiB`);
  }
  return context.services.fileDigest(file);
}
