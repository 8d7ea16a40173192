/**
 * Media types of the OCI image specification 1.1 and their Docker registry v2 equivalents.
 *
 * Source: image-spec/media-types.md; Docker "Image Manifest Version 2, Schema 2".
 */
export const MediaType = {
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociEmpty: "application/vnd.oci.empty.v1+json",
  ociLayerTar: "application/vnd.oci.image.layer.v1.tar",
  ociLayerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  ociLayerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  dockerLayerTar: "application/vnd.docker.image.rootfs.diff.tar",
} as const;

/** The media types that name a list of manifests (an index). */
const indexMediaTypes: ReadonlySet<string> = new Set([MediaType.ociIndex, MediaType.dockerManifestList]);

/** The media types that name one image or artifact manifest. */
const manifestMediaTypes: ReadonlySet<string> = new Set([MediaType.ociManifest, MediaType.dockerManifest]);

/** Returns whether a media type is that of an index (OCI) or a manifest list (Docker). */
export function isIndexMediaType(mediaType: string): boolean {
  return indexMediaTypes.has(mediaType);
}

/** Returns whether a media type is that of an image manifest, OCI or Docker. */
export function isManifestMediaType(mediaType: string): boolean {
  return manifestMediaTypes.has(mediaType);
}

/**
 * The `Accept` header of every manifest request. All four types are always named: some registries
 * answer MANIFEST_UNKNOWN for an index whose type is not accepted.
 */
export const manifestAccept = [
  MediaType.ociManifest,
  MediaType.ociIndex,
  MediaType.dockerManifest,
  MediaType.dockerManifestList,
].join(", ");
