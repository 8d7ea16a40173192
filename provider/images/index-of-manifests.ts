import { indexDefinition } from "../../resources/definitions/index-of-manifests";
import { parseBoundedJson } from "../../lib/oci/bounded-json";
import { imageIndex } from "../../lib/oci/image/index";
import { orderedDescriptor } from "../../lib/oci/image/manifest";
import { formatPlatform, normalizePlatform } from "../../lib/oci/platform";
import { formatRepository, parseReference } from "../../lib/oci/reference";
import { isIndexMediaType } from "../../lib/oci/media-types";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor, FetchedManifest, Index } from "../../lib/oci/types";
import { InputError } from "../../resources/definitions/input-findings";
import { publishedPlain } from "./published-plain";
import { isBuildAttestation, isForNoPlatform } from "./build-attestation";
import { withVisibleControls } from "../../lib/text/controls";
import { manifestDrift, putBack } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { ofRun } from "../run/run";
import type { InputsOf, StateOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof indexDefinition>;
type State = StateOf<typeof indexDefinition>;

/** Indexes that this run has found gone, by repository and digest. */
const goneOf = ofRun(() => new Set<string>());

/** `slipway:oci:Index`: pushed after all of its manifests, by digest. */
export const indexHandler = resourceHandler(indexDefinition, {
  refreshBeforeUpdate: true,

  async compute(context, declared, oldInputs) {
    context.services.lost.publishes(declared.repository);
    refuseRepeatedPlatforms(declared.manifests);
    const { inputs, made } = await publishedPlain(
      declared,
      oldInputs,
      (candidate) => build(candidate).descriptor,
    );
    return { digest: made.digest, standardAnnotations: inputs.standardAnnotations };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    const changes = inputChanges(["manifests", "annotations", "standardAnnotations"], desired, oldInputs);
    return { ...changes, digest: { kind: "update" } };
  },

  id: ({ repository }) => repository,

  async create(context, desired) {
    const index = build(desired);
    if (!context.preview) {
      const repository = await context.services.repository(desired.repository);
      await refuseHiddenImages(context, repository, desired);
      context.services.remember(index);
      const { digest } = index.descriptor;
      const isNew = desired.manifests.some((child) =>
        context.services.isFirstPushed(repository, child.digest),
      );
      if (isNew || !(await repository.headManifest(digest))) {
        const wasThere = goneOf(context.run).has(`${desired.repository}@${digest}`);
        await context.services.pushNew(repository, index, wasThere);
      }
    }
    return stateOf(desired, index);
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    if (await repository.headManifest(state.digest)) return { state };
    goneOf(context.run).add(`${inputs.repository}@${state.digest}`);
    context.say("warning", putBack(manifestDrift(inputs.repository, state.digest)));
    return undefined;
  },

  importById: importIndex,

  delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
});

function build(inputs: Inputs): FetchedManifest {
  const { manifests, annotations, standardAnnotations } = inputs;
  return imageIndex(
    manifests,
    standardAnnotations ? { ...standardAnnotations, ...annotations } : annotations,
  );
}

/** Two manifests for one platform: a client takes whichever comes first, which nobody means. */
function refuseRepeatedPlatforms(manifests: readonly Descriptor[]): void {
  const first = new Map<string, number>();
  for (const [position, { platform, artifactType }] of manifests.entries()) {
    if (!platform || isForNoPlatform({ platform }) || artifactType) continue;
    const text = formatPlatform(normalizePlatform(platform));
    const earlier = first.get(text);
    if (earlier !== undefined) {
      throw new InputError([
        {
          property: `manifests[${position}].platform`,
          reason: `${text} is also the platform of manifests[${earlier}]`,
        },
      ]);
    }
    first.set(text, position);
  }
}

/** An image for `unknown/unknown` would be asked for no scan, and could still be pulled and run. */
async function refuseHiddenImages(
  { services }: ResourceContext,
  repository: Repository,
  { repository: name, manifests }: Inputs,
): Promise<void> {
  for (const listed of manifests.filter(isForNoPlatform)) {
    if (await isBuildAttestation(services, repository, listed.digest)) continue;
    throw new Error(
      `${name}@${listed.digest} is listed for the platform unknown/unknown, as attestations ` +
        "are, but holds more than statements. Nothing was published. Declare its platform (a " +
        'valid example: { os: "linux", architecture: "amd64" }).',
    );
  }
}

function stateOf(inputs: Inputs, { descriptor }: FetchedManifest): State {
  return {
    ...inputs,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    size: descriptor.size,
    reference: `${inputs.repository}@${descriptor.digest}`,
  };
}

/**
 * A descriptor without what a program cannot declare. Without it the index gets another digest,
 * which the import tells.
 */
function declarable(descriptor: Descriptor): Inputs["manifests"][number] {
  const { urls: _urls, data: _data, ...declared } = orderedDescriptor(descriptor);
  return declared;
}

async function importIndex(
  context: ResourceContext,
  id: string,
): Promise<{ id: string; inputs: Inputs; state: State } | undefined> {
  const reference = parseReference(id);
  const name = formatRepository(reference.repository);
  const repository = await context.services.repository(name);
  const head = await repository.headManifest(reference.digest ?? reference.tag ?? "latest");
  if (!head) return undefined;
  if (!isIndexMediaType(head.mediaType)) {
    throw new Error(
      `${id} is a manifest of type ${head.mediaType}, not an index: import it as slipway:oci:Image`,
    );
  }
  const fetched = await repository.getManifest(head.digest);
  const index = parseBoundedJson(fetched.bytes) as Index;
  const declared: Inputs = withVisibleControls({
    repository: name,
    manifests: index.manifests.map(declarable),
    annotations: index.annotations,
  });
  const rebuilt = build(declared).descriptor.digest;
  if (rebuilt !== head.digest) {
    context.say(
      "warning",
      `${id} is written in another form than Slipway writes: the next update publishes the ` +
        `same list as ${rebuilt}, and ${head.digest} stays in the registry`,
    );
  }
  return { id: name, inputs: { ...declared, digest: rebuilt }, state: stateOf(declared, fetched) };
}
