import { imageLimits } from "../limits";
import type { DeclaredPackage, OperatingSystem } from "./declared-package";
import { parseApkInstalled } from "./apk";
import { parseDpkgStatus } from "./dpkg";
import { parsePackageJson } from "./npm";
import { parseOsRelease } from "./os-release";
import { PackageFileLimitError } from "./package-file-limit-error";
import { parsePythonMetadata } from "./python";

/** Facts in a file about its image. */
export interface Declaration {
  readonly packages?: readonly DeclaredPackage[];
  readonly operatingSystem?: OperatingSystem;
}

/**
 * Lists of a whole system are kept in memory while they are read; those of distributions have a few
 * megabytes. In bytes.
 */
const largestList = 16 * 1024 * 1024;
/**
 * Files about one package have some kilobytes, with a readme some hundreds. An image can have very
 * many of them, and one that is read as JSON takes many times its size. In bytes.
 */
const largestOfOnePackage = 512 * 1024;

/** How a file by its path is read. */
export interface PackageFile {
  /** Limit of what is read, in bytes. */
  readonly largest: number;
  /** @throws PackageFileLimitError for a file with more in it than is read */
  readonly read: (text: string) => Declaration;
}

/** @throws PackageFileLimitError before memory holds them all */
function packages(found: Iterable<DeclaredPackage>): Declaration {
  const kept: DeclaredPackage[] = [];
  for (const declared of found) {
    if (kept.length >= imageLimits.packages) {
      throw new PackageFileLimitError("package list of too many packages");
    }
    kept.push(declared);
  }
  return { packages: kept };
}

const kinds: readonly (PackageFile & { path: RegExp })[] = [
  {
    path: /^(etc|usr\/lib)\/os-release$/,
    largest: largestOfOnePackage,
    read: (text) => operatingSystem(parseOsRelease(text)),
  },
  {
    path: /^var\/lib\/dpkg\/status$/,
    largest: largestList,
    read: (text) => packages(parseDpkgStatus(text)),
  },
  {
    path: /^var\/lib\/dpkg\/status\.d\/(?!.*\.md5sums$)[^/]+$/,
    largest: largestOfOnePackage,
    read: (text) => packages(parseDpkgStatus(text)),
  },
  {
    path: /^(usr\/)?lib\/apk\/db\/installed$/,
    largest: largestList,
    read: (text) => packages(parseApkInstalled(text)),
  },
  {
    path: /(^|\/)[^/]+\.(dist-info\/METADATA|egg-info\/PKG-INFO)$/,
    largest: largestOfOnePackage,
    read: (text) => ({ packages: parsePythonMetadata(text) }),
  },
  {
    path: /(^|\/)node_modules\/(@[^/]+\/)?[^/@][^/]*\/package\.json$/,
    largest: largestOfOnePackage,
    read: (text) => ({ packages: parsePackageJson(text) }),
  },
];

/** Package lists of kinds that are not read here. */
const unreadKinds: readonly { path: RegExp; what: string }[] = [
  {
    path: /^(var\/lib\/rpm|usr\/lib\/sysimage\/rpm)\/(rpmdb\.sqlite|Packages|Packages\.db)$/,
    what: "RPM database",
  },
  { path: /\.(jar|war|ear)$/, what: "Java archive" },
  { path: /(^|\/)vendor\/composer\/installed\.json$/, what: "list of PHP packages" },
  { path: /(^|\/)specifications\/[^/]+\.gemspec$/, what: "Ruby gem" },
];

/**
 * Returns how the package list at a path is read; undefined for any other file. Paths have no
 * leading slash.
 */
export function packageFile(path: string): PackageFile | undefined {
  return kinds.find((kind) => kind.path.test(path));
}

/** Returns what a file is that lists packages in a form that is not read here. */
export function unreadPackageFile(path: string): string | undefined {
  return unreadKinds.find((kind) => kind.path.test(path))?.what;
}

function operatingSystem(found: OperatingSystem | undefined): Declaration {
  return found ? { operatingSystem: found } : {};
}
