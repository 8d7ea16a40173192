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
 * References that a resource of an official provider sets in a registry as a step of making the image. Unknown where
 * they are not known yet.
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
  const raw = asText(output.raw);
  if (raw !== undefined) return rawExport(raw);
  const kind = output.registry ?? output.image;
  const options = asRecord(kind);
  const pushes = output.registry !== undefined ? options.push !== false : options.push === true;
  if (kind === undefined || !pushes || options.pushByDigest === true) return [];
  return options.names === undefined ? listed(tags) : listed(options.names);
}

/** An export as a line of options, e.g. `type=image,"name=ghcr.io/acme/app:v1",push=true`. */
function rawExport(line: string): readonly string[] {
  const options = new Map<string, string[]>();
  for (const field of line.match(/"[^"]*"|[^,]+/g) ?? []) {
    const text = field.replace(/^"|"$/g, "");
    const equals = text.indexOf("=");
    if (equals > 0) options.set(text.slice(0, equals), text.slice(equals + 1).split(","));
  }
  const isTrue = (name: string) => options.get(name)?.[0] === "true";
  const pushes = options.get("type")?.[0] === "registry" || isTrue("push");
  return pushes && !isTrue("push-by-digest") ? (options.get("name") ?? []) : [];
}

/** The references of a resource that are known. */
export function knownReferences(resource: Declared): readonly string[] {
  return asTexts(pushedReferences(resource));
}
