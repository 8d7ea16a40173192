import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { defaultSumsFile, SumsError } from "../../lib/archive/sums";
import { parseSums, summedAsset, type ListedSum } from "../../lib/archive/sums-reading";
import { executableMismatch, readExecutableFormat, readHeader } from "../../lib/command/executable-format";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestHex, digestOf, isDigest } from "../../lib/oci/digest";
import { parseTarget } from "../../lib/target/target";
import { assetLocation, DownloadError, downloadLimits, isUrl, readText } from "../../lib/release/download";
import type { SignatureVerifier } from "../../lib/sigstore";
import { releaseAssetDefinition } from "../../resources/definitions/release-asset";
import type { KnownAsset } from "../run/asset-store";
import type { ResourceContext } from "../run/context";
import {
  verifyReleased,
  verifyReleasedText,
  type ReadReleased,
  type ReleaseSignature,
} from "../trust/release-signature";
import { otherPlatformWord } from "../../lib/target/name-words";
import { findTarget } from "../../lib/target/target";
import { checkFileName } from "../../lib/text/file-name";
import { inputChanges } from "../run/replacement";
import { openVerifier } from "../trust/signers";
import { asFinding, recordedName } from "../trust/trust";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof releaseAssetDefinition>;

/** An asset and what says that its digest is right. */
type VerifiedAsset = KnownAsset & { readonly verifiedBy: string; readonly signedBy?: string | undefined };

/** Inputs whose change makes another file, or trusts somebody else. */
const declaredInputs = [
  "from",
  "tag",
  "asset",
  "checksums",
  "digest",
  "extract",
  "platform",
  "signature",
  "trusted",
];

/**
 * `slipway:release:Asset`: into the cache only, so at preview too: what is made of it is known
 * before anything is pushed.
 */
export const releaseAssetHandler = resourceHandler(releaseAssetDefinition, {
  // What a released version has does not change; another digest would be refused.
  refreshBeforeUpdate: false,
  computedFrom: ["signature"],

  async compute(context, { signature }) {
    if (signature === undefined) return {};
    const verifier = await asFinding("signature.verifier", () => trustedSigner(context, signature));
    return { trusted: recordedName(verifier) };
  },

  diff(context, desired, oldInputs, observed) {
    const changes = inputChanges(declaredInputs, desired, oldInputs);
    const { assets } = context.services;
    // An earlier version kept the file elsewhere.
    if (observed.path !== assets.pathOf(observed.digest)) changes.path = { kind: "update" };
    if (Object.keys(changes).length === 0) {
      const { location, name, digest } = observed;
      const digests = [digest];
      const paths = [observed.path, ...Object.values(observed.files).map((file) => file.path)];
      assets.register(paths, () => obtain(context, desired, { location, name, digests }));
    }
    return changes;
  },

  id: ({ from, tag, asset }) => `${from}/releases/download/${tag}/${asset}`,

  planned: (_context, { signature }) => (signature ? {} : { signedBy: undefined }),

  async create(context, desired) {
    const { verifiedBy, signedBy: signerOfSums, ...asset } = await find(context, desired);
    const { file, files, signedBy = signerOfSums } = await obtain(context, desired, asset);
    await context.services.saveHashes();
    const { name, location } = asset;
    return { ...desired, ...file, name, location, verifiedBy, signedBy, files };
  },
});

/** Name and digest of the file that is meant. */
async function find(context: ResourceContext, inputs: Inputs): Promise<VerifiedAsset> {
  const { tag, asset, digest } = inputs;
  const base = baseOf(context, inputs);
  const signed = signedPart(inputs);
  if (digest !== undefined && !asset.includes("*") && signed !== "sums") {
    const place = assetLocation(base, tag, asset);
    return { name: asset, digests: [digest], location: place, verifiedBy: "declared digest" };
  }
  const sums = inputs.checksums ?? defaultSumsFile;
  const location = assetLocation(base, tag, sums);
  const text = await smallFile(context, location).catch(withoutSums);
  const signedBy = signed === "sums" ? await verifySums(context, inputs, location, text.content) : undefined;
  await text.keep();
  const all = inSums(location, () => parseSums(text.content));
  const found = inSums(location, () => summedAsset(all, asset, sums));
  checkListed(location, found.name);
  refuseOtherName(location, inputs, found.name, all);
  const listed = found.digests.find(isDigest);
  if (digest !== undefined && listed !== undefined && digest !== listed) {
    throw new Error(
      `${location}: ${found.name} is ${listed} there, and ${digest} was declared: one of them is wrong`,
    );
  }
  const digests = digest === undefined || listed !== undefined ? found.digests : [digest, ...found.digests];
  const verifiedBy = digest === undefined ? sums : "declared digest";
  return { name: found.name, digests, location: assetLocation(base, tag, found.name), verifiedBy, signedBy };
}

/** Tells what is wrong with sums with where they are from. */
function inSums<T>(location: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SumsError)) throw error;
    throw new Error(`${location}: ${error.message}`, { cause: error });
  }
}

/** The name that others chose is one that could have been declared. */
function checkListed(location: string, name: string): void {
  try {
    checkFileName(name);
  } catch (error) {
    throw new Error(`${location} lists a file that is not fetched: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A star that stands for another platform's name is not followed. */
function refuseOtherName(
  location: string,
  { asset, platform }: Inputs,
  name: string,
  listed: readonly ListedSum[],
): void {
  const target = platform === undefined ? undefined : findTarget(platform);
  const word = target && otherPlatformWord(name, target, asset);
  if (word === undefined) return;
  const names = [...new Set(listed.flatMap((sum) => sum.name ?? []))].slice(0, 20).join(", ");
  throw new Error(
    `${location}: ${JSON.stringify(asset)} matches ${name}, whose name says ${JSON.stringify(word)}, and a file for ` +
      `${platform} was declared; it lists ${names}. Name the file of that platform ` +
      `(a valid example: asset: "hello_{os}_{arch}.tar.gz")`,
  );
}

function baseOf({ services }: ResourceContext, { from }: Inputs): string {
  return isUrl(from) ? from : path.resolve(services.project, from);
}

/** Returns what has to be signed; undefined where nothing has to. */
function signedPart({ signature, digest }: Inputs): "sums" | "asset" | undefined {
  return signature && (signature.of ?? (digest === undefined ? "sums" : "asset"));
}

function trustedSigner(
  context: ResourceContext,
  { verifier }: NonNullable<Inputs["signature"]>,
): Promise<SignatureVerifier> {
  return openVerifier(context, verifier);
}

/** The signature that a file of the release has to have. */
async function signatureOf(
  context: ResourceContext,
  inputs: Inputs,
  name: string,
): Promise<ReleaseSignature> {
  const { signature, tag } = inputs;
  if (!signature) throw new Error(`${name}: no signature is declared`);
  return {
    location: assetLocation(baseOf(context, inputs), tag, signature.bundle ?? `${name}.sigstore.json`),
    verifier: await trustedSigner(context, signature),
  };
}

/**
 * Verifies with the bundle of a signature, and keeps the bundle where it holds. Returns who signed.
 */
async function verifiedBundle(
  context: ResourceContext,
  signature: ReleaseSignature,
  verify: (read: ReadReleased) => Promise<string>,
): Promise<string> {
  let bundle: SmallFile | undefined;
  const signedBy = await verify(async () => {
    bundle = await smallFile(context, signature.location);
    return bundle.content;
  });
  await bundle?.keep();
  return signedBy;
}

async function verifySums(
  context: ResourceContext,
  inputs: Inputs,
  location: string,
  text: string,
): Promise<string> {
  const signature = await signatureOf(context, inputs, inputs.checksums ?? defaultSumsFile);
  return verifiedBundle(context, signature, (read) => verifyReleasedText(signature, location, text, read));
}

/** A small file of a release, and how it is kept for when the host cannot be reached. */
interface SmallFile {
  readonly content: string;
  readonly keep: () => Promise<void>;
}

/**
 * A sums file or a bundle; where it cannot be reached, as it was last time: a released version does
 * not change.
 */
async function smallFile(context: ResourceContext, location: string): Promise<SmallFile> {
  const { project } = context.services;
  const kept = path.join(
    project,
    ".slipway/cache/downloads",
    `sums-${digestHex(digestOf(location)).slice(0, 24)}`,
  );
  try {
    const content = await readText(location, context.signal, downloadLimits, context.services.onWait);
    return { content, keep: () => writeFileAtomically(kept, content) };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const earlier = error.temporary ? await readFile(kept, "utf8").catch(() => undefined) : undefined;
    if (earlier !== undefined) {
      context.say(
        "warning",
        `${location} cannot be reached; it is assumed to be unchanged: ${error.message}`,
      );
      return { content: earlier, keep: async () => undefined };
    }
    throw error;
  }
}

function withoutSums(error: unknown): never {
  if (!(error instanceof DownloadError) || !error.missing) throw error;
  throw new Error(
    `${error.message}. Without sums nothing can be verified: declare the digest, or the name ` +
      "of the sums file",
    { cause: error },
  );
}

async function obtain(context: ResourceContext, inputs: Inputs, asset: KnownAsset) {
  const { assets } = context.services;
  const { extract } = inputs;
  let signedBy: string | undefined;
  const accept = async (file: string) => {
    const signature = await signatureOf(context, inputs, asset.name);
    signedBy = await verifiedBundle(context, signature, (read) =>
      verifyReleased(signature, asset.location, file, read),
    );
  };
  const onProgress = (bytes: number) => context.status(`${asset.name}: ${Math.floor(bytes / 1024)} KiB`);
  const isSigned = signedPart(inputs) === "asset";
  const file = await assets.fetch(asset, onProgress, context.signal, isSigned ? accept : undefined);
  const files = extract === undefined ? {} : await assets.extract(asset, file.digest, extract);
  await refuseOtherPrograms(context, inputs, asset, files);
  return { file, signedBy, files };
}

/**
 * Sums say that a file is what its project released, not that it is the one that was meant: a
 * pattern can match the file of another platform.
 */
async function refuseOtherPrograms(
  { services }: ResourceContext,
  { platform }: Inputs,
  { name, location }: KnownAsset,
  files: Readonly<Record<string, { path: string }>>,
): Promise<void> {
  if (platform === undefined) return;
  for (const [member, { path: file }] of Object.entries(files)) {
    const header = await readHeader(path.resolve(services.project, file));
    if (readExecutableFormat(header) === undefined) continue;
    const mismatch = executableMismatch(header, parseTarget(platform));
    if (mismatch === undefined) continue;
    throw new Error(
      `${location}: ${member} in ${name} is not for ${platform}: ${mismatch}. Name the file of that platform ` +
        `(a valid example: asset: "hello_{os}_{arch}.tar.gz")`,
    );
  }
}
