import { imageLimits } from "../limits";
import type { DeclaredPackage, OperatingSystem } from "./declared-package";
import { parseApkInstalled } from "./apk";
import { parseDpkgStatus } from "./dpkg";
import { parsePackageJson } from "./npm";
import { parseOsRelease } from "./os-release";
import { parsePythonMetadata } from "./python";

/** What a file says about the image that it is in. */
export interface Declaration {
  readonly packages?: readonly DeclaredPackage[];
  readonly operatingSystem?: OperatingSystem;
}

/** How a file by its path is read. */
export interface PackageFile {
  readonly read: (text: string) => Declaration;
}

/** A list with more packages than are read. */
export class TooManyPackagesError extends Error {
  override readonly name = "TooManyPackagesError";
}

/** @throws TooManyPackagesError before memory holds them all */
function packages(found: Iterable<DeclaredPackage>): Declaration {
  const kept: DeclaredPackage[] = [];
  for (const declared of found) {
    if (kept.length >= imageLimits.packages) throw new TooManyPackagesError();
    kept.push(declared);
  }
  return { packages: kept };
}

const kinds: readonly { path: RegExp; read: (text: string) => Declaration }[] = [
  { path: /^(etc|usr\/lib)\/os-release$/, read: (text) => operatingSystem(parseOsRelease(text)) },
  {
    path: /^var\/lib\/dpkg\/(status|status\.d\/(?!.*\.md5sums$)[^/]+)$/,
    read: (text) => packages(parseDpkgStatus(text)),
  },
  { path: /^(usr\/)?lib\/apk\/db\/installed$/, read: (text) => packages(parseApkInstalled(text)) },
  {
    path: /(^|\/)[^/]+\.(dist-info\/METADATA|egg-info\/PKG-INFO)$/,
    read: (text) => ({ packages: parsePythonMetadata(text) }),
  },
  {
    path: /(^|\/)node_modules\/(@[^/]+\/)?[^/@][^/]*\/package\.json$/,
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

/** How the package list at a path is read; undefined for any other file. Paths have no leading slash. */
export function packageFile(path: string): PackageFile | undefined {
  return kinds.find((kind) => kind.path.test(path));
}

/** What a file is that lists packages in a form that is not read here. */
export function unreadPackageFile(path: string): string | undefined {
  return unreadKinds.find((kind) => kind.path.test(path))?.what;
}

function operatingSystem(found: OperatingSystem | undefined): Declaration {
  return found ? { operatingSystem: found } : {};
}
