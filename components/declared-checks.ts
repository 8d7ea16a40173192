import * as pulumi from "@pulumi/pulumi";
import { type Artifact, Check, type CheckArgs } from "../resources";
import { namedGates, type CheckDeclaration, type DeclaredGates } from "./declaration/check-declaration";
import { fillTemplate, versionValues, type TemplateValues } from "./declaration/templates";
import type { GateRule } from "./gates";
import type { MultiArchImage } from "./multi-arch-image";
import type { ImageReferences } from "./references";

/** What gates are made of. */
export interface GateFacts {
  version: string;
  images: Readonly<Record<string, MultiArchImage>>;
  references: Readonly<Record<string, readonly ImageReferences[]>>;
  artifacts: pulumi.Output<Artifact[]>;
}

/** A resource that has to succeed. */
export interface Gate {
  readonly resource: pulumi.Resource;
  /** Images that it is about; undefined where a program has made it, and it may be about any. */
  readonly images?: readonly MultiArchImage[];
}

/** One check that is made: of all its images, of one, or of one in one place or by one tag there. */
interface Instance {
  name: string;
  subjects: MultiArchImage[];
  /** Values of the image, where there is one. */
  image?: TemplateValues;
  /** Values of it that are known when it is pushed. */
  later?: Readonly<Record<"digest" | "reference", pulumi.Output<string>>>;
}

/**
 * Makes what is declared as gates, or for after the publication.
 *
 * @param options parent, and what they wait for
 */
export function createGates(
  declared: DeclaredGates | undefined,
  facts: GateFacts,
  options: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): readonly Gate[] {
  const call = (rule: unknown, own = options): Gate[] =>
    (rule as GateRule)(facts.images, own, facts.artifacts, facts.references).map((resource) => ({
      resource,
    }));
  if (typeof declared === "function") return call(declared);
  const entries = new Map(namedGates(declared));
  const made = new Map<string, readonly Gate[]>();
  const make = (name: string): readonly Gate[] => {
    const known = made.get(name);
    if (known) return known;
    const gate = entries.get(name);
    if (gate === undefined) throw new Error(`no check named ${name}`);
    const gates =
      typeof gate === "function"
        ? call(gate)
        : createChecks(name, gate, facts, {
            ...options,
            dependsOn: [
              ...options.dependsOn,
              ...(gate.after ?? []).flatMap(make).map(({ resource }) => resource),
            ],
          });
    made.set(name, gates);
    return gates;
  };
  return [...entries.keys()].flatMap(make);
}

function createChecks(
  name: string,
  declared: CheckDeclaration<string>,
  facts: GateFacts,
  options: pulumi.CustomResourceOptions,
): Gate[] {
  const { each: _each, images: _images, registries: _registries, after: _after, ...check } = declared;
  const { command, http, anonymousPull, checksum, ...rest } = check;
  return instancesOf(name, declared, facts).map(({ name: own, subjects, image, later }) => {
    const values = { ...versionValues(facts.version), ...image };
    const fill = (value: unknown) => filled(value, values, later, (text) => text);
    const args = { http: fill(http), anonymousPull: fill(anonymousPull), checksum: fill(checksum) };
    const digests = subjects.map(({ digest }) => digest);
    const resource = new Check(
      own,
      {
        ...rest,
        ...(args as Pick<CheckArgs, keyof typeof args>),
        command: filledCommand(command, values, later),
        subject: digests.length === 1 ? digests[0] : digests,
      },
      options,
    );
    return { resource, images: subjects };
  });
}

function instancesOf(name: string, declared: CheckDeclaration<string>, facts: GateFacts): Instance[] {
  const { each, registries } = declared;
  const chosen = Object.entries(facts.images).filter(([image]) => declared.images?.includes(image) ?? true);
  if (each === "repository" || each === "tag") {
    const wanted = registries?.map((registry) => registry.name);
    return chosen.flatMap(([imageName, image]) =>
      (facts.references[imageName] ?? [])
        .filter(({ registry }) => wanted?.includes(registry) ?? true)
        .flatMap((place) =>
          each === "repository"
            ? [instance(`${name} ${place.repository}`, imageName, image, place)]
            : Object.values(place.byTag).map((reference) =>
                instance(`${name} ${reference}`, imageName, image, {
                  repository: place.repository,
                  byDigest: pulumi.output(reference),
                }),
              ),
        ),
    );
  }
  const one = ([imageName, image]: [string, MultiArchImage], own: string) =>
    instance(own, imageName, image, { repository: image.repository, byDigest: image.reference });
  const [only, ...others] = chosen;
  if (each === "image") return chosen.map((entry) => one(entry, `${name} ${entry[0]}`));
  if (only && others.length === 0) return [one(only, name)];
  return [{ name, subjects: chosen.map(([, image]) => image) }];
}

function instance(
  name: string,
  imageName: string,
  image: MultiArchImage,
  { repository, byDigest }: Pick<ImageReferences, "repository" | "byDigest">,
): Instance {
  return {
    name,
    subjects: [image],
    image: { image: imageName, repository },
    later: { digest: image.digest, reference: byDigest },
  };
}

/** In the pattern that the output is compared with, values are what they are. */
function filledCommand(
  command: CheckArgs["command"],
  values: TemplateValues,
  later: Instance["later"],
): CheckArgs["command"] {
  const fill = (value: unknown) => filled(value, values, later, (text) => text);
  if (command === undefined || isLater(command)) return fill(command) as CheckArgs["command"];
  const { expect, ...rest } = command;
  const args = { ...(fill(rest) as object), expect: filled(expect, values, later, escaped) };
  return args as CheckArgs["command"];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A value in whose texts names are replaced; what is known stays known. */
function filled(
  value: unknown,
  values: TemplateValues,
  later: Instance["later"],
  as: (text: string) => string,
): unknown {
  if (typeof value === "string") {
    const known = fillTemplate(
      value,
      Object.fromEntries(Object.entries(values).map(([name, text]) => [name, as(text)])),
    );
    if (later === undefined || !/\{(digest|reference)\}/.test(known)) return known;
    return pulumi
      .all([later.digest, later.reference])
      .apply(([digest, reference]) => fillTemplate(known, { digest: as(digest), reference: as(reference) }));
  }
  if (isLater(value)) {
    const known = pulumi.output(value as pulumi.Input<unknown>) as pulumi.Output<unknown>;
    return known.apply((inner) => filled(inner, values, later, as));
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, values, later, as));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, filled(item, values, later, as)]),
  );
}

function isLater(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
