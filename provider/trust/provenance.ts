import { builderOf } from "../../lib/provenance/builder";
import { declaredSource, gitSource } from "../../lib/provenance/git-source";
import {
  ofPlatforms,
  platformAnnotation,
  provenancePredicate,
  provenancePredicateType,
  type ProvenancePredicate,
} from "../../lib/provenance/predicate";
import { canonicalJson } from "../../lib/oci/canonical-json";
import { digestHex } from "../../lib/oci/digest";
import type { Evidence } from "../../resources/definitions/evidence";
import { provenanceDefinition } from "../../resources/definitions/provenance";
import { attachStatement, missingStatements, type SignedStatement } from "./attestations";
import { allOrNone } from "../base/all-or-none";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { listAgain } from "./list-again";
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
    const changes = buildChanges(desired, oldInputs);
    if (signerChanged(desired.signer, oldInputs.signer)) changes.signer = { kind: "update", inputDiff: true };
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    return changes;
  },

  id: ({ repository }) => repository,

  planned: () => ({ missing: [] }),

  create: (context, desired) => attest(context, desired, undefined, context.run.began),

  async update(context, desired, oldInputs, observed) {
    if (observed.missing.length > 0) {
      await listAgain(await context.services.repository(desired.repository), observed.attestations);
    }
    // What is put back is what was there: this run did not build it.
    const isSameBuild = Object.keys(buildChanges(desired, oldInputs)).length === 0;
    const earlier = isSameBuild ? (observed.predicate as ProvenancePredicate) : undefined;
    return attest(context, desired, earlier, performance.now());
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    return { state: { ...state, missing: await missingStatements(repository, state.attestations) } };
  },

  delete(context, _id, inputs) {
    context.sayRetained(`the provenance in ${inputs.repository}`);
  },
});

/**
 * The differences that make another build. The source is none: which commit a digest was first
 * built from does not change. Nor is it a change that a dependency is told the platform of, which
 * former versions did not.
 */
function buildChanges(desired: Inputs, oldInputs: Inputs): Changes {
  const told = (inputs: Inputs) => ({
    ...inputs,
    dependencies: inputs.dependencies?.map(({ uri, digest }) => ({ uri, digest })),
  });
  const properties = ["subjects", "buildType", "parameters", "dependencies", "builder"];
  return inputChanges(properties, told(desired), told(oldInputs));
}

async function attest(
  context: ResourceContext,
  desired: Inputs,
  earlier: ProvenancePredicate | undefined,
  since: number,
): Promise<State> {
  const { services, signal } = context;
  const predicate = earlier ?? (await predicateOf(context, desired));
  const repository = await services.repository(desired.repository);
  const signer = desired.signer && (await openSigner(context, desired.signer));
  const found = new Map<string, SignedStatement>();
  const all = desired.subjects.flatMap(({ platform }) => platform ?? []);
  await allOrNone(signal, desired.subjects, async ({ digest: subject, platform }, either) => {
    const own = ofPlatforms(predicate, new Set(platform === undefined ? all : [platform]));
    const wanted = {
      subject,
      predicateType: provenancePredicateType,
      predicate: own,
      saysTheSame: (found: unknown) => sameBuild(found, own),
    };
    found.set(subject, await attachStatement(services, repository, wanted, signer, either, since));
  });
  const made = desired.subjects.flatMap(({ digest }) => found.get(digest) ?? []);
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
    dependencies: (desired.dependencies ?? []).map(({ uri, digest, platform }) =>
      defined({
        uri: context.blot(uri),
        digest: digest === undefined ? undefined : { sha256: digestHex(digest) },
        annotations: platform === undefined ? undefined : { [platformAnnotation]: platform },
      }),
    ),
    source: declaredSource(desired.source ?? {}, await gitSource(project, desired.source?.version)),
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
