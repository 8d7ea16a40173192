import { urlBelow } from "../text/url-below";
import type { AskedMetrics, CountedPackage } from "./asked";
import { countOf, fieldOf, itemsOf, NotTold, type JsonService } from "./json-service";
import { notAvailable, row, type MetricRow } from "./row";

type Addresses = Pick<AskedMetrics["addresses"], "npm" | "pypi" | "homebrew">;

/** What packages are called in reports, by registry. */
const names: Readonly<Record<CountedPackage["registry"], string>> = {
  npm: "npm",
  pypi: "PyPI",
  homebrew: "Homebrew",
  "homebrew-cask": "Homebrew",
};

/** How often packages were downloaded or installed, as far as somebody counts that for everybody. */
export async function packageDownloads(
  service: JsonService,
  packages: readonly CountedPackage[],
  addresses: Addresses,
): Promise<MetricRow[]> {
  const taps = tapReader(service, addresses.homebrew);
  const readers = {
    npm: (counted: CountedPackage) => ofNpm(service, counted, addresses.npm),
    pypi: (counted: CountedPackage) => ofPypi(service, counted, addresses.pypi),
    homebrew: (counted: CountedPackage) => ofHomebrew(service, counted, addresses.homebrew, taps),
    "homebrew-cask": (counted: CountedPackage) => ofHomebrew(service, counted, addresses.homebrew, taps),
  };
  const rows = packages.map(async (counted) => {
    try {
      return await readers[counted.registry](counted);
    } catch (error) {
      if (!(error instanceof NotTold)) throw error;
      return [notAvailable("downloads", nameOf(counted), error.message)];
    }
  });
  return (await Promise.all(rows)).flat();
}

function nameOf({ registry, name }: CountedPackage): string {
  return `${names[registry]} ${name}`;
}

/**
 * `GET /downloads/point/last-month/NAME`, and by version `GET /versions/NAME/last-week`: the last 30 and 7 days that are
 * counted, no others; mirrors and machines of CI are in it. Source: npm/registry, `docs/download-counts.md` (read
 * 2026-11-30).
 */
async function ofNpm(service: JsonService, counted: CountedPackage, address: string): Promise<MetricRow[]> {
  const of = nameOf(counted);
  const { name, platform = "" } = counted;
  const point = await service.read(new URL(`${address}/downloads/point/last-month/${name}`));
  const total = countOf(fieldOf(point, "downloads"));
  if (total === undefined) throw new NotTold("npm does not tell downloads of it");
  const month = row("downloads", of, total, { platform, period: "30 days" });
  // A package for one platform has the versions of the one that depends on it.
  if (platform !== "") return [month];
  const versions = fieldOf(
    await service.read(new URL(`${address}/versions/${encodeURIComponent(name)}/last-week`)),
    "downloads",
  );
  const byVersion = Object.entries(versions ?? {}).flatMap(([version, count]) => {
    const downloads = countOf(count);
    return downloads === undefined ? [] : [row("downloads", of, downloads, { version, period: "7 days" })];
  });
  return [month, ...byVersion];
}

/** Names of systems at pypistats.org. */
const pypiSystems: Readonly<Record<string, string>> = {
  darwin: "darwin",
  linux: "linux",
  windows: "windows",
};

/**
 * `GET /api/packages/NAME/recent`, and by system `GET /api/packages/NAME/system`: what installers of Python packages have
 * downloaded without known mirrors, in the last 30 days, and of 180 days by day. By version it is told in BigQuery alone,
 * which wants an account. Data changes once a day. Source: https://pypistats.org/api/ (psf/pypistats.org, `api.html`,
 * read 2026-11-30).
 */
async function ofPypi(service: JsonService, counted: CountedPackage, address: string): Promise<MetricRow[]> {
  const of = nameOf(counted);
  const below = (what: string) =>
    new URL(urlBelow(address, ["api/packages", counted.name.toLowerCase(), what]));
  const recent = countOf(fieldOf(fieldOf(await service.read(below("recent")), "data"), "last_month"));
  if (recent === undefined) throw new NotTold("pypistats.org does not tell downloads of it");
  const days = itemsOf(fieldOf(await service.read(below("system")), "data"));
  const bySystem = new Map<string, number>();
  for (const day of days) {
    const [category, count] = [fieldOf(day, "category"), countOf(fieldOf(day, "downloads"))];
    const system = typeof category === "string" ? pypiSystems[category.toLowerCase()] : undefined;
    if (system !== undefined && count !== undefined)
      bySystem.set(system, (bySystem.get(system) ?? 0) + count);
  }
  return [
    row("downloads", of, recent, { period: "30 days" }),
    ...[...bySystem].map(([platform, count]) =>
      row("downloads", of, count, { platform, period: "180 days" }),
    ),
  ];
}

/** Installations of the last 30 days by the name of a formula or cask, of all taps. */
type TapReader = (kind: "install" | "cask-install") => Promise<ReadonlyMap<string, number>>;

/**
 * What is in a tap of its own is in the list of everything that was installed, if often enough; who has turned analytics
 * off is not counted. Source: https://formulae.brew.sh/docs/api/ (Homebrew/formulae.brew.sh, `analytics_install_30d.md`, read
 * 2026-11-30).
 */
function tapReader(service: JsonService, address: string): TapReader {
  const read = async (kind: "install" | "cask-install") => {
    const answer = await service.read(new URL(`${address}/api/analytics/${kind}/30d.json`));
    const counts = new Map<string, number>();
    for (const item of itemsOf(fieldOf(answer, "items"))) {
      const name = fieldOf(item, kind === "install" ? "formula" : "cask");
      const count = fieldOf(item, "count");
      // Written for people: `101,900`; and `NAME --HEAD` is NAME with an option.
      if (typeof name !== "string" || typeof count !== "string" || !/^[\d,]+$/.test(count)) continue;
      const plain = name.split(" ")[0] ?? "";
      counts.set(plain, (counts.get(plain) ?? 0) + Number(count.replaceAll(",", "")));
    }
    return counts;
  };
  const known = new Map<string, ReturnType<typeof read>>();
  return (kind) => {
    const reading = known.get(kind) ?? read(kind);
    known.set(kind, reading);
    return reading;
  };
}

/** `GET /api/formula/NAME.json` or `/api/cask/NAME.json` of what Homebrew itself has; a name with slashes is of another tap. */
async function ofHomebrew(
  service: JsonService,
  counted: CountedPackage,
  address: string,
  taps: TapReader,
): Promise<MetricRow[]> {
  const [of, { name, registry }] = [nameOf(counted), counted];
  const isCask = registry === "homebrew-cask";
  if (name.includes("/")) {
    const count = (await taps(isCask ? "cask-install" : "install")).get(name);
    if (count === undefined)
      return [notAvailable("downloads", of, "Homebrew's analytics of the last 30 days do not list it")];
    return [row("downloads", of, count, { period: "30 days" })];
  }
  const answer = await service.read(
    new URL(urlBelow(address, ["api", isCask ? "cask" : "formula", `${name}.json`])),
  );
  const month = fieldOf(fieldOf(fieldOf(answer, "analytics"), "install"), "30d");
  const counts = Object.values(month ?? {}).flatMap((count) => countOf(count) ?? []);
  if (counts.length === 0) throw new NotTold("Homebrew has no analytics of it");
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [row("downloads", of, total, { period: "30 days" })];
}
