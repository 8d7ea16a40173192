import {
  addLegacySignature,
  attachBundle,
  buildStatement,
  findLegacySignature,
  findStatement,
  PredicateType,
  signedByText,
  type SignatureVerifier,
  type SignedBy,
  type Signer,
} from "../../lib/sigstore";
import { shortDigest } from "../../lib/oci/digest";
import { ReferrersRefusedError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import type { Subject } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import { signatureDefinition } from "../../resources/definitions/signature";
import { allOrNone } from "../base/all-or-none";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { listAgain } from "./list-again";
import { openSigner } from "./signers";
import { noteThrowAwayKeysOf, refuseThrowAwayElsewhere } from "./throw-away-keys";
import { declaredSigner, recordedName, recordedSigner, subjectName, verifiedEvidence } from "./trust";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { unknown } from "../base/unknown";
import { defined } from "../../lib/objects/defined";

type Inputs = InputsOf<typeof signatureDefinition>;
type State = StateOf<typeof signatureDefinition>;
type Signature = State["signatures"][number];

/** Findings about one subject. */
interface Found {
  subject: Subject;
  /** Digest of the referrer with a signature that holds. */
  referrer?: string;
  /** Digest of the signatures in the older scheme, where one of them holds. */
  legacyReferrer?: string;
  /** Who made one of them. */
  signedBy?: SignedBy;
  /** The signature of an earlier run, where it is in the registry and not listed. */
  unlisted?: Signature;
  /** Why there is no signature that holds; undefined where there is all that is asked for. */
  problem?: string;
}

/**
 * `slipway:trust:Signature`: cosign adds a signature at each run; this one adds none where one
 * holds.
 */
export const signatureHandler = resourceHandler(signatureDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["signer"],

  refuse(context, { legacy, signer, repository }) {
    if (legacy && signer.keyless) {
      throw new InputError([
        {
          property: "legacy",
          reason: "needs a signer with `key` or `kms`: a certificate goes with a bundle only",
        },
      ]);
    }
    return refuseThrowAwayElsewhere(signer, repository, context.services.project);
  },

  compute: async (context, { signer }) => ({
    signedBy: recordedName(await declaredSigner(context, signer)),
  }),

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["subjects", "legacy", "annotations", "signedBy"], desired, oldInputs);
    return observed.missing.length > 0 ? { ...changes, missing: { kind: "update" } } : changes;
  },

  id: ({ repository }) => repository,

  planned: () => ({ missing: [], publicKey: undefined }),

  create: (context, desired) => bring(context, desired, []),

  async update(context, desired, _oldInputs, { missing, signatures }) {
    if (missing.length > 0 && !context.preview) {
      await listAgain(await context.services.repository(desired.repository), signatures);
    }
    return bring(context, desired, signatures);
  },

  async observe(context, inputs, state) {
    noteThrowAwayKeysOf(context.run, state.evidence);
    const verifier = await recordedSigner(context, state.publicKey, inputs.signer);
    const found = await search(context, inputs, verifier, state.signatures);
    for (const { problem } of found) if (problem !== undefined) context.say("warning", problem);
    return { state: stateOf(context, inputs, verifier, found) };
  },

  delete(context, _id, inputs) {
    context.sayRetained(`What is signed in ${inputs.repository}`);
  },
});

/** Finds the signatures that hold, and makes those that are missing. */
async function bring(
  context: ResourceContext,
  desired: Inputs,
  earlier: readonly Signature[],
): Promise<State> {
  const verifier = await declaredSigner(context, desired.signer);
  const found = await search(context, desired, verifier, earlier);
  if (context.preview) return stateOf(context, desired, verifier, found, true);
  if (found.some(({ problem }) => problem !== undefined)) {
    const signer = await openSigner(context, desired.signer);
    refuseOtherKey(desired, verifier, signer);
    const repository = await context.services.repository(desired.repository);
    let made = 0;
    await allOrNone(
      context.signal,
      found.filter(({ problem }) => problem !== undefined),
      async (one, signal) => {
        await sign(context, repository, desired, signer, one, signal);
        context.status(`signed ${++made} of ${found.length}`);
      },
    );
  }
  return stateOf(context, desired, verifier, found);
}

/** The public key may come from the file beside the private one, which need not belong to it. */
function refuseOtherKey(desired: Inputs, verifier: SignatureVerifier, signer: Signer): void {
  if (signer.verifier.name === verifier.name) return;
  throw new Error(
    `the private key ${desired.signer.key ?? ""} is ${signer.verifier.name}, and the public key beside it is ${verifier.name}: ` +
      "they do not belong together. Write the public one again with `cosign public-key --key KEY`.",
  );
}

/** Makes what is missing of one subject. */
async function sign(
  context: ResourceContext,
  repository: Repository,
  { annotations, legacy }: Inputs,
  signer: Signer,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { digest } = found.subject;
  let refusal: ReferrersRefusedError | undefined;
  if (found.referrer === undefined) {
    const { descriptor } = await context.services.manifest(repository, digest);
    const subject = defined({ digest, annotations });
    const bundle = await signer.signStatement(buildStatement([subject], PredicateType.cosignSign, {}));
    found.signedBy = await signer.verifier.verifyEnvelope(bundle);
    try {
      const attached = attachBundle(repository, descriptor, bundle, PredicateType.cosignSign, { signal });
      found.referrer = (await attached).digest;
    } catch (error) {
      if (!legacy || !(error instanceof ReferrersRefusedError)) throw error;
      refusal = error;
    }
  }
  if (legacy && found.legacyReferrer === undefined) {
    found.legacyReferrer = await addLegacySignature(repository, digest, signer, annotations, signal);
  }
  if (refusal) {
    found.referrer = found.legacyReferrer;
    context.say(
      "warning",
      `${subjectName(found.subject)} is signed in the older scheme alone: ${refusal.message}`,
    );
  }
  delete found.problem;
}

async function search(
  context: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
  earlier: readonly Signature[],
): Promise<Found[]> {
  const repository = await context.services.repository(inputs.repository);
  return Promise.all(
    inputs.subjects.map(async (subject): Promise<Found> => {
      const { digest } = subject;
      const expected = {
        digest,
        predicateType: PredicateType.cosignSign,
        annotations: inputs.annotations,
      };
      const [{ found, refused }, older] = await Promise.all([
        findStatement(repository, verifier, expected),
        inputs.legacy ? findLegacySignature(repository, digest, verifier, inputs.annotations) : undefined,
      ]);
      const made = earlier.find((one) => one.subject === digest);
      // Where the registry can hold no referrers, the older scheme is all that there is.
      const isLegacyAlone = made !== undefined && made.referrer === made.legacyReferrer;
      const enough = found ?? (isLegacyAlone ? older : undefined);
      const lost = made && !enough && !isLegacyAlone && (await repository.headManifest(made.referrer));
      const unlisted = lost ? made : undefined;
      const none = unlisted ? `${shortDigest(unlisted.referrer)} is there and not listed` : "there is none";
      const reasons = [
        ...(enough ? [] : refused.length > 0 ? refused.map(shortened) : [none]),
        ...(inputs.legacy && !older ? ["there is none in the older scheme"] : []),
      ];
      const signedBy = found?.signedBy ?? older?.signedBy;
      return {
        subject,
        signedBy,
        referrer: enough?.referrer,
        legacyReferrer: older?.referrer,
        unlisted,
        problem:
          reasons.length > 0
            ? `no signature holds for ${subjectName(subject)}: ${reasons.join("; ")}`
            : undefined,
      };
    }),
  );
}

/** The engine's display cuts texts off after 150 characters. */
function shortened(text: string): string {
  return text.replaceAll(/sha256:[a-f0-9]{64}/g, shortDigest);
}

/** @param willBeSigned whether what is missing will be made: then it is unknown, not absent */
function stateOf(
  { run }: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
  found: readonly Found[],
  willBeSigned = false,
): State {
  const holds = found.flatMap(({ subject, referrer = "", legacyReferrer, signedBy, problem }) =>
    problem === undefined && signedBy
      ? [{ subject: subject.digest, referrer, legacyReferrer, signedBy }]
      : [],
  );
  const signatures = holds.map(({ subject, referrer, legacyReferrer, signedBy }): Signature => ({
    subject,
    referrer,
    legacyReferrer,
    by: signedByText(signedBy),
  }));
  const common = { ...inputs, publicKey: verifier.publicKey };
  if (willBeSigned && holds.length < found.length) {
    return { ...common, signatures: unknown, missing: [], evidence: unknown };
  }
  return {
    ...common,
    // One that can be listed again is kept in mind.
    signatures: [...signatures, ...found.flatMap(({ unlisted }) => unlisted ?? [])],
    missing: found.flatMap(({ problem }) => problem ?? []),
    evidence: holds.map(({ subject, signedBy, referrer }) =>
      verifiedEvidence(run, subject, PredicateType.cosignSign, signedBy, referrer),
    ),
  };
}
