import {
  findLegacySignature,
  findStatement,
  PredicateType,
  signedByText,
  type SignatureVerifier,
  type SignedBy,
} from "../../lib/sigstore";
import { shortDigest } from "../../lib/oci/digest";
import type { Repository } from "../../lib/oci/repository";
import type { Subject } from "../../resources/definitions/evidence";
import type { VerifierDeclaration } from "../../resources/definitions/signer";
import { verificationDefinition } from "../../resources/definitions/verification";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { readableBy, type ReadableSignature } from "./consumers";
import { openVerifier } from "./signers";
import { noteThrowAwayKeysOf } from "./throw-away-keys";
import { asFinding, recordedName, subjectName, verifiedEvidence } from "./trust";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler, unknownOutputs } from "../run/resource-handler";

type Inputs = InputsOf<typeof verificationDefinition>;
type State = StateOf<typeof verificationDefinition>;

/** A statement that holds. */
interface Verified {
  subject: string;
  predicateType: string;
  referrer: string;
  signedBy: SignedBy;
}

/** What was found, and what was not. */
interface Outcome {
  verified: Verified[];
  /** Undefined where no consumer is declared. */
  readable?: ReadableSignature[];
  missing: string[];
}

/** Why nothing holds, where nothing refers to a subject. */
const nothingListed = "there is none";

/** Outputs while what is missing may still be signed. */
const laterOutputs = {
  ...unknownOutputs(verificationDefinition),
  missing: [],
  readable: undefined,
  publicKey: undefined,
};

/** `slipway:trust:Verification`: by the declared key or identity, whoever signed in this run. */
export const verificationHandler = resourceHandler(verificationDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["verifier"],

  async compute(context, { verifier }) {
    return { trusted: recordedName(await asFinding("verifier", () => declaredVerifier(context, verifier))) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["subjects", "predicateTypes", "consumers", "trusted"], desired, oldInputs);
    return observed.missing.length > 0 ? { ...changes, missing: { kind: "update" } } : changes;
  },

  id: ({ repository }) => repository,

  planned: () => laterOutputs,

  create: verify,

  async observe(context, inputs, state) {
    noteThrowAwayKeysOf(context.run, state.evidence);
    const { publicKey } = state;
    const verifier = await declaredVerifier(context, publicKey ? { publicKey } : inputs.verifier);
    const outcome = await search(context, inputs, verifier);
    for (const problem of outcome.missing) context.say("warning", problem);
    return { state: stateOf(context, inputs, verifier, outcome) };
  },
});

function declaredVerifier(
  context: ResourceContext,
  verifier: VerifierDeclaration,
): Promise<SignatureVerifier> {
  return openVerifier(context, verifier);
}

async function verify(context: ResourceContext, desired: Inputs): Promise<State> {
  const verifier = await declaredVerifier(context, desired.verifier);
  const outcome = await search(context, desired, verifier);
  if (outcome.missing.length === 0) return stateOf(context, desired, verifier, outcome);
  // What is missing at preview may be signed by the same run.
  if (context.preview) return { ...desired, ...laterOutputs };
  const lists = outcome.missing.some((text) => text.endsWith(nothingListed))
    ? " If it was signed, the registry does not list the signature, or a tool has taken it off the list: " +
      "`oras discover` shows what is listed (docs/registries.md, Referrers)."
    : "";
  throw new Error(
    `${desired.repository} is not signed as required by ` +
      `${verifier.name}:\n${outcome.missing.map((text) => `- ${text}`).join("\n")}\nNothing that ` +
      "depends on it is published. Sign it with the trusted key or identity, or correct " +
      `\`verifier\`.${lists} To look at what was ` +
      `pushed:\n${desired.subjects.map((subject) => `- ${desired.repository}@${subject.digest}`).join("\n")}`,
  );
}

async function search(
  context: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
): Promise<Outcome> {
  const repository = await context.services.repository(inputs.repository);
  const types = inputs.predicateTypes ?? [PredicateType.cosignSign];
  const results = await Promise.all(
    inputs.subjects.flatMap((subject) =>
      types.map((predicateType) => searchOne(repository, subject, predicateType, verifier)),
    ),
  );
  const missing = results.filter((result) => typeof result === "string");
  const verified = results.filter((result) => typeof result !== "string");
  const { consumers } = inputs;
  // What nobody has signed is missing already.
  if (!consumers || missing.length > 0) return { verified, missing };
  const read = (
    await Promise.all(
      inputs.subjects.map((subject) =>
        readableBy(context, repository, subject, verifier, inputs.verifier, consumers),
      ),
    )
  ).flat();
  return {
    verified,
    readable: read.filter((one) => typeof one !== "string"),
    missing: read.filter((one) => typeof one === "string"),
  };
}

/** The statement that holds, or why there is none. */
async function searchOne(
  repository: Repository,
  subject: Subject,
  predicateType: string,
  verifier: SignatureVerifier,
): Promise<Verified | string> {
  const { digest } = subject;
  const { found, refused } = await findStatement(repository, verifier, { digest, predicateType });
  if (found) {
    return { subject: digest, predicateType, referrer: found.referrer, signedBy: found.signedBy };
  }
  const isSignature = predicateType === PredicateType.cosignSign;
  const older = isSignature ? await findLegacySignature(repository, digest, verifier) : undefined;
  if (older) return { subject: digest, predicateType, ...older };
  const what = isSignature ? "signature" : `statement of type ${predicateType}`;
  const reasons = refused.map((text) => text.replaceAll(/sha256:[a-f0-9]{64}/g, shortDigest));
  return `no ${what} holds for ${subjectName(subject)}: ${reasons.join("; ") || nothingListed}`;
}

function stateOf(
  { run }: ResourceContext,
  inputs: Inputs,
  verifier: SignatureVerifier,
  { verified, readable, missing }: Outcome,
): State {
  return {
    ...inputs,
    ...(readable && { readable }),
    verified: verified.map(({ signedBy, ...statement }) => ({ ...statement, by: signedByText(signedBy) })),
    missing,
    evidence: verified.map(({ subject, predicateType, signedBy, referrer }) =>
      verifiedEvidence(run, subject, predicateType, signedBy, referrer),
    ),
    publicKey: verifier.publicKey,
  };
}
