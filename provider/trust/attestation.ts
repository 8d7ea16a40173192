import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { documentLimitBytes, readBlob } from "../../lib/oci/attach";
import { parsedObject } from "../../lib/oci/parsed-object";
import { attestationDefinition } from "../../resources/definitions/attestation";
import type { Evidence } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import { attachStatement, missingStatements, type SignedStatement } from "./attestations";
import { allOrNone } from "../base/all-or-none";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { listAgain } from "./list-again";
import { refuseThrowAwayElsewhere } from "./throw-away-keys";
import { openSigner } from "./signers";
import { statedBy } from "./trust";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import type { Run } from "../run/run";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof attestationDefinition>;
type State = StateOf<typeof attestationDefinition>;
type DeclaredStatement = Inputs["statements"][number];

/** `slipway:trust:Attestation`: one referrer for each statement, made once. */
export const attestationHandler = resourceHandler(attestationDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["statements"],
  unknownAtPreview: true,

  refuse: (context, { signer, repository }) =>
    refuseThrowAwayElsewhere(signer, repository, context.services.project),

  async compute(context, { statements }) {
    const fileDigests = await digestFiles(context, statements);
    return { fileDigests: Object.keys(fileDigests).length > 0 ? fileDigests : undefined };
  },

  // Most predicates come from no file.
  computedLater: () => ({ fileDigests: undefined }),

  diff(_context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(["statements", "fileDigests"], desired, oldInputs);
    if (signerChanged(desired.signer, oldInputs.signer)) changes.signer = { kind: "update", inputDiff: true };
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    return changes;
  },

  id: ({ repository }) => repository,

  planned: () => ({ missing: [] }),

  create: (context, desired) => attach(context, desired, context.run.began),

  async update(context, desired, _oldInputs, { missing, attestations }) {
    if (missing.length > 0) {
      await listAgain(await context.services.repository(desired.repository), attestations);
    }
    return attach(context, desired, performance.now());
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    return { state: { ...state, missing: await missingStatements(repository, state.attestations) } };
  },

  delete(context, _id, inputs) {
    context.sayRetained(`what was attested in ${inputs.repository}`);
  },
});

/** Returns whether another key or identity signs; a password is none. */
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

/** @param since what was looked at since is not looked at again; as `performance.now()` gives it */
async function attach(context: ResourceContext, desired: Inputs, since: number): Promise<State> {
  const { services, signal } = context;
  const repository = await services.repository(desired.repository);
  const signer = desired.signer && (await openSigner(context, desired.signer));
  // What is declared twice is attached once.
  const statements = new Map(desired.statements.map((statement) => [JSON.stringify(statement), statement]));
  const made = new Map<string, SignedStatement>();
  // At once: registries without the referrers API keep one list of what is about a subject.
  await allOrNone(signal, [...statements], async ([key, statement], either) => {
    const { subject, predicateType } = statement;
    context.status(`attesting ${predicateType}`);
    const predicate = await readPredicate(context, desired.repository, statement);
    const wanted = { subject, predicateType, predicate };
    made.set(key, await attachStatement(context.services, repository, wanted, signer, either, since));
  });
  const all = desired.statements.flatMap((statement) => made.get(JSON.stringify(statement)) ?? []);
  return {
    ...desired,
    attestations: all.map(({ attached }) => attached),
    missing: [],
    evidence: all.map((one) => evidenceOf(context.run, one)),
  };
}

function evidenceOf(run: Run, { attached, signedBy }: SignedStatement): Evidence {
  const { subject, predicateType, referrer } = attached;
  const who = statedBy(run, signedBy);
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
  const bytes =
    context.services.documents.take(document.digest) ??
    (await readBlob(await context.services.repository(repository), document, documentLimitBytes));
  return parsedObject(bytes.toString("utf8"), `${repository}@${document.digest}`);
}
