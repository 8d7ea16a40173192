/** A registry that a release is pushed to. */
export interface RegistryFacts {
  readonly host: string;
  /** Path that its repositories are below; empty for none. */
  readonly namespace: string;
  /** Whether the program declares who signs in, so that the job does not. */
  readonly isSignedIn: boolean;
}

/** A repository on GitHub that a version is released in. */
export interface ReleaseFacts {
  readonly host: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Whether the program declares the token. */
  readonly isSignedIn: boolean;
}

/** Who signs: a key in a file, a service, or the identity of the job. */
export type SignerFacts =
  | { readonly kind: "key"; readonly file: string }
  | { readonly kind: "service" }
  | { readonly kind: "keyless" };

/** Scanners that a job can install. */
export type ScannerName = "trivy" | "grype" | "osv-scanner";

/** What a declaration says of the jobs that carry it out. */
export interface DeclarationFacts {
  /** Address of the sources. */
  readonly source?: string | undefined;
  readonly registries: readonly RegistryFacts[];
  readonly releases: readonly ReleaseFacts[];
  /** Whether an image is built by the builder that the machine has, which no declaration names. */
  readonly hasDockerfiles: boolean;
  /** Architectures that these are built for, as Go names them. */
  readonly architectures: readonly string[];
  /** Platforms that are built from Dockerfiles by runs of their own; undefined where one run builds all. */
  readonly split?: readonly string[] | undefined;
  /** File with the digests of bases, where they are locked. */
  readonly lock?: string | undefined;
  readonly signer?: SignerFacts | undefined;
  readonly scanner?: ScannerName | undefined;
}
