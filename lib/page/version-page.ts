import { compareContents, type ContentsDifference } from "../contents/compare-contents";
import type { ImageContents } from "../contents/image-contents";
import { pairedImages } from "../contents/published-images";
import type { StatusRow } from "../display/release-status";
import { servedStates } from "../display/served-state";
import { defined } from "../objects/defined";
import { bySeverity, type Finding } from "../scan/finding";
import type { ListedVersion } from "../release/release-list";
import { noticeFor } from "./deprecation";
import type { VersionPage } from "./page-data";
import { contentsKey, type PageFacts } from "./page-facts";
import { releasePlace } from "./release-place";
import { verifyCommands } from "./verify-commands";
import { webAddress } from "./web-address";

type Image = ListedVersion["images"][number];
type Rows = ReadonlyMap<string, StatusRow>;

/** Rows of a status by what they are about. */
export function rowsByName(facts: PageFacts): Rows {
  return new Map(facts.status.rows.map((row) => [rowKey(row), row]));
}

/** What the pages of a version show. @param before the version before, which it is compared with */
export function versionPage(
  facts: PageFacts,
  rows: Rows,
  version: ListedVersion,
  before: ListedVersion | undefined,
): VersionPage {
  const difference = before && differenceOf(facts, before, version);
  return defined({
    schemaVersion: 1,
    kind: "version",
    project: facts.name,
    version: version.version,
    published: version.published,
    deprecated: noticeFor(facts.deprecated, version.version),
    from: before?.version,
    images: version.images.map((image) => imageOf(facts, rows, image, difference)),
    releases: releasesOf(facts, rows, version),
    packages: packagesOf(facts, version, difference),
    vulnerabilities: vulnerabilitiesOf(facts, version, difference),
    notKnown: [...(difference?.notKnown ?? [])],
  } satisfies Record<keyof VersionPage, unknown>) as VersionPage;
}

const unseen = { state: "unknown", served: "", reason: "nobody has looked at it" } as const;

function imageOf(
  facts: PageFacts,
  rows: Rows,
  image: Image,
  difference: ContentsDifference | undefined,
): VersionPage["images"][number] {
  const { repository, digest, tags, proofs = [] } = image;
  const found = facts.contents.get(contentsKey(image));
  return {
    repository,
    digest,
    tags: tags.map((tag) => {
      const { state, served, reason } =
        rows.get(rowKey({ kind: "tag", place: repository, name: tag })) ?? unseen;
      return defined({ tag, state, served, reason: reason === "" ? undefined : reason });
    }),
    proofs: proofs.map(({ kind, digest: proof }) => ({ kind, digest: proof })),
    verify: verifyCommands(image, facts.keyFile),
    platforms:
      found === undefined
        ? { notAvailable: "its registry was not asked" }
        : "notAvailable" in found
          ? found
          : found.images.map(({ platform, digest: own, size }) =>
              defined({
                platform,
                digest: own,
                size,
                before: difference?.sizes.find((one) => one.image === repository && one.platform === platform)
                  ?.from,
              }),
            ),
  };
}

function releasesOf(facts: PageFacts, rows: Rows, { releases }: ListedVersion): VersionPage["releases"] {
  return releases.map((release) => {
    const place = releasePlace(release);
    return {
      place,
      files: release.assets.map(({ name, sha256, size }) => {
        const { state, reason } = worst(
          facts
            .placesOf(release)
            .flatMap((one) => rows.get(rowKey({ kind: "file", place: one, name })) ?? []),
        );
        return defined({
          name,
          sha256,
          size,
          url: webAddress(facts.addressOf(release, name)),
          state,
          reason: reason === "" ? undefined : reason,
        });
      }),
    };
  });
}

/** Of a file that is in several places: it is served where it is in all of them. */
function worst(found: readonly StatusRow[]): Pick<StatusRow, "state" | "reason"> {
  const order = ({ state }: StatusRow) => servedStates.indexOf(state);
  return found.toSorted((one, other) => order(one) - order(other))[0] ?? unseen;
}

/** Each place that has the same digest is one: mirrors say nothing more. */
function differenceOf(
  { contents }: PageFacts,
  before: ListedVersion,
  after: ListedVersion,
): ContentsDifference {
  const read = (image: { repository: string; digest: string } | undefined) => {
    const found = image && contents.get(contentsKey(image));
    return found === undefined || "notAvailable" in found ? undefined : found.images;
  };
  const pairs = pairedImages(before.images, after.images).flatMap(({ before: old, after: now }) => {
    const [oldContents, nowContents] = [read(old), read(now)];
    // What nobody could read is neither gone nor new.
    if ((old && !oldContents) || (now && !nowContents)) return [];
    return [{ name: (now ?? old)?.repository ?? "", before: oldContents ?? [], after: nowContents ?? [] }];
  });
  return compareContents(pairs);
}

/** An image for one platform, as people name it. */
interface Place {
  readonly name: string;
  readonly contents: ImageContents;
}

/** Images of all platforms, each digest once. */
function placesOf({ contents }: PageFacts, { images }: ListedVersion): Place[] {
  const seen = new Set<string>();
  return images.flatMap((image) => {
    const found = contents.get(contentsKey(image));
    if (found === undefined || "notAvailable" in found) return [];
    return found.images.flatMap((one) => {
      const key = `${one.digest} ${one.platform}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ name: `${image.repository} ${one.platform}`, contents: one }];
    });
  });
}

function lackingReason(
  facts: PageFacts,
  version: ListedVersion,
  places: readonly Place[],
  need: string,
): string {
  if (version.images.length === 0) return "the version has no images";
  const [image] = version.images;
  const found = image && facts.contents.get(contentsKey(image));
  if (places.length > 0) return `no ${need} is attached to any image`;
  return found !== undefined && "notAvailable" in found ? found.notAvailable : "registries were not asked";
}

function packagesOf(
  facts: PageFacts,
  version: ListedVersion,
  difference: ContentsDifference | undefined,
): VersionPage["packages"] {
  const places = placesOf(facts, version);
  const having = places.filter(({ contents }) => contents.packages !== undefined);
  if (having.length === 0) return { notAvailable: lackingReason(facts, version, places, "SBOM") };
  const listed = new Map<string, { versions: Set<string>; in: number[] }>();
  for (const [position, { contents }] of having.entries()) {
    for (const [name, versions] of contents.packages ?? []) {
      const known = listed.get(name) ?? { versions: new Set(), in: [] };
      for (const one of versions) known.versions.add(one);
      known.in.push(position);
      listed.set(name, known);
    }
  }
  const changes = new Map<string, { change: "came" | "went" | "changed"; before: Set<string> }>();
  for (const { package: name, change, from } of difference?.packages ?? []) {
    const known = changes.get(name);
    if (!known) changes.set(name, { change, before: new Set(from) });
    // In one image it came, in another it has another version: it has changed.
    else
      changes.set(name, {
        change: known.change === change ? change : "changed",
        before: new Set([...known.before, ...from]),
      });
  }
  const names = [...new Set([...listed.keys(), ...changes.keys()])].sort();
  return {
    list: names.map((name) => {
      const change = changes.get(name);
      // What went from one image and is in another is still there.
      const isThere = listed.has(name);
      return defined({
        name,
        versions: [...(listed.get(name)?.versions ?? [])].sort(),
        change:
          change === undefined ? undefined : isThere && change.change === "went" ? "changed" : change.change,
        before: change === undefined || change.before.size === 0 ? undefined : [...change.before].sort(),
        in: listed.get(name)?.in ?? [],
      });
    }),
    images: having.map(({ name }) => name),
    lacking: places.filter((place) => !having.includes(place)).map(({ name }) => name),
  };
}

function vulnerabilitiesOf(
  facts: PageFacts,
  version: ListedVersion,
  difference: ContentsDifference | undefined,
): VersionPage["vulnerabilities"] {
  const places = placesOf(facts, version);
  const having = places.filter(({ contents }) => contents.vulnerabilities !== undefined);
  if (having.length === 0) return { notAvailable: lackingReason(facts, version, places, "report of a scan") };
  const found = new Map<string, { finding: Finding; in: string[] }>();
  for (const { name, contents } of having)
    for (const finding of contents.vulnerabilities ?? []) {
      const known = found.get(findingKey(finding));
      if (known) known.in.push(name);
      else found.set(findingKey(finding), { finding, in: [name] });
    }
  const fresh = new Set(
    difference?.vulnerabilities.flatMap(({ change, finding }) =>
      change === "new" ? [findingKey(finding)] : [],
    ),
  );
  const fixed = difference?.vulnerabilities.filter(({ change }) => change === "fixed") ?? [];
  const list = [
    ...[...found.values()]
      .sort((one, other) => bySeverity(one.finding, other.finding))
      .map(({ finding, in: where }) => ({
        finding,
        change: fresh.has(findingKey(finding)) ? ("new" as const) : undefined,
        in: where,
      })),
    ...fixed.map(({ finding, in: where }) => ({ finding, change: "fixed" as const, in: [...where] })),
  ];
  return {
    list: list.map(
      ({ finding: { id, severity, title, package: name, version: own, fixedVersion }, change, in: where }) =>
        defined({ id, severity, title, package: name, version: own, fixedVersion, change, in: where }),
    ),
    lacking: places.filter((place) => !having.includes(place)).map(({ name }) => name),
  };
}

function findingKey({ id, package: name, version }: Finding): string {
  return JSON.stringify([id, name, version]);
}

function rowKey({ kind, place, name }: Pick<StatusRow, "kind" | "place" | "name">): string {
  return JSON.stringify([kind, place, name]);
}
