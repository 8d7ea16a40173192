import type { Annotations } from "../../oci/types";
import { isAmbiguous, YamlError } from "../../yaml/parse";
import { ChannelError } from "../artifact";
import { chartNamePattern, isChartVersion } from "./names";
import { isNull, isScalar, readYaml, type YamlValue } from "./yaml";

/** A value of JSON, as Helm writes what is in a `Chart.yaml`. */
type Json = string | boolean | readonly Json[] | { readonly [name: string]: Json };

/** A chart on which another depends. */
export interface ChartDependency {
  readonly name: string;
  readonly version: string | undefined;
}

/** What a chart says of itself. */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly ChartDependency[];
  /** The configuration of the artifact, byte for byte as `helm push` writes it. */
  readonly config: string;
  /** Annotations of the manifest, as `helm push` writes them, without the time of the push. */
  readonly annotations: Annotations;
}

/** How a field is read. */
type Reading = (value: YamlValue, field: string) => Json | undefined;

const text: Reading = (value, field) => {
  if (isNull(value)) return undefined;
  if (!isScalar(value)) throw wrong(field, "a text is expected");
  if (isAmbiguous(value)) {
    throw wrong(
      field,
      `${value.text} may be something else than a text in YAML: quote it (a valid example: "${value.text}")`,
    );
  }
  // As Helm cleans texts: white space becomes a space, and what cannot be printed is left out.
  return value.text.replace(/\s/gu, " ").replace(/[^\P{C}]/gu, "") || undefined;
};

const truth: Reading = (value, field) => {
  if (isNull(value)) return undefined;
  if (isScalar(value) && value.isPlain && /^(?:true|false)$/.test(value.text))
    return value.text === "true" || undefined;
  throw wrong(field, "true or false is expected");
};

const texts: Reading = (value, field) => listOf(text)(value, field);

function listOf(item: Reading): Reading {
  return (value, field) => {
    if (isNull(value)) return undefined;
    if (!Array.isArray(value)) throw wrong(field, "a list is expected");
    const items = (value as readonly YamlValue[]).map((one, index) => item(one, `${field}[${index}]`) ?? "");
    return items.length === 0 ? undefined : items;
  };
}

/** Fields in Helm's order, so that the JSON is Helm's. */
function fields(readings: Readonly<Record<string, Reading>>, isStrict = false): Reading {
  return (value, field) => {
    if (isNull(value)) return undefined;
    if (!(value instanceof Map)) throw wrong(field, "fields are expected");
    const given = value as ReadonlyMap<string, YamlValue>;
    const at = (name: string) => (field === chartFile ? `${chartFile} ${name}` : `${field}.${name}`);
    const unknown = isStrict ? [...given.keys()].find((name) => !(name in readings)) : undefined;
    if (unknown !== undefined)
      throw wrong(at(unknown), `is not a field of Helm: ${Object.keys(readings).join(", ")} are`);
    return Object.fromEntries(
      Object.entries(readings).flatMap(([name, reading]) => {
        const one = given.get(name);
        const read = one === undefined ? undefined : reading(one, at(name));
        return read === undefined ? [] : [[name, read]];
      }),
    );
  };
}

/** Texts by name, in the order of the names, as Go writes a map. */
const textByName: Reading = (value, field) => {
  if (isNull(value)) return undefined;
  if (!(value instanceof Map)) throw wrong(field, "fields are expected");
  const given = value as ReadonlyMap<string, YamlValue>;
  const names = [...given.keys()].sort();
  const found = names.map((name) => {
    const one = given.get(name);
    return [
      name,
      one && isScalar(one) && !isAmbiguous(one) ? one.text : ((one && text(one, `${field}.${name}`)) ?? ""),
    ];
  });
  return found.length === 0 ? undefined : (Object.fromEntries(found) as Record<string, string>);
};

const anything: Reading = (value, field) => {
  if (isScalar(value)) return text(value, field);
  if (value instanceof Map) {
    const given = value as ReadonlyMap<string, YamlValue>;
    return Object.fromEntries(
      [...given]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, one]) => [name, anything(one, `${field}.${name}`) ?? ""]),
    );
  }
  return (value as readonly YamlValue[]).map((one, index) => anything(one, `${field}[${index}]`) ?? "");
};

const chartFile = "Chart.yaml";

/** Source: helm's pkg/chart/v2, `Metadata` and `Dependency`. */
const metadata = fields(
  {
    name: text,
    home: text,
    sources: texts,
    version: text,
    description: text,
    keywords: texts,
    maintainers: listOf(fields({ name: text, email: text, url: text })),
    icon: text,
    apiVersion: text,
    condition: text,
    tags: text,
    appVersion: text,
    deprecated: truth,
    annotations: textByName,
    kubeVersion: text,
    dependencies: listOf(
      fields({
        name: text,
        version: text,
        repository: (value, field) => text(value, field) ?? "",
        condition: text,
        tags: texts,
        enabled: truth,
        "import-values": listOf(anything),
        alias: text,
      }),
    ),
    type: text,
  },
  true,
);

/**
 * Reads a `Chart.yaml`.
 *
 * @throws ChannelError with Helm's rule, naming the field
 */
export function chartMetadata(content: string): ChartMetadata {
  let declared: Record<string, Json | undefined>;
  try {
    declared = metadata(readYaml(content), chartFile) as Record<string, Json>;
  } catch (error) {
    if (error instanceof YamlError) throw wrong(chartFile, error.message);
    throw error;
  }
  const { name, version, apiVersion, type = "application" } = declared;
  if (apiVersion !== "v2") {
    throw wrong(
      `${chartFile} apiVersion`,
      `${JSON.stringify(apiVersion ?? "")}: v2 is expected, which Helm has had since version 3; dependencies of a ` +
        "requirements.yaml go into Chart.yaml then (a valid example: apiVersion: v2)",
    );
  }
  if (typeof name !== "string" || !chartNamePattern.test(name)) {
    throw wrong(
      `${chartFile} name`,
      `${JSON.stringify(name ?? "")}: lower-case letters, digits and single dashes are expected (a valid example: "hello")`,
    );
  }
  if (typeof version !== "string" || !isChartVersion(version)) {
    throw wrong(
      `${chartFile} version`,
      `${JSON.stringify(version ?? "")} is no SemVer (a valid example: "1.2.3")`,
    );
  }
  if (type !== "application" && type !== "library") {
    throw wrong(`${chartFile} type`, `${JSON.stringify(type)}: application or library is expected`);
  }
  const dependencies = (declared.dependencies ?? []) as readonly Record<string, string | undefined>[];
  return {
    name,
    version,
    dependencies: dependencies.map(({ name: other, version: wanted }, index) => {
      if (other === undefined || other === "")
        throw wrong(`${chartFile} dependencies[${index}].name`, "is missing");
      return { name: other, version: wanted };
    }),
    config: goJson(declared),
    annotations: annotationsOf(declared),
  };
}

/** As Go's encoding/json writes it. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Source: helm's pkg/registry, `generateOCIAnnotations`. */
function annotationsOf(declared: Readonly<Record<string, Json | undefined>>): Annotations {
  const { name, version, description, home, sources, maintainers, annotations } = declared;
  const authors = ((maintainers ?? []) as readonly Record<string, string | undefined>[])
    .map(({ name: who = "", email }) => `${who}${email === undefined ? "" : ` (${email})`}`)
    .join(", ");
  const own: Record<string, Json | undefined> = {
    "org.opencontainers.image.description": description,
    "org.opencontainers.image.title": name,
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.url": home,
    "org.opencontainers.image.source": (sources as readonly string[] | undefined)?.[0],
    "org.opencontainers.image.authors": authors,
  };
  const {
    "org.opencontainers.image.title": _title,
    "org.opencontainers.image.version": _version,
    ...others
  } = (annotations ?? {}) as Record<string, string>;
  const all = { ...own, ...others };
  return Object.fromEntries(
    Object.entries(all).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].trim() !== "",
    ),
  );
}

function wrong(field: string, reason: string): ChannelError {
  return new ChannelError(field, reason);
}
