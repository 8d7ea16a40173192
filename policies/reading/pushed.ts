import { UNKNOWN, type Declared } from "../pack/declared";
import { asList, asRecord, asText, asTexts } from "./values";

/** Types of the official providers that set tags in a registry. */
export const pushingTypes = [
  "docker-build:index:Image",
  "docker-build:index:Index",
  "docker:index/image:Image",
  "docker:index/registryImage:RegistryImage",
] as const;

/**
 * References that a resource of an official provider sets in a registry as a step of making the
 * image. Unknown where they are not known yet.
 */
export function pushedReferences(resource: Declared): readonly (string | typeof UNKNOWN)[] {
  const { props } = resource;
  switch (resource.type) {
    case "docker-build:index:Image":
      return [
        ...(props.push === true ? listed(props.tags) : []),
        ...asList(props.exports)
          .map(asRecord)
          .flatMap((output) => exported(output, props.tags)),
      ];
    case "docker-build:index:Index":
      return props.push === false ? [] : single(props.tag);
    case "docker:index/image:Image":
      return props.skipPush === true ? [] : single(props.imageName);
    case "docker:index/registryImage:RegistryImage":
      return single(props.name);
    default:
      return [];
  }
}

function listed(tags: unknown): readonly (string | typeof UNKNOWN)[] {
  if (tags === UNKNOWN) return [UNKNOWN];
  return asList(tags).flatMap(single);
}

function single(reference: unknown): readonly (string | typeof UNKNOWN)[] {
  if (reference === UNKNOWN) return [UNKNOWN];
  return typeof reference === "string" && reference !== "" ? [reference] : [];
}

/** An export of BuildKit. One that pushes by digest sets no tag. */
function exported(
  output: Readonly<Record<string, unknown>>,
  tags: unknown,
): readonly (string | typeof UNKNOWN)[] {
  if (output.disabled === true) return [];
  const raw = lineOf(output);
  if (raw !== undefined) return rawExport(raw, tags);
  const kind = output.registry ?? output.image;
  const options = asRecord(kind);
  const pushes = output.registry !== undefined ? options.push !== false : options.push === true;
  if (kind === undefined || !pushes || options.pushByDigest === true) return [];
  return [...(options.names === undefined ? [] : listed(options.names)), ...listed(tags)];
}

/**
 * The options that are written as a line. The provider hands an empty one over where there is none.
 */
function lineOf({ raw }: Readonly<Record<string, unknown>>): string | undefined {
  return raw === "" ? undefined : asText(raw);
}

/** Exports that reach no registry. Source: https://docs.docker.com/build/exporters/. */
const localExports = new Set(["local", "tar", "oci", "docker", "cacheonly"]);

/**
 * Texts that BuildKit reads as true or false. Source: Go's strconv.ParseBool; it takes an empty
 * text as true here.
 */
const trueTexts = new Set(["", "1", "t", "T", "TRUE", "true", "True"]);
const falseTexts = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/**
 * An export as a line of options, e.g. `type=image,"name=ghcr.io/acme/app:v1",push=true`. What is
 * not understood counts as a push under a name that is not known.
 */
function rawExport(line: string, tags: unknown): readonly (string | typeof UNKNOWN)[] {
  const options = lineOptions(line);
  // A text alone is a folder, or `-` for standard output.
  if (options === undefined) return /^[^",=]+$/.test(line) ? [] : [UNKNOWN];
  const types = options.get("type") ?? [];
  if (types.length > 0 && types.every((type) => localExports.has(type))) return [];
  const every = (name: string, texts: ReadonlySet<string>) => {
    const values = options.get(name) ?? [];
    return values.length > 0 && values.every((value) => texts.has(value));
  };
  const isImage = types.length > 0 && types.every((type) => type === "image");
  if (isImage && (!options.has("push") || every("push", falseTexts))) return [];
  if (every("push-by-digest", trueTexts)) return [];
  const names = [...(options.get("name") ?? []).flatMap((list) => list.split(",")), ...listed(tags)];
  return names.length > 0 ? names : [UNKNOWN];
}

/**
 * A line of options as buildx reads it: fields of CSV, names in any case. Every value of a name
 * that is repeated. Undefined where buildx refuses it. Source: util/buildflags of buildx.
 */
function lineOptions(line: string): ReadonlyMap<string, readonly string[]> | undefined {
  const options = new Map<string, string[]>();
  const field = /("(?:[^"]|"")*"|[^",]*)(,|$)/y;
  for (let end = ","; end === ",";) {
    const match = field.exec(line);
    if (!match) return undefined;
    const [, text = "", separator = ""] = match;
    const plain = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
    const equals = plain.indexOf("=");
    if (equals < 0) return undefined;
    const name = plain.slice(0, equals).trim().toLowerCase();
    options.set(name, [...(options.get(name) ?? []), plain.slice(equals + 1)]);
    end = separator;
  }
  return options;
}

/**
 * References of the build cache that a resource writes to: names in a registry, but nothing that
 * can be run.
 */
export function cacheReferences({ type, props }: Declared): readonly string[] {
  if (type !== "docker-build:index:Image") return [];
  return asList(props.cacheTo)
    .map(asRecord)
    .filter(({ disabled }) => disabled !== true)
    .flatMap((cache) => {
      const line = lineOf(cache);
      if (line === undefined) return asText(asRecord(cache.registry).ref) ?? [];
      // Without options it is a list of references.
      if (!line.includes("=")) return line.split(",").map((reference) => reference.replaceAll('"', ""));
      return lineOptions(line)?.get("ref") ?? [];
    });
}

/** The references of a resource that are known. */
export function knownReferences(resource: Declared): readonly string[] {
  return asTexts(pushedReferences(resource));
}
