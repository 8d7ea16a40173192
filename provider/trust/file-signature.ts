import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestOf, shortDigest } from "../../lib/oci/digest";
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
} from "../../lib/sigstore";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
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

/** Signature that was found of one file. */
interface Found {
  file: DeclaredFile;
  /** Digest of the content; undefined where the file does not exist. */
  digest?: string;
  /** Who signed, where a bundle holds. */
  signedBy?: SignedBy;
  /** Digest of that bundle. */
  bundleDigest?: string;
  /** Why no bundle holds. */
  problem?: string;
}

/** Outputs of files that are signed by an update. */
const laterOutputs = { ...unknownOutputs(fileSignatureDefinition), missing: [], publicKey: undefined };

/** `slipway:trust:FileSignature`: a bundle beside each file. */
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

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["files", "directory", "signedBy"], desired, oldInputs);
    return observed.missing.length > 0 ? { ...changes, missing: { kind: "update" } } : changes;
  },

  id: () => "files",

  planned: () => laterOutputs,

  create: bring,

  async observe(context, inputs, state) {
    noteThrowAwayKeysOf(context.run, state.evidence);
    const verifier = await recordedSigner(context, state.publicKey, inputs.signer);
    return { state: stateOf(context, inputs, verifier, await search(context, inputs, verifier)) };
  },

  delete(context, _id, inputs) {
    context.say("info", `the bundles of ${inputs.files.length} files stay where they are`);
  },
});

async function bring(context: ResourceContext, desired: Inputs): Promise<State> {
  const verifier = await declaredSigner(context, desired.signer);
  const found = await search(context, desired, verifier);
  const open = found.filter(({ problem }) => problem !== undefined);
  if (context.preview && open.length > 0) return { ...desired, ...laterOutputs };
  if (context.preview) return stateOf(context, desired, verifier, found);
  if (open.length > 0) {
    const signer = await openSigner(context, desired.signer);
    for (const one of open) {
      context.signal.throwIfAborted();
      const source = path.resolve(context.services.project, one.file.path);
      if (one.digest === undefined)
        throw new Error(`${one.file.path}, which is to be signed, does not exist`);
      if (one.file.digest !== undefined && one.digest !== one.file.digest) {
        throw new Error(
          `${one.file.path} is ${one.digest}, and what is to be signed is ${one.file.digest}: ` +
            "the file changed after it was made. Make it again.",
        );
      }
      const bundle = await signer.signFile(source);
      // Between reading for the digest and for the signature the file may have changed.
      one.signedBy = await verifier.verifyFile(bundle, source);
      const bytes = encodeBundle(bundle);
      await writeFileAtomically(bundlePath(context, desired, one.file), bytes);
      one.bundleDigest = digestOf(bytes);
      delete one.problem;
    }
  }
  return stateOf(context, desired, verifier, found);
}

/** Looks at the files, and at the bundles that are there. */
async function search(
  context: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
): Promise<Found[]> {
  return Promise.all(
    inputs.files.map(async (file): Promise<Found> => {
      const source = path.resolve(context.services.project, file.path);
      try {
        const digest = await context.services.fileDigest(source);
        if (file.digest !== undefined && digest !== file.digest) {
          const problem = `${file.path} is ${shortDigest(digest)}, not ${shortDigest(file.digest)}`;
          return { file, digest, problem };
        }
        return await searchBundle(context, inputs, verifier, { file, digest }, source);
      } catch (error) {
        if (!isMissingFile(error)) throw error;
        return { file, problem: `${file.path} does not exist` };
      }
    }),
  );
}

async function searchBundle(
  context: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
  found: Found,
  source: string,
): Promise<Found> {
  const { file } = found;
  try {
    const bytes = await readFile(bundlePath(context, inputs, file));
    const signedBy = await verifier.verifyFile(parseBundle(bytes), source);
    return { ...found, signedBy, bundleDigest: digestOf(bytes) };
  } catch (error) {
    if (isMissingFile(error)) return { ...found, problem: `${bundleName(inputs, file)} is gone` };
    if (!(error instanceof VerificationError)) throw error;
    return { ...found, problem: `${bundleName(inputs, file)} ${error.message}` };
  }
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

function stateOf(
  { run }: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
  found: readonly Found[],
): State {
  const signed = found.flatMap(({ file, digest, signedBy, bundleDigest, problem }) =>
    problem === undefined && digest !== undefined && signedBy !== undefined && bundleDigest !== undefined
      ? [{ path: file.path, bundle: bundleName(inputs, file), bundleDigest, digest, signedBy }]
      : [],
  );
  const bundles = signed.map(({ signedBy, ...bundle }): FileBundle => ({
    ...bundle,
    by: signedByText(signedBy),
  }));
  return {
    ...inputs,
    bundles,
    missing: found.flatMap(({ problem }) => problem ?? []),
    evidence: signed.map(({ digest, signedBy, bundleDigest }) => ({
      ...verifiedEvidence(run, digest, PredicateType.cosignSign, signedBy),
      bundleDigest,
    })),
    publicKey: verifier.publicKey,
  };
}
