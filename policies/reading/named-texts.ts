import type { Declared } from "../pack/declared";
import { buildArgsOf } from "./bases";
import { asList, asRecord, asText } from "./values";

/** A text in the inputs of a resource, with the name it goes by. */
export interface NamedText {
  /** Path of the value in the inputs. */
  readonly path: string;
  readonly name: string;
  readonly value: string;
  /** Whether everybody who can pull the image can read it. */
  readonly isPublished: boolean;
}

/** Types whose arguments, labels, annotations and environment are looked at. */
export const textTypes = [
  "slipway:build:Command",
  "slipway:build:Archive",
  "slipway:gate:Check",
  "slipway:oci:Image",
  "slipway:oci:Index",
  "slipway:trust:Attestation",
  "slipway:github:Release",
  "slipway:release:Directory",
  "docker-build:index:Image",
  "docker-build:index:Index",
  "docker:index/image:Image",
  "docker:index/registryImage:RegistryImage",
  "command:local:Command",
  "command:remote:Command",
] as const;

/** The texts of a resource in which a secret would be in clear text. */
export function namedTexts(resource: Declared): NamedText[] {
  const { props, type } = resource;
  switch (type) {
    case "slipway:build:Command":
      return [...map(props.env, "env", false), ...words(props.command, "command")];
    case "slipway:oci:Image": {
      const config = asRecord(props.config);
      return [
        ...map(config.env, "config.env", true),
        ...map(config.labels, "config.labels", true),
        ...map(props.annotations, "annotations", true),
        ...map(props.standardAnnotations, "standardAnnotations", true),
        ...words(config.entrypoint, "config.entrypoint", true),
        ...words(config.cmd, "config.cmd", true),
        ...asList(props.layers).flatMap((layer, i) => contents(asRecord(layer).files, `layers.${i}.files`)),
      ];
    }
    case "slipway:oci:Index":
      return [
        ...map(props.annotations, "annotations", true),
        ...map(props.standardAnnotations, "standardAnnotations", true),
      ];
    case "slipway:build:Archive":
      return contents(props.entries, "entries");
    case "slipway:gate:Check": {
      const command = asRecord(props.command);
      return [
        ...map(command.env, "command.env", false),
        ...words(command.command, "command.command"),
        ...["http", "checksum"].flatMap((kind) => words(asRecord(props[kind]).url, `${kind}.url`)),
      ];
    }
    case "slipway:trust:Attestation":
      return asList(props.statements).flatMap((statement, i) =>
        nested(asRecord(statement).predicate, `statements.${i}.predicate`),
      );
    case "slipway:github:Release":
    case "slipway:release:Directory":
      return ["title", "notes"].flatMap((field) => words(props[field], field, true));
    case "command:local:Command":
    case "command:remote:Command":
      return [
        ...map(props.environment, "environment", false),
        ...["create", "update", "delete"].flatMap((script) => words(props[script], script)),
      ];
    default:
      return ofBuild(resource);
  }
}

function ofBuild(resource: Declared): NamedText[] {
  const { props, type } = resource;
  const argsPath = { "docker-build:index:Image": "buildArgs", "docker:index/image:Image": "build.args" }[
    type
  ];
  return [
    ...map(buildArgsOf(resource), argsPath ?? "build.buildArgs", true),
    ...map(props.labels, "labels", true),
    ...map(asRecord(props.build).labels, "build.labels", true),
    ...asList(props.registries).flatMap((registry, i) => password(registry, `registries.${i}`)),
    ...password(props.registry, "registry"),
    ...password(props.authConfig, "authConfig"),
    ...asList(props.exports).flatMap((output, i) =>
      Object.entries(asRecord(output)).flatMap(([kind, options]) =>
        map(asRecord(options).annotations, `exports.${i}.${kind}.annotations`, true),
      ),
    ),
  ];
}

function map(value: unknown, path: string, isPublished: boolean): NamedText[] {
  return Object.entries(asRecord(value)).flatMap(([name, text]) =>
    typeof text === "string" ? [{ path: `${path}.${name}`, name, value: text, isPublished }] : [],
  );
}

function password(value: unknown, path: string): NamedText[] {
  const text = asText(asRecord(value).password);
  return text === undefined
    ? []
    : [{ path: `${path}.password`, name: "password", value: text, isPublished: false }];
}

/** Words of a command; what follows `--token` or stands behind `TOKEN=` goes by that name. */
function words(value: unknown, path: string, isPublished = false): NamedText[] {
  if (typeof value === "string") {
    return value.split(/\s+/).flatMap((word, i, all) => named(word, all[i - 1], path, isPublished));
  }
  return asList(value).flatMap((word, i, all) =>
    typeof word === "string" ? named(word, asText(all[i - 1]), `${path}.${i}`, isPublished) : [],
  );
}

function named(word: string, before: string | undefined, path: string, isPublished: boolean): NamedText[] {
  const [, assigned, value] = /^-{0,2}([A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? [];
  if (assigned !== undefined) return [{ path, name: assigned, value: unquoted(value ?? ""), isPublished }];
  const option = /^--([A-Za-z][\w-]*)$/.exec(before ?? "")?.[1];
  return [{ path, name: word.startsWith("-") ? "" : (option ?? ""), value: unquoted(word), isPublished }];
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, "$2");
}

/** Files whose content is written in the program. */
function contents(files: unknown, path: string): NamedText[] {
  return asList(files).flatMap((file, i) => {
    const value = asText(asRecord(file).content);
    return value === undefined ? [] : [{ path: `${path}.${i}.content`, name: "", value, isPublished: true }];
  });
}

/** The texts of a published value, at any depth, each by its key. */
function nested(value: unknown, path: string, name = ""): NamedText[] {
  if (typeof value === "string") return [{ path, name, value, isPublished: true }];
  if (Array.isArray(value)) return value.flatMap((item, i) => nested(item, `${path}.${i}`, name));
  return Object.entries(asRecord(value)).flatMap(([key, item]) => nested(item, `${path}.${key}`, key));
}
