import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestFileName, digestOf, shortDigest } from "../../lib/oci/digest";
import { defined } from "../../lib/objects/defined";
import type { Evidence } from "../../resources/definitions/evidence";
import { fileSignatureDefinition } from "../../resources/definitions/file-signature";
import { InputError } from "../../resources/definitions/input-findings";
import {
  encodeBundle,
  parseBundle,
  PredicateType,
  signedByText,
  VerificationError,
  type SignatureVerifier,
  type SignedBy,
  type Signer,
} from "../../lib/sigstore";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { placedDigest, removeOwn, removePlaced, type PlacedContent } from "../run/placed-files";
import { publishedBundles } from "./published-bundle";
import { openSigner } from "./signers";
import { noteThrowAwayKeysOf } from "./throw-away-keys";
import { declaredSigner, recordedName, recordedSigner, verifiedEvidence } from "./trust";
import type { Changes, InputsOf, StateOf, WrittenFile } from "../run/resource";
import { resourceHandler, unknownOutputs } from "../run/resource-handler";
import { hasUnknown } from "../base/unknown";

type Inputs = InputsOf<typeof fileSignatureDefinition>;
type State = StateOf<typeof fileSignatureDefinition>;
type DeclaredFile = Inputs["files"][number];
type FileBundle = State["bundles"][number];

/** A signature that holds. */
interface Proof extends Omit<FileBundle, "path" | "bundle" | "digest"> {
  readonly evidence: Evidence;
}

/** Signature that was found of one file. */
interface Found {
  readonly file: DeclaredFile;
  /** Digest of the content; undefined where it is not known, for the file does not exist. */
  readonly digest?: string | undefined;
  readonly proof?: Proof | undefined;
  /** Why there is no signature that holds. */
  readonly problem?: string | undefined;
}

/** Outputs of files that are signed by an update. */
const laterOutputs = { ...unknownOutputs(fileSignatureDefinition), missing: [], publicKey: undefined };

/**
 * Largest bundle that is kept in the state, in bytes: one with a certificate and the log's proof has
 * some ten thousand.
 */
const keptBundleBytes = 64 * 1024;

/**
 * `slipway:trust:FileSignature`: a bundle beside each file. What is signed once is not signed again:
 * another signature would be another file of the release.
 */
export const fileSignatureHandler = resourceHandler(fileSignatureDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["signer"],
  written: bundlesOf,

  refuse(context, declared) {
    if (!hasUnknown(declared.files) && !hasUnknown(declared.directory)) refuseSameBundle(context, declared);
  },

  compute: async (context, { signer }) => ({
    signedBy: recordedName(await declaredSigner(context, signer)),
  }),

  diff(context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["files", "directory", "signedBy"], desired, oldInputs);
    if (observed.missing.length > 0) return { ...changes, missing: { kind: "update" } };
    registerBundles(context, desired, observed.bundles);
    return changes;
  },

  id: () => "files",

  planned: () => laterOutputs,

  create: (context, desired) => bring(context, desired, undefined),

  async update(context, desired, oldInputs, observed) {
    // What another signer has signed is signed anew.
    const sameSigner = desired.signedBy === oldInputs.signedBy;
    const state = await bring(context, desired, sameSigner ? observed : undefined);
    if (!context.preview) await removePlaced(context.services, placesOf(observed));
    return state;
  },

  async observe(context, inputs, state) {
    noteThrowAwayKeysOf(context.run, state.evidence);
    const verifier = await recordedSigner(context, state.publicKey, inputs.signer);
    const look = async (file: DeclaredFile): Promise<Found> => {
      const digest = file.digest ?? (await placedDigest(context.services, file.path));
      const proof = digest && (await recordedProof(context, inputs, { file, digest }, state, verifier));
      return proof ? { file, digest, proof } : findBeside(context, inputs, file, verifier);
    };
    return { state: stateOf(inputs, verifier, await Promise.all(inputs.files.map(look))) };
  },

  delete: (context, _id, _inputs, state) => removeOwn(context, placesOf(state)),
});

/** @param observed what the last run has, where the same signer has made it */
async function bring(context: ResourceContext, desired: Inputs, observed: State | undefined): Promise<State> {
  const verifier = await declaredSigner(context, desired.signer);
  const found: Found[] = [];
  for (const file of desired.files)
    found.push(await findSignature(context, desired, file, observed, verifier));
  const open = found.filter(({ proof }) => proof === undefined);
  if (context.preview && open.length > 0) return { ...desired, ...laterOutputs };
  if (context.preview) return stateOf(desired, verifier, found);
  const signer = open.length > 0 ? await openSigner(context, desired.signer) : undefined;
  const whole: Found[] = [];
  for (const one of found) {
    context.signal.throwIfAborted();
    whole.push(one.proof || !signer ? one : await sign(context, one, signer, verifier));
  }
  const state = stateOf(desired, verifier, whole);
  registerBundles(context, desired, state.bundles);
  // A signature of an earlier version of this state may be elsewhere only, and is not needed here.
  for (const { bundle, content } of state.bundles)
    if (content !== undefined) await context.services.made.ensure(bundle);
  return state;
}

/** Signs a file that is as it was declared. */
async function sign(
  context: ResourceContext,
  { file }: Found,
  signer: Signer,
  verifier: SignatureVerifier,
): Promise<Found> {
  const source = path.resolve(context.services.project, file.path);
  const digest = await placedDigest(context.services, file.path);
  if (digest === undefined) throw new Error(`${file.path}, which is to be signed, does not exist`);
  if (file.digest !== undefined && digest !== file.digest) {
    throw new Error(
      `${file.path} is ${digest}, and what is to be signed is ${file.digest}: ` +
        "the file changed after it was made. Make it again.",
    );
  }
  const bundle = await signer.signFile(source);
  // Between reading for the digest and for the signature the file may have changed.
  const signedBy = await verifier.verifyFile(bundle, source);
  return { file, digest, proof: proofOf(context, digest, encodeBundle(bundle), signedBy) };
}

/**
 * Returns the signature of a file that is taken: that of the last run, one that is published, or one
 * beside it, in this order, for what is published does not change.
 */
async function findSignature(
  context: ResourceContext,
  desired: Inputs,
  file: DeclaredFile,
  observed: State | undefined,
  verifier: SignatureVerifier,
): Promise<Found> {
  const { services } = context;
  const digest = file.digest ?? (await placedDigest(services, file.path));
  if (digest === undefined) return { file, problem: `${file.path} does not exist` };
  const recorded = observed && (await recordedProof(context, desired, { file, digest }, observed, verifier));
  if (recorded) return { file, digest, proof: recorded };
  if (!context.preview) await services.ensureFile(file.path, context.observer);
  const source = await sourceOf(context, file, digest);
  if (source !== undefined) {
    const name = path.basename(bundleName(desired, file));
    for await (const bytes of publishedBundles(context, desired.published ?? [], name)) {
      const proof = await verified(context, digest, bytes, source, verifier).catch(notVerified);
      if (proof) return { file, digest, proof };
    }
  }
  return findBeside(context, desired, file, verifier);
}

/**
 * Returns the signature that the last run had of a file with this digest; undefined where it had
 * none, or it does not hold any more.
 */
async function recordedProof(
  context: ResourceContext,
  inputs: Inputs,
  { file, digest }: { file: DeclaredFile; digest: string },
  state: State,
  verifier: SignatureVerifier,
): Promise<Proof | undefined> {
  const recorded = state.bundles.find((one) => one.digest === digest);
  const evidence = state.evidence.find(
    (one) => one.subject === digest && one.bundleDigest === recorded?.bundleDigest,
  );
  if (!recorded || !evidence) return undefined;
  const { bundleDigest, by } = recorded;
  const content = recorded.content ?? (await besideText(context, inputs, file, bundleDigest));
  const source = content === undefined ? undefined : await sourceOf(context, file, digest);
  if (content !== undefined && source !== undefined) {
    return verified(context, digest, Buffer.from(content, "utf8"), source, verifier).catch(notVerified);
  }
  // By digests it is the one that was verified, but a file of which nothing else tells the digest
  // has to be there.
  return file.digest === undefined ? undefined : { by, bundleDigest, content, evidence };
}

/** Looks at a file and at the bundle beside it. */
async function findBeside(
  context: ResourceContext,
  inputs: Inputs,
  file: DeclaredFile,
  verifier: SignatureVerifier,
): Promise<Found> {
  const digest = await placedDigest(context.services, file.path);
  if (digest === undefined) return { file, problem: `${file.path} does not exist` };
  if (file.digest !== undefined && digest !== file.digest) {
    const problem = `${file.path} is ${shortDigest(digest)}, not ${shortDigest(file.digest)}`;
    return { file, digest, problem };
  }
  const bundle = bundleName(inputs, file);
  try {
    const bytes = await readFile(path.resolve(context.services.project, bundle));
    const source = path.resolve(context.services.project, file.path);
    return { file, digest, proof: await verified(context, digest, bytes, source, verifier) };
  } catch (error) {
    if (isMissingFile(error)) return { file, digest, problem: `${bundle} is gone` };
    if (!(error instanceof VerificationError)) throw error;
    return { file, digest, problem: `${bundle} ${error.message}` };
  }
}

/** Returns the bundle beside a file, where it is the one with a digest. */
async function besideText(
  { services }: ResourceContext,
  inputs: Inputs,
  file: DeclaredFile,
  bundleDigest: string,
): Promise<string | undefined> {
  const bundle = bundleName(inputs, file);
  if ((await placedDigest(services, bundle)) !== bundleDigest) return undefined;
  return readFile(path.resolve(services.project, bundle), "utf8");
}

/**
 * Returns where the content of a file can be read that has a digest, a preview included; undefined
 * for nowhere.
 */
async function sourceOf(
  { services }: ResourceContext,
  file: DeclaredFile,
  digest: string,
): Promise<string | undefined> {
  if ((await placedDigest(services, file.path)) === digest) return path.resolve(services.project, file.path);
  const sums = services.madeSums.get(digest);
  if (sums === undefined) return undefined;
  const copy = path.join(services.project, ".slipway", "cache", "sums", digestFileName(digest));
  await writeFileAtomically(copy, sums);
  return copy;
}

/** @throws VerificationError */
async function verified(
  context: ResourceContext,
  digest: string,
  bytes: Buffer,
  source: string,
  verifier: SignatureVerifier,
): Promise<Proof> {
  return proofOf(context, digest, bytes, await verifier.verifyFile(parseBundle(bytes), source));
}

function notVerified(error: unknown): undefined {
  if (error instanceof VerificationError) return undefined;
  throw error;
}

function proofOf({ run }: ResourceContext, digest: string, bytes: Buffer, signedBy: SignedBy): Proof {
  const bundleDigest = digestOf(bytes);
  const text = bytes.toString("utf8");
  const isKept = bytes.length <= keptBundleBytes && digestOf(text) === bundleDigest;
  return {
    by: signedByText(signedBy),
    bundleDigest,
    content: isKept ? text : undefined,
    evidence: { ...verifiedEvidence(run, digest, PredicateType.cosignSign, signedBy), bundleDigest },
  };
}

/** Makes known how bundles are placed, for whoever needs them. */
function registerBundles(
  context: ResourceContext,
  { published = [] }: Inputs,
  bundles: readonly FileBundle[],
): void {
  const { services, urn } = context;
  services.made.declare(
    urn,
    bundles.map(({ bundle, bundleDigest, content }) => ({
      path: bundle,
      digest: bundleDigest,
      place: async () => {
        if ((await placedDigest(services, bundle)) === bundleDigest) return;
        const bytes = content ?? (await publishedContent(context, published, bundle, bundleDigest));
        await writeFileAtomically(path.resolve(services.project, bundle), bytes);
      },
    })),
  );
}

async function publishedContent(
  context: ResourceContext,
  published: NonNullable<Inputs["published"]>,
  bundle: string,
  bundleDigest: string,
): Promise<Buffer> {
  for await (const bytes of publishedBundles(context, published, path.basename(bundle))) {
    if (digestOf(bytes) === bundleDigest) return bytes;
  }
  throw new Error(
    `${bundle} was ${bundleDigest}, and is neither on this machine nor in a release: put it back from another ` +
      "machine or a backup, or release under a new version",
  );
}

function placesOf({ bundles }: State): PlacedContent[] {
  return bundles.map(({ bundle, bundleDigest }) => ({ path: bundle, digest: bundleDigest }));
}

/** Two files of one name would overwrite each other's bundle in one folder. */
function refuseSameBundle(context: ResourceContext, inputs: Inputs): void {
  const paths = inputs.files.map((file) => bundlePath(context, inputs, file));
  const index = paths.findIndex((one, position) => paths.indexOf(one) !== position);
  if (index < 0) return;
  throw new InputError([
    {
      property: `files[${index}].path`,
      reason:
        `${JSON.stringify(inputs.files[index]?.path)} has the same bundle as another file, ` +
        `${bundleName(inputs, inputs.files[index] ?? { path: "" })}`,
    },
  ]);
}

/** The bundles, as far as it is known where they go. */
function bundlesOf(inputs: Inputs): WrittenFile[] {
  const { directory, files } = inputs;
  if (hasUnknown(directory) || !Array.isArray(files)) return [];
  return files.flatMap((file, index) =>
    hasUnknown(file)
      ? []
      : [
          {
            property: directory === undefined ? `files[${index}].path` : "directory",
            path: bundleName(inputs, file),
          },
        ],
  );
}

/** Path of a file's bundle, as the program would write it. */
function bundleName({ directory }: Inputs, { path: file }: DeclaredFile): string {
  return `${directory === undefined ? file : path.join(directory, path.basename(file))}.sigstore.json`;
}

function bundlePath(context: ResourceContext, inputs: Inputs, file: DeclaredFile): string {
  return path.resolve(context.services.project, bundleName(inputs, file));
}

function stateOf(inputs: Inputs, verifier: SignatureVerifier, found: readonly Found[]): State {
  const signed = found.flatMap(({ file, digest, proof }) =>
    digest === undefined || proof === undefined ? [] : [{ file, digest, proof }],
  );
  return {
    ...inputs,
    bundles: signed.map(({ file, digest, proof: { evidence: _evidence, ...proof } }): FileBundle =>
      defined({ path: file.path, bundle: bundleName(inputs, file), digest, ...proof }),
    ),
    missing: found.flatMap(({ problem }) => problem ?? []),
    evidence: signed.map(({ proof }) => proof.evidence),
    publicKey: verifier.publicKey,
  };
}
