import { UNKNOWN, type Declared } from "../pack/declared";
import { readDockerfile, type DockerfileStages } from "./dockerfile";
import { asRecord, asText } from "./values";

/**
 * Types whose base images can be seen in their inputs. A Dockerfile in a file of its own cannot.
 */
export const buildingTypes = [
  "slipway:oci:Image",
  "docker-build:index:Image",
  "docker:index/image:Image",
  "docker:index/registryImage:RegistryImage",
] as const;

/** A base image as a program names it, or unknown. */
export interface Base {
  readonly reference: string | typeof UNKNOWN;
  /** Where it is named, for messages. */
  readonly where: string;
}

/** The base images that a resource names. */
export function basesOf(resource: Declared): readonly Base[] {
  const { props, type } = resource;
  if (type === "slipway:oci:Image") return base(props.base, "base");
  const fromFile = inlineDockerfile(resource)?.bases ?? [];
  return [
    ...fromFile.map((reference) => ({ reference, where: "FROM" })),
    ...fromArguments(buildArgsOf(resource)),
    ...fromContexts(asRecord(asRecord(props.context).named)),
  ];
}

/** The Dockerfile that is written in the program, where there is one and it is known. */
export function inlineDockerfile(resource: Declared): DockerfileStages | undefined {
  const text = asText(asRecord(resource.props.dockerfile).inline);
  // The official provider fills in an empty text where the Dockerfile is a file.
  if (text === undefined || text === "") return undefined;
  const values = Object.entries(buildArgsOf(resource)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return readDockerfile(text, Object.fromEntries(values));
}

/** Arguments of a build, as each provider names them. */
export function buildArgsOf({ props, type }: Declared): Readonly<Record<string, unknown>> {
  if (type === "docker-build:index:Image") return asRecord(props.buildArgs);
  if (type === "docker:index/image:Image") return asRecord(asRecord(props.build).args);
  if (type === "docker:index/registryImage:RegistryImage") return asRecord(asRecord(props.build).buildArgs);
  return {};
}

function base(value: unknown, where: string): Base[] {
  if (value === UNKNOWN) return [{ reference: UNKNOWN, where }];
  return typeof value === "string" ? [{ reference: value, where }] : [];
}

/** An argument that is named as a base, by custom: `BASE_IMAGE`, `PYTHON_BASE`, `FROM_IMAGE`. */
function fromArguments(args: Readonly<Record<string, unknown>>): Base[] {
  return Object.entries(args)
    .filter(([name]) => /(^|_)(BASE|BASE_IMAGE|FROM|FROM_IMAGE|IMAGE)$/i.test(name))
    .flatMap(([name, value]) => base(value, `build argument ${name}`));
}

/** A named context of BuildKit that is an image. */
function fromContexts(named: Readonly<Record<string, unknown>>): Base[] {
  return Object.entries(named).flatMap(([name, context]) => {
    const location = asRecord(context).location;
    if (typeof location === "string" && !location.startsWith("docker-image://")) return [];
    const reference = typeof location === "string" ? location.slice("docker-image://".length) : location;
    return base(reference, `context ${name}`);
  });
}
