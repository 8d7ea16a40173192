/** Official archives of the Pulumi CLI, and where they are. */
export interface PulumiArchives {
  /** Without a `v`. */
  readonly version: string;
  /** URL of the folder that has them. */
  readonly folder: string;
  /** SHA-256 of the archive, by system and processor as Pulumi names them. */
  readonly sums: Readonly<Record<string, string>>;
}

/**
 * The newest release whose sums are known from a place other than the one that serves it, Pulumi's
 * Homebrew formula (pulumi/homebrew-tap, Formula/pulumi.rb). It may be older than the Go module.
 */
export const PULUMI_ARCHIVES = {
  version: "3.259.0",
  folder: "https://get.pulumi.com/releases/sdk",
  sums: {
    "linux-x64": "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
    "linux-arm64": "edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    "darwin-x64": "eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
    "darwin-arm64": "57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
  },
} as const satisfies PulumiArchives;

/** The address of one of the archives. */
export function archiveUrl({ folder, version }: PulumiArchives, platform: string): string {
  return `${folder}/pulumi-v${version}-${platform}.tar.gz`;
}
