import { digestOf } from "../digest";
import { MediaType } from "../media-types";
import type { Annotations, Descriptor, FetchedManifest, Platform } from "../types";
import { BaseImageError, type BaseImage } from "./base";
import { imageConfigFile } from "./config";
import type { ImageConfig } from "./config-declaration";
import { imageManifest } from "./manifest";

/** A layer on top of the base; an `AssembledLayer` is one. */
export interface ImageLayer {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  /** Digest before compression. */
  readonly diffId: string;
  /** Text of its history entry. */
  readonly createdBy?: string;
}

/** Inputs of an image. */
export interface ImageInputs {
  platform: Platform;
  base?: Pick<BaseImage, "config" | "layers">;
  /** Layers on top of the base's, lowest first. */
  layers: readonly ImageLayer[];
  config: ImageConfig;
  annotations?: Annotations;
  /** RFC 3339; default the epoch, so that equal inputs give equal images. */
  created?: string;
}

/** An image as it will be stored, all but the content of its layers. */
export interface AssembledImage {
  readonly manifest: FetchedManifest;
  readonly config: { readonly bytes: Buffer; readonly descriptor: Descriptor };
  /** All layers, lowest first: those of the base, then the given ones. */
  readonly layers: readonly Descriptor[];
}

/** The OCI names of Docker's layer types. */
const layerTypes: Readonly<Record<string, string>> = {
  [MediaType.dockerLayerGzip]: MediaType.ociLayerGzip,
  [MediaType.dockerLayerTar]: MediaType.ociLayerTar,
  "application/vnd.docker.image.rootfs.diff.tar.zstd": MediaType.ociLayerZstd,
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip":
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  "application/vnd.docker.image.rootfs.foreign.diff.tar":
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
};

/**
 * Makes the configuration and the manifest of an image. Nothing is read or written, and the same
 * inputs give the same bytes.
 *
 * @throws ImageConfigError for a configuration that no image can have
 * @throws BaseImageError where the base has layers of a type that no image has
 */
export function assembleImage(inputs: ImageInputs): AssembledImage {
  const bytes = imageConfigFile({ ...inputs, base: inputs.base?.config.file });
  const descriptor: Descriptor = {
    mediaType: MediaType.ociConfig,
    digest: digestOf(bytes),
    size: bytes.length,
  };
  const layers = [
    ...(inputs.base?.layers ?? []).map(ociLayer),
    ...inputs.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  ];
  return {
    manifest: imageManifest(descriptor, layers, { annotations: inputs.annotations }),
    config: { bytes, descriptor },
    layers,
  };
}

function ociLayer(layer: Descriptor): Descriptor {
  const mediaType = layerTypes[layer.mediaType] ?? layer.mediaType;
  if (
    !/^application\/vnd\.oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?$/.test(mediaType)
  ) {
    throw new BaseImageError(
      `layer ${layer.digest} of the base is of type ${JSON.stringify(layer.mediaType)}, which no image has ` +
        `(a valid example: "${MediaType.ociLayerGzip}")`,
    );
  }
  return { ...layer, mediaType };
}
