import { builderOf } from "../../lib/provenance/builder";
import { gitSource } from "../../lib/provenance/git-source";
import {
  provenancePredicate,
  provenancePredicateType,
  type ProvenancePredicate,
} from "../../lib/provenance/predicate";
import { canonicalJson } from "../../lib/oci/canonical-json";
import { digestHex } from "../../lib/oci/digest";
import type { Evidence } from "../../resources/definitions/evidence";
import { provenanceDefinition } from "../../resources/definitions/provenance";
import { attachStatement, missingStatements, type SignedStatement } from "./attestations";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { refuseThrowAwayElsewhere } from "./throw-away-keys";
import { openSigner } from "./signers";
import { statedBy } from "./trust";
import { version } from "../../package.json";
import { signerChanged } from "./attestation";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import type { Run } from "../run/run";
import { resourceHandler } from "../run/resource-handler";
import { defined } from "../../lib/objects/defined";

type Inputs = InputsOf<typeof provenanceDefinition>;
type State = StateOf<typeof provenanceDefinition>;

/** `slipway:trust:Provenance`: made when a digest is published first, and kept. */
export const provenanceHandler = resourceHandler(provenanceDefinition, {
  refreshBeforeUpdate: true,
  unknownAtPreview: true,

  refuse: (context, { signer, repository }) =>
    refuseThrowAwayElsewhere(signer, repository, context.services.project),

  diff(_context, desired, oldInputs, observed) {
    const properties = ["subjects", "buildType", "parameters", "dependencies", "source", "builder"];
    const changes: Changes = inputChanges(properties, desired, oldInputs);
    if (signerChanged(desired.signer, oldInputs.signer)) changes.signer = { kind: "update", inputDiff: true };
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    return changes;
  },

  id: ({ repository }) => repository,

  planned: () => ({ missing: [] }),

  create: (context, desired) => attest(context, desired, undefined),

  update(context, desired, oldInputs, observed) {
    const { subjects, parameters, dependencies, buildType, source, builder } = desired;
    const declaration = { subjects, parameters, dependencies, buildType, source, builder };
    const changed = inputChanges(Object.keys(declaration), desired, oldInputs);
    // What is put back is what was there: this run did not build it.
    const earlier =
      Object.keys(changed).length === 0 ? (observed.predicate as ProvenancePredicate) : undefined;
    return attest(context, desired, earlier);
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    return { state: { ...state, missing: await missingStatements(repository, state.attestations) } };
  },

  delete(context, _id, inputs) {
    context.sayRetained(`the provenance in ${inputs.repository}`);
  },
});

async function attest(
  context: ResourceContext,
  desired: Inputs,
  earlier: ProvenancePredicate | undefined,
): Promise<State> {
  const { services, signal } = context;
  const predicate = earlier ?? (await predicateOf(context, desired));
  const repository = await services.repository(desired.repository);
  const signer = desired.signer && (await openSigner(context, desired.signer));
  const made: SignedStatement[] = [];
  for (const { digest: subject } of desired.subjects) {
    const wanted = {
      subject,
      predicateType: provenancePredicateType,
      predicate,
      saysTheSame: (found: unknown) => sameBuild(found, predicate),
    };
    made.push(await attachStatement(repository, wanted, signer, signal));
  }
  const attestations = made.map(({ attached }) => attached);
  const evidence = made.map((one) => evidenceOf(context.run, one, predicate));
  return { ...desired, attestations, missing: [], evidence, predicate };
}

async function predicateOf(context: ResourceContext, desired: Inputs): Promise<ProvenancePredicate> {
  const { project } = context.services;
  const parameters = JSON.parse(context.blot(JSON.stringify(desired.parameters ?? {}))) as Record<
    string,
    unknown
  >;
  return provenancePredicate({
    buildType: desired.buildType,
    parameters,
    dependencies: (desired.dependencies ?? []).map(({ uri, digest }) =>
      defined({
        uri: context.blot(uri),
        digest: digest === undefined ? undefined : { sha256: digestHex(digest) },
      }),
    ),
    source: desired.source ?? (await gitSource(project)),
    builder: desired.builder === undefined ? builderOf(process.env, version) : { id: desired.builder },
  });
}

/**
 * Returns whether a provenance that is there is of the same build: told the same, made from the
 * same. By whom, and from which revision, is what it was when the digest came to be.
 */
function sameBuild(found: unknown, wanted: ProvenancePredicate): boolean {
  const told = (predicate: ProvenancePredicate) => {
    const { buildType, externalParameters, resolvedDependencies } = predicate.buildDefinition;
    const others = resolvedDependencies.filter(({ uri }) => !uri.startsWith("git+"));
    return canonicalJson({ buildType, externalParameters, others });
  };
  try {
    return told(found as ProvenancePredicate) === told(wanted);
  } catch {
    return false;
  }
}

function evidenceOf(
  run: Run,
  { attached, signedBy }: SignedStatement,
  { runDetails }: ProvenancePredicate,
): Evidence {
  const { subject, referrer } = attached;
  const detail = `built by ${runDetails.builder.id}`;
  return { kind: "provenance", subject, result: "passed", ...statedBy(run, signedBy), detail, referrer };
}
