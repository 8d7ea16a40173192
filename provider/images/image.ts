import { imageDefinition } from "../../resources/definitions/image";
import { formatReference, formatRepository, parseReference } from "../../lib/oci/reference";
import { readBlob } from "../../lib/oci/attach";
import { parseBoundedJson } from "../../lib/oci/bounded-json";
import { readBase } from "../../lib/oci/image/base";
import { maximumConfigSize } from "../../lib/oci/image/silent-entries";
import { formatPlatform, normalizePlatform, parsePlatform } from "../../lib/oci/platform";
import { digestOf } from "../../lib/oci/digest";
import { DigestMismatchError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor, Index, Manifest, Platform } from "../../lib/oci/types";
import { isIndexMediaType } from "../../lib/oci/media-types";
import { allOrNone } from "../base/all-or-none";
import { manifestDrift, putBack } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { planImage, type ImageInputs, type ImagePlan, type PlannedBlob } from "./image-plan";
import { publishedPlain } from "./published-plain";
import { PushProgress } from "./push-progress";
import { ofRun } from "../run/run";
import type { StateOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type State = StateOf<typeof imageDefinition>;

const decisive = ["platform", "base", "layers", "config", "annotations", "standardAnnotations", "created"];

/** Plans of images that were checked in this run, by repository and digest. */
const plansOf = ofRun(() => new Map<string, ImagePlan>());

/** Images that this run has found gone, by repository and digest. */
const goneOf = ofRun(() => new Set<string>());

/**
 * `slipway:oci:Image`: assembled, pushed by digest; tags are other resources, so that nothing shows
 * before its time.
 */
export const imageHandler = resourceHandler(imageDefinition, {
  refreshBeforeUpdate: true,

  async compute(context, declared, oldInputs) {
    const old = oldInputs?.assembly ?? [];
    const { inputs, made } = await publishedPlain(declared, oldInputs, (candidate) =>
      planImage(context, candidate, old).then((plan) => ({ plan, digest: plan.manifest.descriptor.digest })),
    );
    plansOf(context.run).set(planKey(declared, made.digest), made.plan);
    context.services.lost.publishes(declared.repository, made.plan.blobs);
    const { standardAnnotations } = inputs;
    return { digest: made.digest, assembly: made.plan.assembly, standardAnnotations };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return {
      ...inputChanges(decisive, desired, oldInputs),
      digest: { kind: "update" },
    };
  },

  id: ({ repository, platform }) => `${repository}?platform=${platform}`,

  async create(context, desired) {
    const plan = await planOf(context, desired);
    if (!context.preview) await push(context, desired, plan);
    return stateOf(desired, plan);
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    const found = await repository.headManifest(state.digest);
    if (!found) {
      goneOf(context.run).add(planKey(inputs, state.digest));
      context.say("warning", putBack(manifestDrift(inputs.repository, state.digest, inputs.platform)));
    }
    return found && { state };
  },

  importById: importImage,

  delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
});

function planKey({ repository }: Pick<ImageInputs, "repository">, digest: string): string {
  return `${repository}@${digest}`;
}

async function planOf(context: ResourceContext, desired: ImageInputs): Promise<ImagePlan> {
  const known =
    desired.digest === undefined ? undefined : plansOf(context.run).get(planKey(desired, desired.digest));
  return known ?? planImage(context, desired, desired.assembly ?? []);
}

/** Blobs first, the manifest last: whoever finds the manifest finds all of the image. */
async function push(context: ResourceContext, desired: ImageInputs, plan: ImagePlan): Promise<void> {
  const repository = await context.services.repository(desired.repository);
  const { descriptor } = plan.manifest;
  context.services.remember(plan.manifest);
  if (await repository.headManifest(descriptor.digest)) return;
  const wasThere = goneOf(context.run).has(planKey(desired, descriptor.digest));
  // What is put back has been proven already.
  if (!wasThere) await context.services.preflight.pass();
  const progress = new PushProgress(plan.blobs, (text) => context.status(text));
  let isAnyNew = false;
  const put = async (blob: PlannedBlob, signal: AbortSignal) => {
    const transfer = () =>
      repository.putBlob(blob.descriptor, blob.source, {
        isNew: blob.isOwn === true && isAnyNew,
        mountFrom: mountSource(repository, blob.mountFrom),
        onProgress: (sent) => progress.sent(blob.descriptor.digest, sent),
        signal,
      });
    const how = await transfer().catch(async (error: unknown) => {
      if (!(error instanceof DigestMismatchError) || !blob.discard) throw error;
      await blob.discard();
      return transfer();
    });
    isAnyNew ||= how === "uploaded";
    progress.done(blob.descriptor.digest);
  };
  // What is the image's own comes last: where something before it was missing, it has not come before.
  for (const isOwn of [false, true]) {
    const blobs = plan.blobs.filter((blob) => (blob.isOwn === true) === isOwn);
    await allOrNone(context.signal, blobs, put);
  }
  await context.services.pushNew(repository, plan.manifest, wasThere);
  // Its SBOM reads it.
  if (plan.config) context.services.documents.keep(digestOf(plan.config), plan.config);
  await context.services.pruneCache();
}

/** A blob can be mounted from another repository of the same registry only. */
function mountSource(target: Repository, source: string | undefined): string | undefined {
  if (source === undefined || target.registry === undefined) return undefined;
  const prefix = `${target.registry}/`;
  return source.startsWith(prefix) ? source.slice(prefix.length) : undefined;
}

function stateOf(inputs: ImageInputs, plan: ImagePlan): State {
  const { descriptor } = plan.manifest;
  return {
    ...inputs,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    size: descriptor.size,
    totalSize: plan.blobs.reduce((sum, blob) => sum + blob.descriptor.size, descriptor.size),
    reference: `${inputs.repository}@${descriptor.digest}`,
    descriptor: childDescriptor(descriptor, parsePlatform(inputs.platform)),
  };
}

function childDescriptor(descriptor: Descriptor, platform: Platform): Descriptor {
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size, platform };
}

/** An imported image is declared as a copy of itself: equal inputs, equal bytes. */
async function importImage(
  context: ResourceContext,
  id: string,
): Promise<{ id: string; inputs: ImageInputs; state: State } | undefined> {
  const reference = parseReference(id);
  const name = formatRepository(reference.repository);
  const repository = await context.services.repository(name);
  const wanted = reference.digest ?? reference.tag ?? "latest";
  const head = await repository.headManifest(wanted);
  if (!head) return undefined;
  const fetched = await repository.getManifest(head.digest);
  if (isIndexMediaType(fetched.descriptor.mediaType)) {
    const index = parseBoundedJson(fetched.bytes) as Index;
    const platforms = index.manifests.flatMap((child) =>
      child.platform ? [formatPlatform(child.platform)] : [],
    );
    throw new Error(
      `${id} is an index (${platforms.join(", ")}), not an image: import it as slipway:oci:Index, and each of its ` +
        `manifests as slipway:oci:Image by digest`,
    );
  }
  const manifest = parseBoundedJson(fetched.bytes) as Manifest;
  const bytes = await readBlob(repository, manifest.config, maximumConfigSize);
  const config = parseBoundedJson(bytes) as Platform;
  const platform = parsePlatform(formatPlatform(normalizePlatform(config)));
  const base = await readBase(repository, head.digest, platform);
  const inputs: ImageInputs = {
    repository: name,
    platform: formatPlatform(platform),
    base: formatReference({ repository: reference.repository, digest: head.digest }),
    digest: head.digest,
    assembly: [],
  };
  const blobs = [...base.layers, manifest.config].map((descriptor) => ({
    descriptor,
    source: () => repository.getBlob(descriptor),
  }));
  const state = stateOf(inputs, { manifest: fetched, blobs, assembly: [] });
  return { id: `${name}?platform=${inputs.platform}`, inputs, state };
}
