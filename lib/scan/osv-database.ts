import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import type { PackageURL } from "packageurl-js";
import { isMissingFile } from "../machine/atomic-file";
import { refuseOldDatabase, ScannerMissing, type ScannerSettings } from "./scanner";

/**
 * Ecosystem of OSV by the type of a package URL, with the namespace where only that one is known.
 *
 * Source: osv-scanner 1.9.2, pkg/models/purl_to_package.go;
 * https://ossf.github.io/osv-schema/#affectedpackage-field
 */
const ecosystems: Readonly<Record<string, string>> = {
  "apk/alpine": "Alpine",
  cargo: "crates.io",
  composer: "Packagist",
  "deb/debian": "Debian",
  gem: "RubyGems",
  golang: "Go",
  hex: "Hex",
  maven: "Maven",
  npm: "npm",
  nuget: "NuGet",
  pypi: "PyPI",
};

/** Types of packages that an operating system installs. */
const systemTypes: ReadonlySet<string> = new Set(["alpm", "apk", "deb", "rpm"]);

/** Packages of an image by what OSV knows of them. */
export interface CoveredPackages {
  /** Packages whose ecosystem has advisories, and that have a version. */
  covered: PackageURL[];
  /** Ecosystems of them, sorted. */
  ecosystems: string[];
  /** Kinds of system packages that are not covered, e.g. `deb/ubuntu`. */
  systems: string[];
  /** Number of the other packages that are not looked at, by kind. */
  others: Map<string, number>;
}

/** Sorts packages by whether OSV has advisories for them. */
export function coverage(purls: readonly PackageURL[]): CoveredPackages {
  const covered: PackageURL[] = [];
  const found = new Set<string>();
  const systems = new Set<string>();
  const others = new Map<string, number>();
  for (const purl of purls) {
    const kind = systemTypes.has(purl.type) ? `${purl.type}/${purl.namespace ?? ""}` : purl.type;
    const ecosystem = ecosystems[kind];
    if (ecosystem !== undefined && purl.version) {
      covered.push(purl);
      found.add(ecosystem);
    } else if (ecosystem === undefined && systemTypes.has(purl.type)) {
      systems.add(kind);
    } else {
      const name = ecosystem === undefined ? kind : `${kind} without a version`;
      others.set(name, (others.get(name) ?? 0) + 1);
    }
  }
  return { covered, ecosystems: [...found].sort(), systems: [...systems].sort(), others };
}

/**
 * Folder of osv-scanner's databases (its option `--experimental-local-db-path`, and its folder
 * below that).
 */
export function osvDirectory({ databaseDirectory }: ScannerSettings): string {
  return path.join(
    databaseDirectory ?? process.env.OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY ?? userCache(),
    "osv-scanner",
  );
}

/** As Go's os.UserCacheDir finds it, which osv-scanner asks. */
function userCache(): string {
  if (process.platform === "darwin") return path.join(homedir(), "Library", "Caches");
  const { XDG_CACHE_HOME: declared } = process.env;
  return declared === undefined || declared === "" ? path.join(homedir(), ".cache") : declared;
}

/**
 * Returns when the oldest of the databases for some ecosystems was brought: the time of its file.
 *
 * @throws ScannerMissing for one that is not there or too old, with the command that brings it
 */
export async function osvDatabaseTime(
  ecosystemNames: readonly string[],
  settings: ScannerSettings,
): Promise<Date | undefined> {
  let oldest: Date | undefined;
  for (const ecosystem of ecosystemNames) {
    const file = path.join(osvDirectory(settings), ecosystem, "all.zip");
    const remedy =
      `Bring it: \`mkdir -p ${path.dirname(file)} && curl -fsSL -o ${file} ` +
      `https://osv-vulnerabilities.storage.googleapis.com/${ecosystem}/all.zip\`.`;
    const time = await stat(file).then(
      ({ mtime }) => mtime,
      (error: unknown) => {
        if (!isMissingFile(error)) throw error;
        throw new ScannerMissing(
          "database",
          `osv-scanner has no database of ${ecosystem}: there is no ${file}`,
          remedy,
        );
      },
    );
    refuseOldDatabase(`the database of ${ecosystem}, ${file},`, time, settings, remedy);
    if (oldest === undefined || time < oldest) oldest = time;
  }
  return oldest;
}
