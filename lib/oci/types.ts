/** Shapes of the OCI image specification 1.1, as they appear on the wire. */

/** A CPU architecture and operating system (image-spec/image-index.md, "platform"). */
export interface Platform {
  /** Operating system as Go names it, e.g. `linux`. */
  os: string;
  /** Architecture as Go names it, e.g. `amd64`. */
  architecture: string;
  /** Variant of the architecture, e.g. `v7`. */
  variant?: string;
  /** Operating system version, used by Windows images. */
  "os.version"?: string;
  /** Required operating system features, used by Windows images. */
  "os.features"?: string[];
}

/** String metadata on a manifest, an index or a descriptor (image-spec/annotations.md). */
export type Annotations = Record<string, string>;

/** Content by address (image-spec/descriptor.md). `size` is in bytes. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  urls?: string[];
  annotations?: Annotations;
  data?: string;
  artifactType?: string;
  platform?: Platform;
}

/** An image or artifact manifest (image-spec/manifest.md). */
export interface Manifest {
  schemaVersion: 2;
  mediaType?: string;
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  subject?: Descriptor;
  annotations?: Annotations;
}

/** A list of manifests, usually one a platform (image-spec/image-index.md). */
export interface Index {
  schemaVersion: 2;
  mediaType?: string;
  artifactType?: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  annotations?: Annotations;
}

/**
 * A manifest or index as it was fetched: the bytes are kept exactly as they came, for they are the
 * digest.
 */
export interface FetchedManifest {
  descriptor: Descriptor;
  bytes: Buffer;
}
