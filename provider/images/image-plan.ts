import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { assembleImage } from "../../lib/oci/image/assemble";
import { readBase, type BaseImage } from "../../lib/oci/image/base";
import { ImageConfigError } from "../../lib/oci/image/config-error";
import type { AssembledLayer } from "../../lib/oci/layer/cache";
import { LayerContentError } from "../../lib/oci/layer/content-error";
import { isSelfContained } from "../../lib/oci/layer/entry";
import { readSize } from "../../lib/oci/layer/file-content";
import { digestOf } from "../../lib/oci/digest";
import { parsePlatform } from "../../lib/oci/platform";
import { parseAddress } from "../../lib/oci/address";
import type { BlobSource, Repository } from "../../lib/oci/repository";
import { failingWhenRead } from "../../lib/oci/transport/failing-when-read";
import type { Descriptor, FetchedManifest } from "../../lib/oci/types";
import { InputError } from "../../resources/definitions/input-findings";
import type { imageDefinition } from "../../resources/definitions/image";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

export type ImageInputs = InputsOf<typeof imageDefinition>;
type LayerInput = NonNullable<ImageInputs["layers"]>[number];
type AssembledInput = NonNullable<ImageInputs["assembly"]>[number];

/** A blob of an image and where its content is. */
export interface PlannedBlob {
  descriptor: Descriptor;
  source: BlobSource;
  /** Repository that has it, to mount it from where it is in the same registry. */
  mountFrom?: string;
  /** Whether it is of this image alone: it goes last, and is not looked for where others were missing. */
  isOwn?: boolean;
  /** Forgets content that turned out to be damaged, so that `source` makes it again. */
  discard?: () => Promise<void>;
}

/** An image as it will be pushed: every byte is determined. */
export interface ImagePlan {
  manifest: FetchedManifest;
  blobs: PlannedBlob[];
  /** Bytes of its configuration, where they were made here. */
  config?: Buffer;
  assembly: AssembledInput[];
}

/**
 * Determines the image that the inputs make. Layers that were assembled before, here or as the old
 * inputs record, are not assembled again.
 *
 * @throws InputError for files, bases and platforms that do not exist
 */
export async function planImage(
  context: ResourceContext,
  inputs: ImageInputs,
  old: readonly AssembledInput[],
): Promise<ImagePlan> {
  try {
    return await plan(context, inputs, old);
  } catch (error) {
    throw asInputError(error);
  }
}

async function plan(
  context: ResourceContext,
  inputs: ImageInputs,
  old: readonly AssembledInput[],
): Promise<ImagePlan> {
  const platform = parsePlatform(inputs.platform);
  const base = inputs.base === undefined ? undefined : await findBase(context, inputs.base, inputs);
  if (base && isCopy(inputs)) {
    const config = { descriptor: base.config.descriptor, source: baseSource(base, base.config.descriptor) };
    return {
      manifest: base.manifest,
      blobs: [...base.layers.map((layer) => baseBlob(base, layer, layer)), config],
      assembly: [],
    };
  }

  const layers = inputs.layers ?? [];
  const assembly: AssembledInput[] = [];
  const blobs: PlannedBlob[] = [];
  for (const [index, layer] of layers.entries()) {
    const ground = { overBase: base !== undefined, below: layers.slice(0, index) };
    const { assembled, blob } = await planLayer(context, layer, index, ground, old);
    assembly.push(assembled);
    blobs.push(blob);
  }
  const image = assembleImage({
    platform,
    base,
    layers: assembly.map((assembled, index) => ({
      ...assembled,
      createdBy: layers[index]?.createdBy,
    })),
    config: withStandardLabels(inputs),
    annotations: { ...inputs.standardAnnotations, ...inputs.annotations },
    created: inputs.created,
  });
  const lower = (base?.layers ?? []).map((layer, index) => {
    const descriptor = image.layers[index];
    return baseBlob(base as BaseImage, layer, descriptor ?? layer);
  });
  const config: PlannedBlob = {
    descriptor: image.config.descriptor,
    source: (offset) => Readable.from([image.config.bytes.subarray(offset)]),
    isOwn: true,
  };
  return {
    manifest: image.manifest,
    blobs: [...lower, ...blobs, config],
    config: image.config.bytes,
    assembly,
  };
}

/** Returns whether an image is its base, unchanged. */
function isCopy(inputs: ImageInputs): boolean {
  const { layers, config, annotations, standardAnnotations, created } = inputs;
  return !layers?.length && !config && !annotations && !standardAnnotations && !created;
}

function withStandardLabels({ config = {}, standardAnnotations }: ImageInputs) {
  return standardAnnotations ? { ...config, labels: { ...standardAnnotations, ...config.labels } } : config;
}

async function findBase(context: ResourceContext, text: string, inputs: ImageInputs): Promise<BaseImage> {
  const { repository, reference } = await openSource(context, text);
  try {
    return await readBase(repository, reference, parsePlatform(inputs.platform));
  } catch (error) {
    throw new InputError([
      { property: "base", reason: `${JSON.stringify(text)}: ${(error as Error).message}` },
    ]);
  }
}

async function openSource(
  context: ResourceContext,
  text: string,
): Promise<{ repository: Repository; reference: string | undefined }> {
  const { kind, tag, digest } = parseAddress(text);
  const unnamed = kind === "registry" ? "latest" : undefined;
  return { repository: await context.services.open(text), reference: digest ?? tag ?? unnamed };
}

function baseSource(base: BaseImage, descriptor: Descriptor): BlobSource {
  return (offset) => base.repository.getBlob(descriptor, { offset });
}

function baseBlob(base: BaseImage, layer: Descriptor, descriptor: Descriptor): PlannedBlob {
  const source = baseSource(base, layer);
  const mountFrom = base.repository.registry === undefined ? undefined : base.repository.name;
  return { descriptor, source, mountFrom };
}

function layerDescriptor(layer: AssembledInput): Descriptor {
  return { mediaType: layer.mediaType, digest: layer.digest, size: layer.size };
}

/** What a layer is over: it decides which parent directories the layer brings. */
interface LayerGround {
  overBase: boolean;
  /** Layers below that are assembled too, lowest first. */
  below: readonly LayerInput[];
}

/**
 * A layer whose files all have a declared content is known by its declaration: where the old inputs
 * recorded what it became, its files need not be on this machine.
 */
async function planLayer(
  context: ResourceContext,
  layer: LayerInput,
  index: number,
  ground: LayerGround,
  old: readonly AssembledInput[],
): Promise<{ assembled: AssembledInput; blob: PlannedBlob }> {
  const compression = layer.compression ?? "gzip";
  const directories = ground.below.map(({ files }) => files.filter(({ directory }) => directory === true));
  const declaration = digestOf(
    JSON.stringify({ files: layer.files, compression, directories, overBase: ground.overBase }),
  );
  const assemble = () => assembleLayer(context, layer, index, directories, ground.overBase);
  const recorded = isSelfContained(layer.files)
    ? old.find((candidate) => candidate.declaration === declaration)
    : undefined;
  const assembled = recorded ?? assembledInput(await assemble(), declaration);
  const blob: PlannedBlob = {
    descriptor: layerDescriptor(assembled),
    source: async (offset) => openLayer(await assemble(), assembled, offset),
    discard: () => context.services.layers.discard(assembled),
  };
  return { assembled, blob };
}

function assembledInput(layer: AssembledLayer, declaration: string): AssembledInput {
  const { mediaType, digest, size, diffId, recipe } = layer;
  return { mediaType, digest, size, diffId, recipe, declaration };
}

async function assembleLayer(
  context: ResourceContext,
  layer: LayerInput,
  index: number,
  directories: readonly LayerInput["files"][],
  overBase: boolean,
): Promise<AssembledLayer> {
  const { services, signal } = context;
  for (const { source } of layer.files) {
    if (source !== undefined) await services.ensureFile(source, context.observer);
  }
  const below = await Promise.all(
    directories.map((files) => services.layers.resolve(services.project, files)),
  );
  const field = `layers[${index}].files`;
  const entries = await services.layers.resolve(services.project, layer.files, { field, below, overBase });
  for (const [position, { to, digest }] of layer.files.entries()) {
    const actual = entries.find((entry) => entry.path === to)?.digest;
    if (digest === undefined || actual === undefined || actual === digest) continue;
    const reason = `has the digest ${actual}, not the declared ${digest}`;
    throw new InputError([{ property: `${field}[${position}].source`, reason }]);
  }
  return services.layers.buildEntries(entries, { compression: layer.compression ?? "gzip", signal });
}

function openLayer(built: AssembledLayer, expected: AssembledInput, offset: number): Readable {
  if (built.digest !== expected.digest) {
    throw new Error(
      `the layer that was published as ${expected.digest} comes out as ${built.digest} on this machine: ` +
        `a command whose output it holds makes other bytes from the same inputs; make it reproducible, or change its inputs`,
    );
  }
  return failingWhenRead(createReadStream(built.path, { start: offset, highWaterMark: readSize }));
}

/** Turns what the assembly refuses into findings with their field. */
function asInputError(error: unknown): unknown {
  if (!(error instanceof LayerContentError || error instanceof ImageConfigError)) return error;
  const reason = error.message.replace(`${error.field}: `, "");
  return new InputError([{ property: error.field, reason }]);
}
