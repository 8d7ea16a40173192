/** A package that a file of an image declares to be there. */
export interface DeclaredPackage {
  /** Type as package URLs name it. */
  readonly type: "deb" | "apk" | "pypi" | "npm" | "golang" | "generic";
  readonly name: string;
  /** Undefined where the declaration has none. */
  readonly version?: string;
  /** As its package manager names it, e.g. `amd64` or `x86_64`. */
  readonly architecture?: string;
  /** Name of the source package, with its version where that differs: `glibc` or `glibc@2.36-9`. */
  readonly upstream?: string;
  /** License in the declaration's own words. */
  readonly license?: string;
}

/** The operating system of an image (os-release(5)). */
export interface OperatingSystem {
  /** e.g. `debian`. */
  readonly id: string;
  /** e.g. `12`. */
  readonly version?: string;
  /** e.g. `Debian GNU/Linux 12 (bookworm)`. */
  readonly prettyName?: string;
}

/** A field for an object, or none where there is no value. */
export function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { [P in K]: string });
}
