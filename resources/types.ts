// Made from resources/definitions/ by `npm run format`; changes here are lost.
/* eslint-disable @typescript-eslint/no-explicit-any -- the definition takes anything there */

/** Named types of properties. */

/** A package as a repository takes it, from an `ApkPackage`. */
export type AddedApk = {
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** What an index has of the package. */
  index: string;
};

/** A package as a repository takes it, from an `AptPackage`. */
export type AddedPackage = {
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Size in bytes. */
  size: number;
  /** The control file of the package. */
  control: string;
};

/** A package as a repository takes it, from an `RpmPackage`. */
export type AddedRpm = {
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** What the lists of a repository have of the package. */
  lists: RpmPackageLists;
};

/** The index of an architecture as it was left. */
export type ApkArchitectureRecord = {
  /** How many packages its index has. */
  packages: number;
  /** Digest of what these are. */
  content: string;
  /** Digest of the index. */
  index: string;
};

/** Relations of a package to others, as apk writes them. */
export type ApkRelations = {
  /** As apk writes them (apk-package(5)). */
  depends?: string[];
  /** As apk writes them (apk-package(5)). */
  conflicts?: string[];
  /** As apk writes them (apk-package(5)). */
  provides?: string[];
  /** As apk writes them (apk-package(5)). */
  replaces?: string[];
  /** As apk writes them (apk-package(5)). */
  installIf?: string[];
};

/** Scripts that apk runs. */
export type ApkScripts = {
  /** Text of the script, which begins with `#!`. */
  preInstall?: string;
  /** Text of the script, which begins with `#!`. */
  postInstall?: string;
  /** Text of the script, which begins with `#!`. */
  preUpgrade?: string;
  /** Text of the script, which begins with `#!`. */
  postUpgrade?: string;
  /** Text of the script, which begins with `#!`. */
  preDeinstall?: string;
  /** Text of the script, which begins with `#!`. */
  postDeinstall?: string;
};

/** A file of an archive, with exactly one of `source`, `content` and `symlink`. */
export type ArchiveFile = {
  /**
   * Path in the archive. With a folder as source: the path for its content. Example: `"bin/hello"`.
   */
  path: string;
  /** File or folder, relative to the project's folder and inside it. */
  source?: string;
  /**
   * Expected digest of the file, if known. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Content of a file, as text. */
  content?: string;
  /** Target of a symbolic link. */
  symlink?: string;
  /** Octal mode. Default: `0755` for an executable file, otherwise `0644`. Example: `"0755"`. */
  mode?: string;
};

/** A file that is released: its name, where it is, and its digest. */
export type Artifact = {
  /** Name of the file as users download it. Example: `"hello_1.0.0_linux_amd64.tar.gz"`. */
  name: string;
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /**
   * Platform that the file is for, so that programs find theirs. Default: none. Example:
   * `"linux/amd64"`.
   */
  platform?: string;
};

/** An assembled layer: what identifies it without its content. */
export type AssembledLayer = {
  mediaType: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  size: number;
  diffId: string;
  recipe: string;
  declaration: string;
};

/** A signature that a file of a release must have. */
export type AssetSignature = {
  /** Trusted signer: a public key, or an identity. */
  verifier: Verifier;
  /**
   * What is signed: the sums file, which covers everything that it lists, or the file itself.
   * Default: `sums`; `asset` where the digest is declared.
   */
  of?: "sums" | "asset";
  /**
   * Name of the Sigstore bundle in the release. Default: the signed file's, and `.sigstore.json`.
   * Example: `"SHA256SUMS.sigstore.json"`.
   */
  bundle?: string;
};

/** A statement in the registry. */
export type AttachedStatement = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  predicateType: string;
  /**
   * Digest of the predicate in canonical JSON. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  predicateDigest: string;
  /**
   * Digest of the referrer that carries the statement. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
};

/** A statement about a digest, and its type. */
export type AttestationStatement = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** Type of the predicate, a URI. Example: `"https://spdx.dev/Document"`. */
  predicateType: string;
  /** The predicate itself. */
  predicate?: Record<string, any>;
  /** JSON file with the predicate, relative to the project's folder. */
  file?: string;
  /** Blob of the repository that is the predicate, e.g. an SBOM. */
  document?: {
    /**
     * SHA-256 digest as `sha256:<hex>`. Example:
     * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
     */
    digest: string;
    /** Size in bytes. */
    size: number;
  };
};

/** An image that a Dockerfile starts from or copies from. */
export type BaseReference = {
  /** Reference as BuildKit sees it, with variables expanded. */
  reference: string;
  /** Line in the Dockerfile. */
  line: number;
  /** Name of the image of the same distribution that it stands for. */
  image?: string;
  /**
   * Digest that the reference points to; absent if no registry had to be asked. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Whether the reference is floating: its publisher moves it to new content. */
  floating: boolean;
};

/** External content that a build used. */
export type BuildDependency = {
  /** Example: `"pkg:docker/alpine@3.20"`. */
  uri: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Platform whose image it went into. Default: all of them. Example: `"linux/amd64"`. */
  platform?: string;
};

/** The builder's record of the newest build of an image. */
export type BuildRecord = {
  /** Start of the build, RFC 3339. */
  startedAt?: string;
  /** How long the build took, with its push. */
  durationSeconds?: number;
  /** Steps, as BuildKit counts them. */
  steps?: number;
  /** Steps that were taken from the cache. */
  cachedSteps?: number;
  /** Why nothing is known of it. */
  notKnown?: string;
};

/** Which builder built an image, and from which context. */
export type BuildSource = {
  /** Name of the buildx builder. Default: that of buildx. */
  builder?: string;
  /** Folder of the context that was built. */
  context: string;
  /** Hash of the context as the builder's provider reports it; another hash is another build. */
  contextHash?: string;
};

/** A file that a command made. */
export type BuiltFile = {
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Size in bytes. */
  size: number;
};

/** What a build was made from, as a file tells it another run. */
export type BuiltFrom = {
  /** Version of the distribution. */
  version?: string;
  /** Commit of the sources. */
  revision?: string;
  /** Digest of the Dockerfile and of the files that it reads. */
  context: string;
  /** Digest of each image that it starts from or copies from, by its reference. */
  bases: Record<string, string>;
  /** Digest of each further setting. */
  settings: Record<string, string>;
};

/** Which part of the version is raised for a change of a component. */
export type BumpRules = {
  /** For versions within the declared ranges. Default: `patch`. */
  compatible?: "patch" | "minor" | "major";
  /** For any other. Default: `minor`. */
  breaking?: "patch" | "minor" | "major";
};

/** Where a catalog says which version it has. */
export type CatalogProbe = {
  /** Address that is asked. Example: `"https://formulae.brew.sh/api/formula/hello.json"`. */
  url: string;
  /**
   * JSON pointer to the version; below each entry of the list, where there is one. Example:
   * `"/versions/stable"`.
   */
  version?: string;
  /**
   * JSON pointer to a list of entries; empty for the whole answer. The highest version of it counts.
   * Example: `"/versions"`.
   */
  list?: string;
  /** What entries of the list have to have, by field: a text, or a list with it. */
  where?: Record<string, string>;
  /**
   * Regular expression whose first group is the version, for an answer that is no JSON. Example:
   * `"version = \"([^\"]+)\""`.
   */
  pattern?: string;
  /** What stands before each version there, e.g. `v`. */
  prefix?: string;
  /** What packages add to versions there, such as revisions. Default: `plain`, nothing. */
  spelled?: "plain" | "debian" | "rpm" | "alpine" | "homebrew";
};

/** Entries of a change log by kind, as Markdown. */
export type Changes = {
  added?: string[];
  changed?: string[];
  deprecated?: string[];
  removed?: string[];
  fixed?: string[];
  security?: string[];
};

/** A channel and what has become of a release in it. */
export type ChannelOutcome = {
  /** Kind and name. */
  channel: string;
  /** What has become of it. */
  state: "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed";
  /** Why it is not published, where it is not. */
  reason?: string;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  awaitingSince?: string;
  /**
   * For how long it may be `awaiting` or `staged`: then that is a failure. Default: for good.
   * Example: `"7d"`.
   */
  grace?: string;
};

/** An image that the values of a chart name. */
export type ChartImage = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: string;
  /** A tag of it that never moves, for charts that show one. Default: none. Example: `"v1.2.3"`. */
  tag?: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
};

/** A file or download that must have a digest. */
export type ChecksumCheck = {
  /** File, relative to the project's folder. */
  file?: string;
  /** URL to download, instead of a file. */
  url?: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
};

/** A feed of NuGet 2. */
export type ChocolateyFeed = {
  /** Address that `choco` is told as `--source`. Example: `"https://nuget.acme.example/nuget/"`. */
  source: string;
  /**
   * Host that packages are pushed to (below it `api/v2/package/`), or with a path the very address.
   * Example: `"https://nuget.acme.example/nuget/"`.
   */
  push: string;
  /**
   * Whether moderators look at a package before it is shown. Default: for the community's feed alone.
   */
  moderated?: boolean;
};

/** A command that must exit with code 0. */
export type CommandCheck = {
  /** Program and arguments, or a text for `sh -eu`. Example: `["dist/hello","--version"]`. */
  command: string[] | string;
  /** Folder to run in, relative to the project's. Default: the project's folder. */
  directory?: string;
  /** Variables to set. Those of the machine are passed on too, except those named like secrets. */
  env?: Record<string, string>;
  /**
   * Variables of the machine that are passed on although their names mark them as secrets. A change
   * of their values runs nothing again, and they are redacted from what is printed. Default: none.
   * Example: `["AWS_SECRET_ACCESS_KEY","AWS_SESSION_TOKEN"]`.
   */
  inherit?: string[];
  /**
   * Patterns of the files that the command reads, relative to `directory`: a change of one runs the
   * check again, and the preview shows it. They are read before the update makes anything; what it
   * makes itself belongs in `triggers`. Default: none. Example: `["**\/*.go","go.mod"]`.
   */
  sources?: string[];
  /** Regular expression that the output must match. Example: `"^hello 1\\.2\\.3$"`. */
  expect?: string;
  /**
   * Maximum duration in seconds: a longer run fails, and further `attempts` try again. The measured
   * time is in `detail`. Default: any time within `timeoutSeconds`. Example: `2`.
   */
  withinSeconds?: number;
};

/** Result of the test of a combination of components. */
export type CompatibilityResult = {
  /** Version of each component. Example: `{"Axon":"v1.5.0","MLOS Core":"v1.0.0"}`. */
  components: Record<string, string>;
  /** Result of the compatibility test, e.g. of a `slipway:gate:Check`. */
  result: "passed" | "failed" | "not executed";
  /** Who or what tested it, e.g. a link to a run. */
  by?: string;
};

/**
 * How much stays: what is among the newest, or younger than the age; with both only what is neither
 * goes.
 */
export type CountRule = {
  /** How many of the newest stay. Example: `10`. */
  keep?: number;
  /** Age from which on they go. Default: any, if `keep` is given. Example: `"30d"`. */
  after?: string;
};

/** Who may change what is shown of a repository. */
export type CuratorLogin = {
  /** User name; for Docker Hub also an organization. Quay takes none. */
  username?: string;
  /** Password or token, a secret. */
  password: string;
};

/** A tag and how it may move. */
export type DeclaredTag = {
  /** Tag. Example: `"v1.2.3"`. */
  tag: string;
  /**
   * `never`: a version tag, refused where it exists with another digest. `always`: follows the
   * program. `highest`: an alias of the highest stable version in `within`; it stays where a higher
   * one is published. Example: `"never"`.
   */
  moves: "never" | "always" | "highest";
  /**
   * Semantic or calendar version of the digest, for `highest`. A number after it is its revision,
   * e.g. the date of a rebuild. Example: `"v1.2.3"`.
   */
  version?: string;
  /**
   * Versions the alias is for: all (default), those of a major version, or of a minor one. Example:
   * `"1.2"`.
   */
  within?: string;
  /**
   * For `highest`: what stands before the versions that are compared, where the repository has those
   * of several components; no others are compared. Default: nothing, or a `v`. Example: `"cli-"`.
   */
  component?: string;
  /**
   * For `highest`: a number after a version is its revision, `1.2.3-2` newer than `1.2.3`. Default:
   * it is a pre-release, but the date of a rebuild that has an alias.
   */
  revisions?: boolean;
  /**
   * For `highest`: versions are calendar versions, such as `2022.04.1`, and no others are compared.
   * Default: they are semantic versions.
   */
  calendar?: boolean;
  /**
   * For `highest`: tags that are not compared, by pattern; `*` stands for any characters. Example:
   * `"v9.*"`.
   */
  except?: string[];
};

/** Content by address (image-spec/descriptor.md). */
export type Descriptor = {
  /** Example: `"application/vnd.oci.image.manifest.v1+json"`. */
  mediaType: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Size in bytes. */
  size: number;
  /** Platform of a manifest in an index (image-spec/image-index.md). */
  platform?: Platform;
  /**
   * Annotations (image-spec/annotations.md). Example:
   * `{"org.opencontainers.image.source":"https://github.com/acme/hello"}`.
   */
  annotations?: Record<string, string>;
  artifactType?: string;
};

/** What a file is to have: exactly one of the fields. */
export type DocumentEdit = {
  /** A part of the file, between two markers. */
  region?: DocumentRegion;
  /** The whole file. */
  whole?: DocumentText;
  /** The whole file, of a template. */
  template?: DocumentTemplate;
  /** References of images in a file that somebody has written. */
  references?: DocumentReferences;
  /** The whole file, as what is in it. */
  yaml?: DocumentYaml;
};

/**
 * References of images in a file of compose, Kubernetes, kustomize or values of a chart. Those are
 * followed that name a place of an image, and values with the comment `# slipway: NAME`.
 */
export type DocumentReferences = {
  /** Images that are followed. */
  images: FollowedImage[];
  /** `host/path` of images of others that are beside those in a registry. */
  others?: string[];
};

/**
 * What stands between `slipway:begin NAME` and `slipway:end NAME`, each a comment in a line of its
 * own, such as `<!-- slipway:begin install -->` in Markdown and `# slipway:begin install` in YAML.
 */
export type DocumentRegion = {
  /** Name that its markers have. Example: `"install"`. */
  name: string;
  /** What stands between the markers. */
  text: string;
};

/** A whole file that is made of a template. */
export type DocumentTemplate = {
  /**
   * Template, relative to the project's folder and inside it. Example: `"templates/DOCKER_HUB.md"`.
   */
  from: string;
  /**
   * Texts that take the place of `{name}` in it, by name. One that it does not have may still be
   * unknown at preview. `\{name}` is the word itself; `${name}` and `{{ name }}` are those of others.
   */
  values: Record<string, string>;
  /**
   * Whether a comment says that Slipway writes it, by which it is known as its own in every checkout.
   * Default: true, where such a file can have comments.
   */
  mark?: boolean;
  /** Most characters, as people count them, that what is made may have. Default: any number. */
  longest?: number;
};

/** The text of a whole file. */
export type DocumentText = {
  /** The file. */
  text: string;
  /**
   * Whether a comment says that Slipway writes it, by which it is known as its own in every checkout.
   * Default: true, where such a file can have comments.
   */
  mark?: boolean;
};

/** A whole file in YAML. */
export type DocumentYaml = {
  /**
   * What each document of the file has, as a list in JSON. Fields keep their order. Example: `"[{
   * \"services\": {} }]"`.
   */
  json: string;
};

/** One fact about a digest that a gate or a policy looks at. */
export type Evidence = {
  /**
   * Kind of fact: a verified signature, an attached SBOM, a provenance or other attestation, a scan,
   * or a declared check. Example: `"signature"`.
   */
  kind: "signature" | "sbom" | "provenance" | "attestation" | "scan" | "check";
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /**
   * `failed` and `not executed` reach a publishing resource only where the gate is advisory; a
   * mandatory gate stops before. Example: `"passed"`.
   */
  result: "passed" | "failed" | "not executed";
  /**
   * Source of the fact: a key or an identity, a generator, or a scanner with its version. Example:
   * `"trivy 0.59.1"`.
   */
  by: string;
  /**
   * Who signed, as the verified signature shows it: a key, or an identity, its issuer and the trusted
   * root.
   */
  signer?: EvidenceSigner;
  /** The program that scanned, and what it looked for. */
  scanner?: EvidenceScanner;
  /** The result in words, e.g. what was found and what is excepted. */
  detail?: string;
  /**
   * Digest of the referrer that carries the fact in the registry. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer?: string;
  /**
   * Digest of the file that carries a file's signature, byte for byte: its Sigstore bundle. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  bundleDigest?: string;
};

/** The program that scanned, and what it looked for. */
export type EvidenceScanner = {
  /** Kind of scanner. Example: `"trivy"`. */
  name: string;
  /** Version that the program reports. Example: `"0.59.1"`. */
  version?: string;
  /**
   * Digest of the executable that was run. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** When the database was made; absent for secrets, which need none. */
  databaseTime?: string;
  /** What was looked for. Example: `["vulnerability","secret"]`. */
  kinds?: string[];
  /**
   * Further arguments that the declaration gave the program, in their order: they can hide findings.
   */
  arguments?: string[];
  /** Folder of the database, where one was declared. */
  databaseDirectory?: string;
  /** Lowest severity that failed the gate. */
  failOn?: string;
  /** Whether vulnerabilities without a fix were ignored. */
  fixableOnly?: boolean;
  /** Identifiers of the findings that are declared as accepted. */
  excepted?: string[];
};

/**
 * Who signed, as the verified signature shows it: a key, or an identity, its issuer and the trusted
 * root.
 */
export type EvidenceSigner = {
  /**
   * Fingerprint of the public key: SHA-256 of its SPKI DER. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  key?: string;
  /**
   * Identity (subject alternative name) in the certificate. Example:
   * `"https://github.com/acme/hello/.github/workflows/release.yml@refs/tags/v1.2.3"`.
   */
  identity?: string;
  /** OIDC issuer in the certificate. Example: `"https://token.actions.githubusercontent.com"`. */
  issuer?: string;
  /**
   * Digest of the trusted root by which the certificate holds: SHA-256 of the file (`sha256sum
   * trusted_root.json`). Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  root?: string;
  /** Whether the key is a throw-away key, made on the spot, which says nothing about who signed. */
  generated?: boolean;
};

/** Expectations of the files of a command. */
export type Expectation = {
  /**
   * Every output is an executable for this target: ELF, Mach-O, PE, WebAssembly, XCOFF or Plan 9.
   * Example: `"linux/amd64"`.
   */
  platform?: string;
  /**
   * Maximum size of every output in bytes. The measured size is in `evidence`. Example: `10000000`.
   */
  maximumBytes?: number;
  /**
   * Run where the machine is of `platform`; elsewhere the result is `not executed`, never `passed`.
   */
  tests?: FunctionTest[];
};

/** The builder's error text for an instruction. */
export type FailureLine = {
  /** Part of the error; `*` stands for anything. */
  pattern: string;
  /** Line in the Dockerfile. */
  line: number;
  /** First line of the instruction. */
  instruction: string;
};

/** A file that was extracted from a fetched archive. */
export type FetchedFile = {
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Size in bytes. */
  size: number;
};

/** A file and the Sigstore bundle that signs it. */
export type FileBundle = {
  /** The file. */
  path: string;
  /** The file with its signature. */
  bundle: string;
  /**
   * Digest of that file. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  bundleDigest: string;
  /**
   * Digest of the file. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Who signed: a key, or an identity and its issuer. */
  by: string;
  /** The signature itself, from which another machine can place that file. */
  content?: string;
};

/** A file that is signed. */
export type FileToSign = {
  /** File, relative to the project's folder. Example: `"dist/hello-linux-amd64"`. */
  path: string;
  /**
   * Digest that the file must have, where another resource makes it. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/** An image, and what references of it are to say. */
export type FollowedImage = {
  /** Name in the declaration, as marks have it. */
  name: string;
  /**
   * `host/path` of each place that it is in; the first is written where the file has none of them.
   * Example: `["ghcr.io/acme/hello"]`.
   */
  repositories: string[];
  /** Tag that references get. Default: none. */
  tag?: string;
  /**
   * Digest that references get. Default: none. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/** A key of Alpine that another one is about to replace. */
export type FormerApkKey = {
  /** RSA private key, as PEM, a secret. */
  key: string;
  /** Passphrase of it, a secret. Default: it has none. */
  passphrase?: string;
  /** Name of its public key in `/etc/apk/keys`, without `.rsa.pub`. Example: `"hello"`. */
  keyName: string;
  /**
   * Day from which it signs no more, in UTC. Default: it signs as long as it is declared. Example:
   * `"2027-06-30"`.
   */
  until?: string;
};

/** A key that another one is about to replace. */
export type FormerKey = {
  /** Armored OpenPGP private key, a secret. */
  key: string;
  /** Passphrase of it, a secret. Default: it has none. */
  passphrase?: string;
  /**
   * Day from which it signs no more, in UTC. Default: it signs as long as it is declared. Example:
   * `"2027-06-30"`.
   */
  until?: string;
};

/** A command that must succeed with a built file. */
export type FunctionTest = {
  /** Name of the output that `{file}` stands for. Default: the first. */
  file?: string;
  /** Program and arguments; `{file}` stands for the built file. Example: `["{file}","--version"]`. */
  command: string[];
  /** Regular expression that a printed line must match. Example: `"^hello v1\\.2\\.3"`. */
  prints?: string;
  /**
   * Maximum duration of the command in seconds. A slow run is repeated, at most ten times, and the
   * fastest counts: other work on the machine makes a run slower, never faster. The measured time is
   * in `evidence`. Example: `0.1`.
   */
  withinSeconds?: number;
};

/** Who a commit is by. */
export type GitAuthor = {
  /** Example: `"Acme releases"`. */
  name: string;
  /** Example: `"releases@acme.example"`. */
  email: string;
};

/** A file of a git repository, with its content. */
export type GitFile = {
  /** What is in the file, as UTF-8. */
  content?: string;
  /**
   * File with the content, relative to the project's folder and inside it. Example:
   * `"packaging/hello.rb"`.
   */
  source?: string;
  /**
   * What the file is to have, applied in this order to the file that the branch has, of which
   * everything else stays to the byte. Templates are files of the project.
   */
  edits?: DocumentEdit[];
  /** Whether it is a program. Default: false; a file that is edited stays what it is. */
  executable?: boolean;
  /** Whether this file is replaced where somebody else has put it. Default: that of the resource. */
  takeOver?: boolean;
};

/** A file of a git repository as it is, or is to be. */
export type GitFileState = {
  /**
   * Digest of the content; absent for edits, and where no regular file is at the path. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Whether it is a program. */
  executable: boolean;
};

/** Which version files of a git repository are of. */
export type GitFilesVersion = {
  /** Version that the files are of. Example: `"1.2.3"`. */
  value: string;
  /**
   * Path of the file that says which version the branch has. Default: none does, and it is the one
   * that this resource has last committed. Example: `"Formula/hello.rb"`.
   */
  file?: string;
  /**
   * Regular expression, by lines; its first group is the version there. Goes with `file`. Example:
   * `"^ *version \"(.+)\"$"`.
   */
  pattern?: string;
  /** Whether a pre-release takes the place of what is there. Default: false, it changes nothing. */
  prereleases?: boolean;
};

/** A file of a release. */
export type GitHubReleaseAsset = {
  /** Name of the asset, as its URL has it. Example: `"hello_v1.0.0_linux-amd64.tar.gz"`. */
  name: string;
  /** File, relative to the project's folder. Example: `"dist/hello.tar.gz"`. */
  path: string;
  /**
   * Digest that the file must have, for files that another resource makes. Default: any. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Media type. Default: by the name. Example: `"application/gzip"`. */
  contentType?: string;
  /**
   * Whether it may be added, get other content, or be taken away after publication. Default: false.
   */
  replaceable?: boolean;
  /** Whether lists of files in the notes have it. Default: unless it is replaceable. */
  inNotes?: boolean;
};

/** A pull request on GitHub, for a repository of others. */
export type GitPullRequest = {
  /**
   * Fork that the branch is pushed to, as `owner/name`; its branch is brought to where that of the
   * repository is. Default: the repository itself. Example: `"acme/winget-pkgs"`.
   */
  fork?: string;
  /**
   * Branch of the pull request, by which it is found again. Default: `slipway/`, the name of the
   * file, and the version. Example: `"slipway/hello-1.2.0"`.
   */
  branch?: string;
  /** Default: the first line of the message. Example: `"New version: hello 1.2.0"`. */
  title?: string;
  /** Text, in Markdown. Default: none. */
  body?: string;
  /**
   * Repository on GitHub, as `owner/name`. Default: what the address says. Example:
   * `"microsoft/winget-pkgs"`.
   */
  repository?: string;
};

/** A pull request as it was last seen. */
export type GitPullRequestState = {
  /** Its number. */
  number: number;
  /** Its page. */
  url: string;
  /** `closed` is closed without a merge. */
  state: "open" | "merged" | "closed";
  /** Branch that it is made of. */
  branch: string;
  /** Version that it brings. */
  version?: string;
};

/** Health check in Docker's extension of the image configuration. */
export type Healthcheck = {
  /**
   * Program and arguments, or a text for the shell; exit code 0 is healthy. Example:
   * `["/usr/local/bin/hello","--healthcheck"]`.
   */
  test: string[] | string;
  /** Seconds between two checks. Default: that of the engine, 30. */
  intervalSeconds?: number;
  /** Timeout of a check in seconds. Default: that of the engine, 30. */
  timeoutSeconds?: number;
  /** Seconds after the start in which a failure does not count. Default: 0. */
  startPeriodSeconds?: number;
  /** Failures in a row after which the container is unhealthy. Default: that of the engine, 3. */
  retries?: number;
};

/** A URL that must answer. */
export type HttpCheck = {
  /** Example: `"https://example.com/healthz"`. */
  url: string;
  /** Expected status. Default: 200. */
  status?: number;
  /** Text that the answer must contain. */
  contains?: string;
};

/** Configuration of the image (image-spec/config.md). */
export type ImageConfig = {
  /** Command that a container starts with. Clears the base's `cmd`. */
  entrypoint?: string[];
  /** Default arguments of the entrypoint. */
  cmd?: string[];
  /** Environment variables. */
  env?: Record<string, string>;
  /** Labels. */
  labels?: Record<string, string>;
  /** Ports: a number for TCP, or `port/protocol`. Example: `[8080,"53/udp"]`. */
  exposedPorts?: (number | string)[];
  /** User, as `name`, `uid` or `uid:gid`. */
  user?: string;
  /** Absolute path that processes start in. */
  workingDir?: string;
  /** Absolute paths that the engine makes volumes of. */
  volumes?: string[];
  /** Signal that asks a container to end, e.g. `SIGTERM`. */
  stopSignal?: string;
  /** How an engine checks whether a container is healthy. */
  healthcheck?: Healthcheck;
};

/** Content that is copied from another image. */
export type ImageCopy = {
  /**
   * Image by tag or digest; of an index, the part for each platform. Example:
   * `"ghcr.io/acme/hello:v1.2.3"`.
   */
  image: string;
  /** File or folder in that image. Example: `"/usr/local/bin/hello"`. */
  from: string;
  /** Destination path. Default: the same path. */
  to?: string;
};

/** A signature that was verified. */
export type ImageSignature = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /**
   * Digest of the referrer that carries the bundle; where the registry cannot hold referrers, that of
   * `legacyReferrer`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
  /**
   * Digest that the tag `sha256-<hex>.sig` points to. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  legacyReferrer?: string;
  /** Who signed: a key, or an identity and its issuer. */
  by: string;
};

/** An image that an index lists. */
export type IndexChild = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  index: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  platform?: string;
};

/** Signing with a short-lived certificate for an identity (Sigstore's Fulcio and Rekor). */
export type KeylessSigner = {
  /**
   * OIDC issuer that vouches for the identity. Example:
   * `"https://token.actions.githubusercontent.com"`.
   */
  issuer: string;
  /**
   * Identity in the certificate, exactly. Example:
   * `"https://github.com/acme/hello/.github/workflows/release.yml@refs/heads/main"`.
   */
  identity?: string;
  /**
   * Regular expression that the whole identity must match, instead of `identity`. Example:
   * `"https://github\\.com/acme/hello/\\.github/workflows/release\\.yml@refs/tags/v.*"`.
   */
  identityPattern?: string;
  trustedRoot: string;
  /** Certificate authority. Default: https://fulcio.sigstore.dev. */
  fulcioUrl?: string;
  /** Transparency log. Default: https://rekor.sigstore.dev. */
  rekorUrl?: string;
  /**
   * Identity token, a secret. Default: the environment variable SIGSTORE_ID_TOKEN, else that of the
   * CI service.
   */
  token?: string;
  /** File with the identity token, instead of `token`. */
  tokenFile?: string;
};

/** The version that had an alias last, and its digest. */
export type LastAlias = {
  /**
   * Semantic or calendar version of the digest, for `highest`. A number after it is its revision,
   * e.g. the date of a rebuild. Example: `"v1.2.3"`.
   */
  version?: string;
  /**
   * Versions the alias is for: all (default), those of a major version, or of a minor one. Example:
   * `"1.2"`.
   */
  within?: string;
  /**
   * For `highest`: what stands before the versions that are compared, where the repository has those
   * of several components; no others are compared. Default: nothing, or a `v`. Example: `"cli-"`.
   */
  component?: string;
  /**
   * For `highest`: a number after a version is its revision, `1.2.3-2` newer than `1.2.3`. Default:
   * it is a pre-release, but the date of a rebuild that has an alias.
   */
  revisions?: boolean;
  /**
   * For `highest`: versions are calendar versions, such as `2022.04.1`, and no others are compared.
   * Default: they are semantic versions.
   */
  calendar?: boolean;
  /**
   * For `highest`: tags that are not compared, by pattern; `*` stands for any characters. Example:
   * `"v9.*"`.
   */
  except?: string[];
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
};

/** One reproducible layer. */
export type Layer = {
  /** Content of the layer. */
  files: LayerFile[];
  /** Compression of the layer. Default: `gzip`. */
  compression?: "gzip" | "zstd" | "none";
  /** Text of the layer's history entry. */
  createdBy?: string;
};

/** One file, directory, link or removal in a layer. */
export type LayerFile = {
  /** Absolute path in the image. Example: `"/usr/local/bin/hello"`. */
  to: string;
  /** File or directory to put there, relative to the project's folder. Example: `"dist/hello"`. */
  source?: string;
  /** Content of a text file, instead of `source`. */
  content?: string;
  /** Makes a symbolic link to this path, instead of `source`. */
  symlink?: string;
  /** Makes an empty directory, instead of `source`. */
  directory?: boolean;
  /** Removes the path of a lower layer (a whiteout), instead of `source`. */
  remove?: boolean;
  /**
   * Permission bits as octal digits. Default: `0755` where the file is executable, else `0644`.
   * Example: `"0755"`.
   */
  mode?: string;
  /** Owner. Default: 0. */
  uid?: number;
  /** Group. Default: 0. */
  gid?: number;
  /**
   * Digest that the content of `source` must have, for files that another resource makes. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/** A catalog that others fill, as the published list has it. */
export type ListedCatalog = {
  /** Its name. */
  name: string;
  /** Where a catalog says which version it has. */
  probe: CatalogProbe;
  /** What is right. Default: `live`. */
  expect?: "live" | "pending" | "deprecated";
  /** For how long it may have an earlier version. Default: `7d`. */
  grace?: string;
};

/** A lock of images, and whether it is renewed. */
export type LockUse = {
  /**
   * Path of a file, relative to the project's folder and inside it. Example: `"slipway.lock.json"`.
   */
  file: string;
  /** Whether the current digests of the registries replace the locked ones. Default: false. */
  refresh?: boolean;
};

/** A program for macOS. */
export type MacProgram = {
  /** Program, relative to the project's folder. Example: `"dist/hello"`. */
  path: string;
  /**
   * Digest that it must have. Default: any. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/** What a program for macOS says of its signature. */
export type MacSignature = {
  path: string;
  /** `ad-hoc` is what linkers write, with nobody who signs. */
  kind: "developer" | "ad-hoc" | "none";
  /** Whether it asks for the hardened runtime, without which Apple notarizes nothing. */
  hardened: boolean;
  /** Team of the signer, where the signature names one. */
  team?: string;
};

/** Scripts that dpkg runs (Debian policy 6). */
export type MaintainerScripts = {
  /** Text of the script, which begins with `#!`. */
  prerm?: string;
  /** Text of the script, which begins with `#!`. */
  preinst?: string;
  /** Text of the script, which begins with `#!`. */
  postrm?: string;
  /** Text of the script, which begins with `#!`. */
  postinst?: string;
};

/** A component of a distribution. */
export type MatrixComponent = {
  /** Name, as the table has it. Example: `"Axon"`. */
  name: string;
  /** Range of compatible versions. Default: any. Example: `">=1.5.0 <2.0.0"`. */
  compatible?: string;
};

/** A version of a distribution, and the components in it. */
export type MatrixRow = {
  /** Version of the distribution. Example: `"v1.2.3"`. */
  version: string;
  /** Version of each component. Example: `{"Axon":"v1.5.0","MLOS Core":"v1.0.0"}`. */
  components: Record<string, string>;
  /** Status. Only a version that passed its compatibility test can be `Stable`. */
  status: "Stable" | "Testing" | "Planned" | "Future" | "Deprecated";
};

/** A domain that proves whose a name is. */
export type McpDomain = {
  /** Domain, whose reverse the name begins with. Example: `"acme.example"`. */
  name: string;
  /** Where the public key is: in a TXT record, or at `/.well-known/mcp-registry-auth`. */
  proof: "dns" | "http";
  /** Private key of Ed25519, in PEM, a secret. */
  key: string;
};

/** A mirror and what it lacks. */
export type MirrorOutcome = {
  target: string;
  missing: string[];
};

/** Where the notes of a release come from. */
export type NotesSource = {
  /**
   * Change log in the format of Keep a Changelog, relative to the project's folder. The section of
   * the version becomes the notes. Example: `"CHANGELOG.md"`.
   */
  changelog?: string;
  /** Version, with or without `v`. Default: the one in the tag. Example: `"1.2.3"`. */
  version?: string;
  /**
   * Markdown in which `{version}`, `{tag}`, `{changes}` (the section of the change log),
   * `{artifacts}` (a table of the files with their SHA-256 sums, without those that are replaceable),
   * `{verification}` (how downloaded files are checked with the sums file) and `{tests}` (a table of
   * the checks of each program for each platform) are replaced. Default: `{changes}`. Example:
   * `"{changes}\n\n## Files\n\n{artifacts}"`.
   */
  template?: string;
  /** The checks that `{tests}` lists. */
  tests?: ProgramTest[];
};

/** Versions that users were told to leave. */
export type Notice = {
  /** A version, or a line of versions. Example: `"1"`. */
  versions: string;
  /** Day on which it was announced. Example: `"2026-01-31"`. */
  since: string;
  /** Day from which on they may be removed. Default: they stay. Example: `"2026-01-31"`. */
  removal?: string;
  /** Why, in words. Example: `"Version 1 gets no more fixes."`. */
  reason?: string;
  /** What to use instead. Example: `"v3"`. */
  instead?: string;
};

/** A package of npm, packed. */
export type NpmTarball = {
  /** Tarball, relative to the project's folder. Example: `"dist/hello-1.2.0.tgz"`. */
  path: string;
  /**
   * Digest that the file must have, for files that another resource makes. Default: any. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/**
 * What is declared of the programs in an image that are the distribution's own: the built-in
 * generator lists them with this version and license, which the files do not tell. A digest that is
 * published without it keeps its documents.
 */
export type OwnPrograms = {
  /** Version of the distribution, as it is declared. */
  version?: string;
  /** Their license, as an SPDX expression. Example: `"Apache-2.0"`. */
  licenses?: string;
  /**
   * Address of the sources: Go programs whose module is below it are own ones. Example:
   * `"https://github.com/acme/hello"`.
   */
  source?: string;
  /** Programs by their path in the image. */
  files?: {
    /** Path in the image. */
    path: string;
    /** Name of the program. */
    name: string;
  }[];
};

/** Relations of a package to others, as Debian writes them. */
export type PackageRelations = {
  /** As in Debian's control files (policy 7). */
  preDepends?: string[];
  /** As in Debian's control files (policy 7). */
  depends?: string[];
  /** As in Debian's control files (policy 7). */
  recommends?: string[];
  /** As in Debian's control files (policy 7). */
  suggests?: string[];
  /** As in Debian's control files (policy 7). */
  enhances?: string[];
  /** As in Debian's control files (policy 7). */
  breaks?: string[];
  /** As in Debian's control files (policy 7). */
  conflicts?: string[];
  /** As in Debian's control files (policy 7). */
  provides?: string[];
  /** As in Debian's control files (policy 7). */
  replaces?: string[];
};

/** A file that a package installs. */
export type PackagedFile = {
  /**
   * Where it is installed. With a folder as source: the path for its content. Example:
   * `"/etc/hello/hello.yaml"`.
   */
  to: string;
  /** File or folder, relative to the project's folder and inside it. */
  source?: string;
  /**
   * Expected digest of the file, if known. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
  /** Content of a file, as text. */
  content?: string;
  /** Target of a symbolic link. */
  symlink?: string;
  /** Octal mode. Default: `0755` for an executable file, otherwise `0644`. Example: `"0755"`. */
  mode?: string;
  /**
   * Whether an upgrade keeps what the user has changed of it (a conffile of dpkg,
   * `%config(noreplace)` of rpm). Default: for files below `/etc`.
   */
  config?: boolean;
};

/** A service of OpenRC that a package installs. */
export type PackagedService = {
  /** Name of the service. Example: `"hello"`. */
  name: string;
  /** File or folder, relative to the project's folder and inside it. */
  source?: string;
  /** The service, as text that begins with `#!/sbin/openrc-run`. */
  content?: string;
  /**
   * Whether installing adds it to the runlevel `default`. Default: false, as Alpine's own packages
   * have it.
   */
  enable?: boolean;
  /** Whether installing starts it, and an upgrade starts it again. Default: false. */
  start?: boolean;
};

/** A unit of systemd that a package installs. */
export type PackagedUnit = {
  /** File name. Example: `"hello.service"`. */
  name: string;
  /** File or folder, relative to the project's folder and inside it. */
  source?: string;
  /** The unit, as text. */
  content?: string;
  /** Whether it starts with the machine. Default: true. */
  enable?: boolean;
  /** Whether installing starts it, and an upgrade starts it again. Default: true. */
  start?: boolean;
};

/** What decides a build beside files and bases. */
export type PartSettings = {
  /** Stage that is built. */
  stage?: string;
  /** Build arguments. */
  buildArgs?: Record<string, string>;
  /** Labels, which the image has to have. */
  labels?: Record<string, string>;
  /** Annotations of the manifest. */
  annotations?: Record<string, string>;
  /** Creation time, RFC 3339. */
  created?: string;
  /** Network of `RUN`. */
  network?: string;
  /** Names of the secrets that are set. */
  secrets?: string[];
  /** Further contexts that are no folders, by name. */
  contexts?: Record<string, string>;
};

/** Platform of a manifest in an index (image-spec/image-index.md). */
export type Platform = {
  os: string;
  architecture: string;
  variant?: string;
  "os.version"?: string;
  "os.features"?: string[];
};

/** Result of a check of a program for one platform. */
export type ProgramTest = {
  /** Name of the program. Example: `"hello"`. */
  program: string;
  /** What it is for. Example: `"linux/amd64"`. */
  platform: string;
  /** The check, or the command that was run. Example: `"hello --version"`. */
  check: string;
  /** How it went. Example: `"passed"`. */
  result: "passed" | "failed" | "not executed";
};

/** An asset as GitHub has it. */
export type PublishedAsset = {
  /** GitHub's id; another id is another upload. */
  id: number;
  name: string;
  /** Size in bytes. */
  size: number;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Where anyone who may read the repository downloads it. */
  downloadUrl: string;
};

/** The list of what was published, as it was published last. */
export type PublishedList = {
  /**
   * Digest of its content. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Its signature, a Sigstore bundle; none where nobody signs. */
  bundle?: string;
  /** Public key (PEM) of that, where a key signs. */
  publicKey?: string;
};

/** A package as a registry has it. */
export type PublishedNpmPackage = {
  name: string;
  version: string;
  /** Hash that clients check; empty where the registry does not have the version. */
  integrity: string;
  /** Tag that the version belongs under: `latest`, or that of pre-releases. */
  tag: string;
  /** Version that the tag has; empty where there is no such tag. */
  tagged: string;
  /** By which it is approved (`npm stage approve`); absent where it was never staged. */
  stageId?: string;
};

/** A proof of an image, attached to it as an OCI 1.1 referrer. */
export type PublishedProof = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** What it is. */
  kind: "signature" | "provenance" | "sbom" | "attestation";
  /**
   * Digest of the referrer that carries it. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
};

/** A release in one place, and the digests of its files. */
export type PublishedRelease = {
  /** Folder that the release is in, relative to the project's; its name below it included. */
  directory?: string;
  /** Repository of GitHub that it is in, as `owner/name`. */
  github?: string;
  /** Tag of the release. */
  tag: string;
  /** Digest of each file, by name. */
  files: Record<string, string>;
};

/** A distribution file of a Python project. */
export type PypiFile = {
  /**
   * Wheel or sdist, relative to the project's folder; its name is the one in the index. Example:
   * `"dist/hello_world-1.2.0-py3-none-any.whl"`.
   */
  path: string;
  /**
   * Digest that the file must have, for files that another resource makes. Default: any. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: string;
};

/** An index of Python packages. */
export type PypiIndex = {
  /**
   * Address of the simple API, which installers read. Example: `"https://pypi.acme.example/simple"`.
   */
  simple: string;
  /**
   * Address that files are uploaded to, as twine's `repository`. Example:
   * `"https://pypi.acme.example/"`.
   */
  upload: string;
};

/** A signature that a consumer reads, and that holds. */
export type ReadableSignature = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** Who reads it. */
  consumer: string;
  /** As a bundle, or in the older scheme. */
  form: "bundle" | "legacy";
  /** What has verified it: a program with its version, or Slipway's own check. */
  checkedBy: string;
};

/** A release that may have the signatures already. */
export type ReleasePlace = {
  /**
   * Folder that `releases` is in, relative to the project's. Example:
   * `".slipway/releases/acme/hello"`.
   */
  directory?: string;
  /** Repository on GitHub, as `owner/name`. Example: `"acme/hello"`. */
  repository?: string;
  /** Tag of the release. Example: `"v1.0.0"`. */
  tag: string;
};

/** A file of a release: its name, where it is, and its digest. */
export type ReleasedFile = {
  /** Name of the file as users download it. Example: `"hello_1.0.0_linux_amd64.tar.gz"`. */
  name: string;
  /** Path of the file, relative to the project's folder. */
  path: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /**
   * Platform that the file is for, so that programs find theirs. Default: none. Example:
   * `"linux/amd64"`.
   */
  platform?: string;
  /**
   * Whether it may be added, get other content, or be taken away after publication. Default: false.
   */
  replaceable?: boolean;
  /** Whether lists of files in the notes have it. Default: unless it is replaceable. */
  inNotes?: boolean;
};

/** The text of a repository's page: exactly one of text and file. */
export type RepositoryOverview = {
  /** The text. */
  text?: string;
  /** File with the text, relative to the project's folder and inside it. Example: `"README.md"`. */
  file?: string;
  /**
   * Folder of the text as people see it on the Web: relative links lead there. Default: there must be
   * none. Example: `"https://github.com/acme/hello/blob/HEAD"`.
   */
  links?: string;
};

/** What may go. What no part of it is about stays. */
export type RetentionRule = {
  /** Which versions go, with their aliases, rebuilds and commit tags. Default: none. */
  versions?: VersionRule;
  /** Pre-releases. Default: as the versions that they are of. */
  prereleases?: CountRule;
  /** Dated rebuilds, counted for each version. Default: as their versions. */
  rebuilds?: CountRule;
  /** Tags of branches, by when they moved last. Default: all stay. */
  branches?: CountRule;
  /** Tags of commits. Default: all stay. */
  commits?: CountRule;
  /** Dated tags of a channel, such as `nightly-20260131`. Default: all stay. */
  dates?: CountRule;
  /** Tags of pull requests, `pr-12`. Default: all stay. */
  pullRequests?: CountRule;
  /**
   * Manifests that nothing leads to, as far as they can be known, and what refers to a manifest that
   * is gone. Default: all stay.
   */
  untagged?: UntaggedRule;
};

/** Versions that are given up by a retention. */
export type RetiredVersions = {
  /** How many of the newest major versions stay whole. Example: `3`. */
  majors: number;
  /** Age from which on versions go. Example: `"2y"`. */
  after: string;
  /** What users were told. */
  notices: Notice[];
};

/** What each of a repository's lists has of a package. */
export type RpmPackageLists = {
  /** What is needed to find and to choose it. */
  primary: string;
  /** What it installs. */
  filelists: string;
  /** What else there is. */
  other: string;
};

/** Relations of a package to others, as rpm writes them. */
export type RpmRelations = {
  /** As rpm writes them (rpm-dependencies(7)). */
  provides?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  requires?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  conflicts?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  obsoletes?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  suggests?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  enhances?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  recommends?: string[];
  /** As rpm writes them (rpm-dependencies(7)). */
  supplements?: string[];
};

/** The lists of a repository as they were left. */
export type RpmRepositoryRecord = {
  /** When its lists were made, in seconds since 1970; 0 for none. */
  seconds: number;
  /** How many packages they have. */
  packages: number;
  /** Digest of what these are. */
  content: string;
  /** Digests of its lists, by path. */
  lists: Record<string, string>;
};

/** Scripts that rpm runs, by the names of spec files. */
export type RpmScripts = {
  /** Text of the script, which begins with `#!`. */
  pre?: string;
  /** Text of the script, which begins with `#!`. */
  post?: string;
  /** Text of the script, which begins with `#!`. */
  preun?: string;
  /** Text of the script, which begins with `#!`. */
  postun?: string;
};

/** A folder of another machine, which ssh gets to. */
export type RsyncPlace = {
  /**
   * Folder, as rsync takes it; the one above it has to be there. Example:
   * `"deploy@web.acme.example:/srv/apt"`.
   */
  to: string;
  /** Port of ssh. Default: that of this machine's ssh. */
  port?: number;
  /**
   * Key that gets in, as ssh reads it without a passphrase, a secret. Default: those of this
   * machine's ssh.
   */
  privateKey?: string;
  /**
   * Lines of `known_hosts` for the machine. Default: those of this machine's ssh. Example:
   * `"web.acme.example ssh-ed25519 AAAAC3Nz…"`.
   */
  knownHosts?: string;
};

/** A bucket of S3, or of a service that speaks its protocol. */
export type S3Place = {
  /** The bucket, which has to be there. Example: `"acme-apt"`. */
  bucket: string;
  /** What stands before the paths. Default: nothing. Example: `"debian"`. */
  prefix?: string;
  /** Region of the bucket. Default: `us-east-1`. Example: `"eu-central-1"`. */
  region?: string;
  /**
   * Address of another service that speaks S3's protocol. Default: Amazon's in the region. Example:
   * `"https://s3.eu-central-003.backblazeb2.com"`.
   */
  endpoint?: string;
  /** Default: that of `AWS_ACCESS_KEY_ID`. */
  accessKeyId?: string;
  /** A secret. Default: that of `AWS_SECRET_ACCESS_KEY`. */
  secretAccessKey?: string;
  /** A secret, of credentials for a time. Default: that of `AWS_SESSION_TOKEN`, with that key. */
  sessionToken?: string;
};

/** An SBOM that is attached to an image or an index. */
export type SbomDocument = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform?: string;
  format: "spdx" | "cyclonedx";
  /** Media type of the document, and type of the referrer. */
  mediaType: string;
  /**
   * Digest of the document: a blob of the repository. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Size of the document in bytes. */
  size: number;
  /**
   * Digest of the manifest that attaches it to the subject. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
  /** Name of the file of the document. */
  fileName: string;
  /** Generator, with its version. */
  generator: string;
  /** Number of packages that it names. */
  packages: number;
  /**
   * Number of package lists in the image that the generator does not read; the document names them.
   */
  unreadLists: number;
};

/** A finding that is accepted until a date, with the reason. */
export type ScanException = {
  /** CVE, GHSA or OSV identifier, or the scanner's rule. Example: `"CVE-2021-23337"`. */
  id: string;
  /** Only in this package; in every one by default. */
  package?: string;
  /**
   * Only in this file of the image. A secret is excepted by its file only. Example:
   * `"/app/testdata/server.key"`.
   */
  path?: string;
  /** Why it is accepted. Example: `"the function is not called; see issue 123"`. */
  reason: string;
  /** Last day on which it applies, in UTC. Example: `"2027-01-31"`. */
  expires: string;
};

/** A finding of a scanner. It never contains the text of a secret. */
export type ScanFinding = {
  kind: "vulnerability" | "secret" | "misconfiguration";
  id: string;
  aliases: string[];
  severity: "unknown" | "negligible" | "low" | "medium" | "high" | "critical";
  title: string;
  package?: string;
  version?: string;
  fixedVersion?: string;
  path?: string;
};

/** A report in the registry that refers to the image of one platform. */
export type ScanReport = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
  mediaType: string;
};

/** The result for the image of one platform. */
export type ScanVerdict = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform: string;
  /** `failed` and `not scanned` only where the gate is advisory. */
  verdict: "passed" | "failed" | "not scanned";
  /** Why it was not scanned. */
  reason?: string;
  /** Findings by severity, below the threshold too. */
  counts?: Record<string, number>;
  /** Findings at or over the threshold that no exception accepts, at most 50. */
  findings: ScanFinding[];
  /** Number of such findings. */
  findingCount: number;
  /** Exceptions, and statements of VEX documents, that matched a finding. */
  excepted: {
    id: string;
    reason: string;
    expires: string;
  }[];
};

/** An installed program that scans images. */
export type Scanner = {
  /**
   * `trivy` finds vulnerabilities, secrets and misconfigurations; `grype` and `osv-scanner` find
   * vulnerabilities. Example: `"trivy"`.
   */
  name: "trivy" | "grype" | "osv-scanner";
  /**
   * Path of the program, or its name on PATH. Default: the scanner's name. Example:
   * `"/usr/local/bin/trivy"`.
   */
  program?: string;
  /** Folder of the database, relative to the project. Default: the scanner's own. */
  databaseDirectory?: string;
  /**
   * Whether neither the database is updated nor the network used; the database must exist. Default:
   * false.
   */
  offline?: boolean;
  /** Further arguments for the scanner. */
  arguments?: string[];
};

/** Signer: a key in a file, a key in a service, or an identity. */
export type Signer = {
  /**
   * File with the private key, relative to the project's folder: `cosign.key`, or PKCS#8 PEM; ECDSA
   * P-256. Example: `"cosign.key"`.
   */
  key?: string;
  /** Password of the key, a secret. Default: the environment variable COSIGN_PASSWORD. */
  password?: string;
  /**
   * Public key (PEM) that belongs to `key`, or a file with it: what only compares, such as a preview,
   * needs no more. Default: the file beside `key` that ends with `.pub`. Example: `"cosign.pub"`.
   */
  publicKey?: string;
  /**
   * Makes a throw-away key pair if `key` does not exist, with the public key beside it (`.pub`). For
   * development; keep it below `.slipway/`. Its password is `password`, else empty. What it signs
   * goes to registries on this machine only.
   */
  generate?: boolean;
  /**
   * Other registries that may get what a throw-away key signs, as `host[:port]`: those of a test
   * network. Default: none. Example: `["registry.test:5000"]`.
   */
  generateFor?: string[];
  /**
   * Key in a key management service, as a URI of cosign, whose program is used. Example:
   * `"awskms:///alias/release"`.
   */
  kms?: string;
  /** Signing with a short-lived certificate for an identity (Sigstore's Fulcio and Rekor). */
  keyless?: KeylessSigner;
};

/** A host that serves files. */
export type SitePlace = {
  /** A bucket of S3, or of a service that speaks its protocol. */
  s3?: S3Place;
  /** A folder of another machine, which ssh gets to. */
  rsync?: RsyncPlace;
};

/** Limit of an image's size. */
export type SizeBudget = {
  /**
   * Maximum size of manifest, configuration and layers as transferred, in bytes. Example:
   * `100000000`.
   */
  maximumBytes: number;
  /** Maximum number of layers. */
  layers?: number;
  /** What happens above the limit: a warning, or the image is not published. Default: `warn`. */
  exceeded?: "warn" | "fail";
};

/** The source tree of a build. */
export type SourceTree = {
  /** Address of the repository, without credentials. */
  repository?: string;
  /** Full commit hash. */
  revision?: string;
  /** Whether files differed from that commit. */
  modified?: boolean;
  /**
   * Reference that was built. Default: the tag of `version` at the commit. Example:
   * `"refs/tags/v1.2.3"`.
   */
  ref?: string;
  /** Version whose tag is looked for at the commit. Example: `"v1.2.3"`. */
  version?: string;
};

/** An index (no platform), or the manifest of one platform, by digest. */
export type Subject = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: string;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform?: string;
};

/** A suite of a repository as it was left. */
export type SuiteRecord = {
  /** When its `Release` was made. */
  date: string;
  /** When clients stop believing it. */
  validUntil?: string;
  /** How many packages it has. */
  packages: number;
  /** Digest of what these are. */
  content: string;
  /** Digests of its indexes, by path. */
  files: Record<string, string>;
};

/** The names that a rule for tags gives. */
export type TagNames = {
  /** What the tags are of. */
  kind: "version" | "branch" | "channel" | "pullRequest";
  /** What stands before the version or branch. Default: nothing. */
  prefix?: string;
  /** Name of the channel. */
  name?: string;
  /** Further prefixes of versions. */
  also?: string[];
  /** Whether versions are calendar versions. Default: false. */
  calendar?: boolean;
  /** Whether a number after a version is its revision. Default: false, it is a pre-release. */
  revisions?: boolean;
  /** Forms of commit tags. Default: none. */
  commit?: ("version" | "short" | "full")[];
};

/** An image in one place, and its tags. */
export type TaggedImage = {
  /**
   * Where it is: a repository as `host/path`, or a layout or archive. Example:
   * `"ghcr.io/acme/hello"`.
   */
  repository: string;
  /** Its tags. */
  tags: DeclaredTag[];
  /** Digest that each tag has. */
  pointers: Record<string, string>;
};

/** Age, counted from when they were first seen. */
export type UntaggedRule = {
  /** Age in days, weeks, months or years. Example: `"30d"`. */
  after: string;
};

/** A signed statement about a digest that was verified. */
export type VerifiedStatement = {
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  subject: string;
  /** Type of the statement. */
  predicateType: string;
  /**
   * Digest of the referrer that carries it. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  referrer: string;
  /** Who signed: a key, or an identity and its issuer. */
  by: string;
};

/** Trusted signer: a public key, or an identity with its issuer and a trusted root. */
export type Verifier = {
  /**
   * Public key (PEM), or a file with it, relative to the project's folder. Example: `"cosign.pub"`.
   */
  publicKey?: string;
  /**
   * OIDC issuer that vouches for the identity. Example:
   * `"https://token.actions.githubusercontent.com"`.
   */
  issuer?: string;
  /**
   * Identity in the certificate, exactly. Example:
   * `"https://github.com/acme/hello/.github/workflows/release.yml@refs/heads/main"`.
   */
  identity?: string;
  /**
   * Regular expression that the whole identity must match, instead of `identity`. Example:
   * `"https://github\\.com/acme/hello/\\.github/workflows/release\\.yml@refs/tags/v.*"`.
   */
  identityPattern?: string;
  /**
   * File with the trusted root of the Sigstore instance (`cosign trusted-root create`), relative to
   * the project's folder. Example: `"trusted_root.json"`.
   */
  trustedRoot?: string;
};

/**
 * Versions that are older than the age, outside of the newest majors, and whose removal was
 * announced for a day that has come.
 */
export type VersionRule = {
  /** How many of the newest major versions stay whole. Example: `3`. */
  majors: number;
  /** Age from which on versions go. Example: `"2y"`. */
  after: string;
};

/** What the project itself says about vulnerabilities of what it ships. */
export type Vex = {
  /** OpenVEX documents, relative to the project's folder. Example: `["vex/hello.openvex.json"]`. */
  files: string[];
  /** Days for which a statement counts after it was made or last updated. Default: 365. */
  maxAgeDays?: number;
};

/** Which earlier versions are looked at. */
export type Watch = {
  /** How many of the earlier versions, the latest first. Default: all. */
  versions?: number;
  /** Versions or tags that are not, by pattern; `*` stands for any characters. Example: `"v0.*"`. */
  except?: string[];
};
