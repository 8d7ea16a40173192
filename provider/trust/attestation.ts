import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { documentLimitBytes, readBlob } from "../../lib/oci/attach";
import { parsedObject } from "../../lib/oci/parsed-object";
import { attestationDefinition } from "../../resources/definitions/attestation";
import type { Evidence } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import { attachStatement, missingStatements, type SignedStatement } from "./attestations";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { refuseThrowAwayElsewhere } from "./throw-away-keys";
import { openDeclaredSigner, statedBy } from "./trust";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof attestationDefinition>;
type State = StateOf<typeof attestationDefinition>;
type DeclaredStatement = Inputs["statements"][number];

/** `slipway:trust:Attestation`: one referrer for each statement, made once. */
export const attestationHandler: ResourceHandler<Inputs, State> = {
  definition: attestationDefinition,
  refreshBeforeUpdate: true,

  async check(context, inputs) {
    const { fileDigests: _fileDigests, ...declared } = inputs;
    await refuseThrowAwayElsewhere(declared.signer, declared.repository, context.services.project);
    if (hasUnknown(declared.statements)) return declared;
    const fileDigests = await digestFiles(context, declared.statements);
    return Object.keys(fileDigests).length > 0 ? { ...declared, fileDigests } : declared;
  },

  async diff(_context, desired, oldInputs, observed): Promise<Changes> {
    const changes: Changes = inputChanges(["statements", "fileDigests"], desired, oldInputs);
    if (signerChanged(desired.signer, oldInputs.signer)) changes.signer = { kind: "update", inputDiff: true };
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    return changes;
  },

  async create(context, desired) {
    return { id: desired.repository, state: await attach(context, desired) };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state) {
      throw new Error(`${id}: attestations cannot be imported; declare them, and what is there is adopted`);
    }
    const repository = await context.services.repository(inputs.repository);
    return {
      id,
      inputs,
      state: { ...state, missing: await missingStatements(repository, state.attestations) },
    };
  },

  async update(context, desired) {
    return attach(context, desired);
  },

  async delete(context, _id, inputs) {
    context.sayRetained(`what was attested in ${inputs.repository}`);
  },
};

/** Whether another key or identity signs; a password is none. */
export function signerChanged(desired: Inputs["signer"], old: Inputs["signer"]): boolean {
  const identity = (signer: Inputs["signer"]) => {
    const { key, kms, keyless } = signer ?? {};
    const { issuer, identity, identityPattern, trustedRoot } = keyless ?? {};
    return JSON.stringify([key, kms, issuer, identity, identityPattern, trustedRoot]);
  };
  return identity(desired) !== identity(old);
}

async function digestFiles(
  context: ResourceContext,
  statements: readonly DeclaredStatement[],
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [index, { file }] of statements.entries()) {
    if (file === undefined || digests[file] !== undefined) continue;
    try {
      digests[file] = await context.services.fileDigest(path.resolve(context.services.project, file));
    } catch (error) {
      const reason = `${JSON.stringify(file)} cannot be read: ${(error as Error).message}`;
      throw new InputError([{ property: `statements[${index}].file`, reason }]);
    }
  }
  return digests;
}

async function attach(context: ResourceContext, desired: Inputs): Promise<State> {
  if (context.preview || hasUnknown(desired)) {
    return { ...desired, attestations: unknown, missing: [], evidence: unknown } as unknown as State;
  }
  const { services, signal } = context;
  const repository = await services.repository(desired.repository);
  const signer = desired.signer && (await openDeclaredSigner(context, desired.signer));
  const made: SignedStatement[] = [];
  // One after the other: registries without the referrers API keep one list for each subject.
  for (const statement of desired.statements) {
    const { subject, predicateType } = statement;
    context.status(`attesting ${predicateType}`);
    const predicate = await readPredicate(context, desired.repository, statement);
    made.push(await attachStatement(repository, { subject, predicateType, predicate }, signer, signal));
  }
  const attestations = made.map(({ attached }) => attached);
  return { ...desired, attestations, missing: [], evidence: made.map(evidenceOf) };
}

function evidenceOf({ attached, signedBy }: SignedStatement): Evidence {
  const { subject, predicateType, referrer } = attached;
  const who = statedBy(signedBy);
  return { kind: "attestation", subject, result: "passed", ...who, detail: predicateType, referrer };
}

async function readPredicate(
  context: ResourceContext,
  repository: string,
  { predicate, file, document }: DeclaredStatement,
): Promise<unknown> {
  if (predicate !== undefined) return predicate;
  if (file !== undefined) {
    return parsedObject(await readFile(path.resolve(context.services.project, file), "utf8"), file);
  }
  if (!document) throw new Error("a statement without a predicate passed validation");
  const bytes = await readBlob(await context.services.repository(repository), document, documentLimitBytes);
  return parsedObject(bytes.toString("utf8"), `${repository}@${document.digest}`);
}
