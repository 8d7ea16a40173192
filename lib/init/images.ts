import { fieldsOf, type Code, type Field } from "./code";
import { placeText, type FoundImage, type Left } from "./found";
import { lastPart, plainName } from "./paths";
import type { ReaderFound } from "./reading";

/** Images and the registries that they go to. */
export interface PlannedImages {
  /** Entries of `images`, by name. */
  readonly images: readonly Field[];
  /** The registry, e.g. `ghcr.io`; undefined where nothing names one. */
  readonly host: string | undefined;
  readonly namespace: string | undefined;
  /** Mirrors, as `host/namespace`. */
  readonly mirrors: readonly string[];
  /** Platforms of most images, and where they are from; undefined where no file says any. */
  readonly platforms: { readonly list: readonly string[]; readonly from: string } | undefined;
  readonly left: readonly Left[];
}

/** Several files say the same image: what one of them does not say, the next one does. */
interface Group {
  readonly images: FoundImage[];
}

/** Plans the images of a distribution. @param registry `host[/namespace]` that was asked for */
export function planImages(
  all: readonly ReaderFound[],
  name: string,
  registry: string | undefined,
): PlannedImages {
  const { groups, left } = grouped(all);
  const place = placeOf(groups, registry);
  const platforms = platformsOf(groups);
  const names = namesOf(groups, name);
  const images = groups.map((group, index): Field => {
    const imageName = names[index] ?? name;
    const path = pathAt(group, place.host, place.namespace);
    return {
      name: imageName,
      value: imageCode(group, path === undefined || path === imageName ? undefined : path, platforms?.list),
      comment: [group.images.map(({ from }) => placeText(from)).join(", ")],
    };
  });
  return { images, ...place, platforms, left: [...left, ...place.left, ...groups.flatMap(leftOfGroup)] };
}

/** Images of one Dockerfile and stage are one, unless they have arguments of their own. */
function grouped(all: readonly ReaderFound[]): { groups: Group[]; left: Left[] } {
  const found = all.flatMap(({ found: { images = [] } }) => images);
  const isNamed = found.some(({ isBuilt, repositories }) => isBuilt && repositories.length > 0);
  const groups = new Map<string, Group>();
  const left: Left[] = [];
  for (const image of found.filter((one) => one.isBuilt)) {
    const key = JSON.stringify([
      image.dockerfile,
      image.stage,
      image.repositories.length > 0 && lastName(image),
    ]);
    const same = groups.get(key) ?? [...groups.values()].find(({ images }) => isSame(images[0], image));
    if (same) same.images.push(image);
    else if (!isNamed || image.repositories.length > 0) groups.set(key, { images: [image] });
    else
      left.push({
        ...image.from,
        what: image.name || "image",
        reason: "is built here, and given to no registry",
      });
  }
  for (const image of found.filter((one) => !one.isBuilt)) {
    const same = [...groups.values()].filter(({ images }) => images[0]?.dockerfile === image.dockerfile);
    for (const group of same) group.images.push(image);
    if (same.length > 0) continue;
    if (isNamed) {
      const reason = "is built by nothing that names a registry: add it to images if it is shipped";
      left.push({ ...image.from, what: "Dockerfile", reason });
    } else groups.set(JSON.stringify([image.dockerfile]), { images: [image] });
  }
  return { groups: [...groups.values()], left };
}

function isSame(one: FoundImage | undefined, other: FoundImage): boolean {
  return (
    one?.dockerfile === other.dockerfile &&
    one?.stage === other.stage &&
    (other.repositories.length === 0 || one?.repositories.length === 0)
  );
}

function lastName({ repositories: [first = ""] }: FoundImage): string {
  return lastPart(first);
}

/** Names of images: of the repository, else what a file calls it, else the distribution's. */
function namesOf(groups: readonly Group[], distribution: string): string[] {
  const names: string[] = [];
  for (const { images } of groups) {
    const [repository] = images.flatMap(({ repositories }) => repositories);
    const said = images.find((image) => image.name !== "")?.name;
    const stage = images.find((image) => image.stage !== undefined)?.stage;
    const wanted = [repository === undefined ? (said ?? "") : lastPart(repository), stage ?? ""].map(
      plainName,
    );
    const base = (wanted[0] ?? "") === "" ? plainName(distribution) : (wanted[0] ?? "");
    const tries = [base, ...(wanted[1] ? [`${base}-${wanted[1]}`] : [])];
    let found = tries.find((one) => !names.includes(one));
    for (let number = 2; found === undefined; number++) {
      const next = `${base}-${number}`;
      if (!names.includes(next)) found = next;
    }
    names.push(found);
  }
  return names;
}

interface Place {
  readonly host: string | undefined;
  readonly namespace: string | undefined;
  readonly mirrors: string[];
  readonly left: Left[];
}

/** The host that most images go to is the registry; others are mirrors where they have the same names. */
function placeOf(groups: readonly Group[], asked: string | undefined): Place {
  const all = groups.map(({ images }) => images.flatMap(({ repositories }) => repositories));
  const counts = new Map<string, number>();
  for (const host of all.flatMap((repositories) => [...new Set(repositories.map(hostOf))]))
    counts.set(host, (counts.get(host) ?? 0) + 1);
  const hosts = [...counts].sort((a, b) => b[1] - a[1]).map(([host]) => host);
  if (asked !== undefined) {
    const slash = asked.indexOf("/");
    const host = slash < 0 ? asked : asked.slice(0, slash);
    return { host, namespace: slash < 0 ? undefined : asked.slice(slash + 1), mirrors: [], left: [] };
  }
  const [host, ...others] = hosts;
  if (host === undefined) return { host, namespace: undefined, mirrors: [], left: [] };
  const namespace = commonNamespace(all.flatMap((list) => pathsAt(list, host)));
  const below = all.map((list) => relative(pathsAt(list, host)[0], namespace));
  const mirrors: string[] = [];
  const left: Left[] = [];
  for (const other of others) {
    const at = commonNamespace(all.flatMap((list) => pathsAt(list, other)));
    const isSamePath = all.every((list, index) => {
      const path = relative(pathsAt(list, other)[0], at);
      return path !== undefined && path === below[index];
    });
    const from = groups
      .flatMap(({ images }) => images)
      .find((one) => one.repositories.some((text) => hostOf(text) === other));
    if (isSamePath) mirrors.push(at === undefined ? other : `${other}/${at}`);
    else if (from !== undefined)
      left.push({
        ...from.from,
        what: other,
        reason: "has not all images under the same names, as a mirror has: say it by hand",
      });
  }
  return { host, namespace, mirrors, left };
}

function hostOf(repository: string): string {
  return repository.slice(0, repository.indexOf("/"));
}

function pathsAt(repositories: readonly string[], host: string): string[] {
  return repositories.flatMap((text) => (hostOf(text) === host ? [text.slice(host.length + 1)] : []));
}

/** Folders that all paths have in common. */
function commonNamespace(paths: readonly string[]): string | undefined {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  let length = 0;
  while (length < first.length && others.every((other) => other[length] === first[length])) length++;
  return length === 0 ? undefined : first.slice(0, length).join("/");
}

function relative(path: string | undefined, namespace: string | undefined): string | undefined {
  return namespace === undefined ? path : path?.slice(namespace.length + 1);
}

function pathAt(
  { images }: Group,
  host: string | undefined,
  namespace: string | undefined,
): string | undefined {
  const all = images.flatMap(({ repositories }) => repositories);
  const [path] = host === undefined ? [] : pathsAt(all, host);
  if (path === undefined || namespace === undefined) return path;
  return path.startsWith(`${namespace}/`) ? relative(path, namespace) : undefined;
}

/** What most images are built for. */
function platformsOf(groups: readonly Group[]): PlannedImages["platforms"] {
  const said = groups.flatMap((group) => platformsOfGroup(group) ?? []);
  const counted = said.map((one) => ({
    one,
    count: said.filter(({ list }) => list.join() === one.list.join()).length,
  }));
  return counted.sort((a, b) => b.count - a.count)[0]?.one;
}

/** Jobs of one step build a platform each: together they are those of the image. */
function platformsOfGroup({ images }: Group): { list: string[]; from: string } | undefined {
  const first = images.find(({ platforms = [] }) => platforms.length > 0);
  if (first === undefined) return undefined;
  const same = images.filter(({ from }) => from.file === first.from.file && from.line === first.from.line);
  const list = [...new Set(same.flatMap(({ platforms = [] }) => platforms))];
  return { list, from: placeText(first.from) };
}

function imageCode(group: Group, repository: string | undefined, usual: readonly string[] | undefined): Code {
  const { images } = group;
  const [first] = images;
  const own = platformsOfGroup(group)?.list;
  const further = new Map<string, Field>();
  for (const field of images.flatMap(({ fields = [] }) => fields))
    if (field.name !== undefined && !further.has(field.name)) further.set(field.name, field);
  const context = images.find((one) => one.context !== undefined)?.context;
  const common = fieldsOf({
    repository,
    dockerfile: first?.dockerfile,
    context: context === "." ? undefined : context,
    stage: first?.stage,
    platforms: own !== undefined && own.join() !== usual?.join() ? own : undefined,
  });
  return { kind: "fields", fields: [...common.fields, ...further.values()] };
}

function leftOfGroup({ images }: Group): Left[] {
  return images.flatMap(({ left = [] }) => left);
}
