import { bySeverity, type Finding } from "../scan/finding";
import type { ImageContents } from "./image-contents";

/** An image before and after, each with its platforms; none where it was not there, or is gone. */
export interface ComparedImage {
  /** Repository, for people. */
  readonly name: string;
  readonly before: readonly ImageContents[];
  readonly after: readonly ImageContents[];
}

/** The size of an image for one platform, in bytes as transferred. */
export interface SizeDifference {
  readonly image: string;
  readonly platform: string;
  /** Undefined where there was none. */
  readonly from?: number | undefined;
  /** Undefined where there is none any more. */
  readonly to?: number | undefined;
}

/** A package that came, went, or has other versions. */
export interface PackageDifference {
  readonly change: "came" | "went" | "changed";
  /** As `deb/debian/openssl`. */
  readonly package: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Images with their platforms, as `ghcr.io/acme/hello linux/amd64`. */
  readonly in: readonly string[];
}

/** A vulnerability that is new, or that is fixed. */
export interface VulnerabilityDifference {
  readonly change: "new" | "fixed";
  readonly finding: Finding;
  /** Images with their platforms. */
  readonly in: readonly string[];
}

/** How what is in images differs. */
export interface ContentsDifference {
  readonly sizes: readonly SizeDifference[];
  readonly packages: readonly PackageDifference[];
  readonly vulnerabilities: readonly VulnerabilityDifference[];
  /** What cannot be told, and why, as sentences. */
  readonly notKnown: readonly string[];
}

/**
 * Compares what is in images before and after. What several have alike is told once.
 *
 * A vulnerability that only the later scan has found in a package that was there in the same version
 * is no news of this change, and neither is one that only an earlier scan has found in a package
 * that is still there.
 */
export function compareContents(images: readonly ComparedImage[]): ContentsDifference {
  const sizes: SizeDifference[] = [];
  const packages = new Map<string, PackageDifference & { in: string[] }>();
  const vulnerabilities = new Map<string, VulnerabilityDifference & { in: string[] }>();
  const notKnown: string[] = [];
  for (const { name, before, after } of images) {
    const platforms = new Set([...after, ...before].map(({ platform }) => platform));
    for (const platform of platforms) {
      const of = (list: readonly ImageContents[]) => list.find((one) => one.platform === platform);
      const [old, now] = [of(before), of(after)];
      sizes.push({ image: name, platform, from: old?.size, to: now?.size });
      // Everything in what is new or gone is: a list of all packages tells nobody anything.
      if (!old || !now || old.digest === now.digest) continue;
      const where = `${name} ${platform}`;
      notKnown.push(...lacking(where, old, now));
      for (const change of packageChanges(old, now)) {
        collect(
          packages,
          `${change.package}\n${change.from.join(",")}\n${change.to.join(",")}`,
          change,
          where,
        );
      }
      for (const change of vulnerabilityChanges(old, now)) {
        const { id, package: affected, version } = change.finding;
        collect(vulnerabilities, [change.change, id, affected, version].join("\n"), change, where);
      }
    }
  }
  return {
    sizes,
    packages: [...packages.values()].sort((one, other) => (one.package < other.package ? -1 : 1)),
    vulnerabilities: [...vulnerabilities.values()].sort(
      (one, other) =>
        Number(one.change === "fixed") - Number(other.change === "fixed") ||
        bySeverity(one.finding, other.finding),
    ),
    notKnown,
  };
}

function collect<T extends object>(
  into: Map<string, T & { in: string[] }>,
  key: string,
  change: T,
  where: string,
) {
  const known = into.get(key);
  if (known) known.in.push(where);
  else into.set(key, { ...change, in: [where] });
}

function lacking(where: string, old: ImageContents, now: ImageContents): string[] {
  const lacks = (what: string, field: "packages" | "vulnerabilities", need: string) => {
    const missing = [old[field] ? "" : "before", now[field] ? "" : "after"].filter((text) => text !== "");
    return missing.length === 0
      ? []
      : [`${where}: ${what} ${missing.join(" and ")} are not known, for ${need}`];
  };
  return [
    ...lacks("packages", "packages", "no SBOM is attached"),
    ...lacks("vulnerabilities", "vulnerabilities", "no report of a scan is attached"),
  ];
}

function packageChanges(old: ImageContents, now: ImageContents): Omit<PackageDifference, "in">[] {
  if (!old.packages || !now.packages) return [];
  const names = new Set([...old.packages.keys(), ...now.packages.keys()]);
  return [...names].flatMap((name): Omit<PackageDifference, "in">[] => {
    const [from = [], to = []] = [old.packages?.get(name), now.packages?.get(name)];
    if (from.join("\n") === to.join("\n") && from.length === to.length) return [];
    const change = from.length === 0 ? "came" : to.length === 0 ? "went" : "changed";
    return [{ change, package: name, from, to }];
  });
}

function vulnerabilityChanges(old: ImageContents, now: ImageContents): Omit<VulnerabilityDifference, "in">[] {
  if (!old.vulnerabilities || !now.vulnerabilities) return [];
  const only = (these: readonly Finding[], others: readonly Finding[], elsewhere: ImageContents) =>
    these.filter(
      (finding) => !others.some((other) => isSame(finding, other)) && !hasPackage(elsewhere, finding),
    );
  return [
    ...only(now.vulnerabilities, old.vulnerabilities, old).map((finding) => ({
      change: "new" as const,
      finding,
    })),
    ...only(old.vulnerabilities, now.vulnerabilities, now).map((finding) => ({
      change: "fixed" as const,
      finding,
    })),
  ];
}

/** By any of their names: scanners prefer different ones. */
function isSame(one: Finding, other: Finding): boolean {
  const names = new Set([other.id, ...other.aliases]);
  return one.package === other.package && [one.id, ...one.aliases].some((name) => names.has(name));
}

function hasPackage({ packages }: ImageContents, { package: name, version }: Finding): boolean {
  if (!packages || name === undefined || version === undefined) return false;
  return [...packages].some(
    ([known, versions]) =>
      (known.endsWith(`/${name}`) || known.split("/").slice(1).join("/") === name) &&
      versions.includes(version),
  );
}
