import { basename } from "node:path";
import { bareVersion } from "../version/version";
import { call, expression, fields, fieldsOf, namesIn, renderCode, type Code, type Field } from "./code";
import {
  joinFound,
  placeText,
  type Fact,
  type FoundChannel,
  type FoundEntry,
  type FoundTags,
  type Found,
  type Left,
  type StackValue,
} from "./found";
import { planImages } from "./images";
import { plainName } from "./paths";
import type { Project } from "./project";
import type { ReaderFound } from "./reading";

/** What is asked for beside what files say. */
export interface PlanOptions {
  /** Name of the distribution. Default: what files say, else the folder's. */
  readonly name?: string | undefined;
  /** Registry, as `host[/namespace]`. Default: what files say. */
  readonly registry?: string | undefined;
  /** What is shipped. Default: all that is found. */
  readonly ship?: "images" | "programs" | undefined;
}

/** A declaration that is proposed. */
export interface Plan {
  readonly name: string;
  readonly description: string | undefined;
  /** Constants of the program, by name. */
  readonly constants: readonly Field[];
  /** Fields of the distribution. */
  readonly distribution: readonly Field[];
  /** Configuration of the stack on this machine. */
  readonly dev: readonly StackValue[];
  /** Configuration of the stack that publishes. */
  readonly prod: readonly StackValue[];
  readonly left: readonly Left[];
}

/** A project of which nothing can be proposed. */
export class PlanError extends Error {
  override readonly name = "PlanError";

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** What a project of Pulumi, and an image, can be called. */
const namePattern = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

/**
 * Makes a declaration of what readers have found.
 *
 * @throws PlanError where there is nothing that a distribution could have
 */
export function planDistribution(all: readonly ReaderFound[], project: Project, options: PlanOptions): Plan {
  const found = joinFound(all.map((one) => one.found));
  const fact = (about: Fact["about"]) =>
    found.facts.find((one) => one.about === about && one.value.trim() !== "");
  const left: Left[] = [...found.left];
  const name = nameOf(project, fact("name")?.value, options.name);
  const version = versionOf(project, found, left);
  const entries = options.ship === "images" ? [] : shippedEntries(all);
  const built = planImages(options.ship === "programs" ? [] : all, name, options.registry ?? undefined);
  const images = built.images.length > 0 ? built.images : imageOfProgram(entries, name);
  left.push(...built.left);
  if (images.length === 0) throw nothingFound(options);
  const tags = tagsOf(found.tags, project, entries.length > 0, left);
  // Without tags for versions a release would have none: what is published is a branch.
  const isOfBranch =
    tags !== undefined && !namesIn(tags.value).some((one) => /^(semver|calver)Tags$/.test(one));
  const build: StackValue = isOfBranch
    ? { key: "branch", value: "main", comment: "Images have no tags of versions: what is built is a branch" }
    : { key: "version", value: version.value, comment: version.from };
  const channels = options.ship === "images" ? [] : found.channels.filter((one) => isPossible(one, entries));
  const platforms = platformsOf(built.platforms, entries, built.images.length > 0);
  const hasRelease = entries.length > 0 || found.fields.some((field) => field.name === "release");
  const distribution: Field[] = [
    {
      name: undefined,
      value: expression("configured(config)", "configured"),
      comment: ["Version, commit, branch and pull request of a run: configuration of its stack."],
    },
    ...factFields(project, fact("source"), fact("licenses"), left),
    registriesField(built.mirrors.length > 0),
    { name: "platforms", value: platforms.list, comment: [platforms.from] },
    { name: "images", value: fields(...images) },
    ...(tags === undefined ? [] : [tags]),
    ...sections(entries),
    ...otherFields(found),
    ...(hasRelease ? [releaseField(found, project, name)] : []),
    ...(channels.length === 0 ? [] : [{ name: "channels", value: channels.map(channelCode) }]),
    trustField(found),
  ];
  const keys = channels.flatMap(({ needs }) => needs);
  return {
    name,
    description: fact("description")?.value,
    constants: constantsOf(keys, distribution),
    distribution,
    dev: [
      build,
      {
        key: "registry",
        value: "embedded",
        comment: "A registry on this machine, in .slipway; no account anywhere",
      },
    ],
    prod: prodValues({ build, built, project, hasRelease, found, keys }, left),
    left: orderedLeft(left),
  };
}

function nameOf(project: Project, said: string | undefined, asked: string | undefined): string {
  if (asked !== undefined) {
    if (namePattern.test(asked)) return asked;
    throw new PlanError(
      `--name ${JSON.stringify(asked)}: lower-case letters, digits and -_. between them are expected.`,
      'A valid example: "hello".',
    );
  }
  const candidates = [said, project.github?.split("/")[1], basename(project.folder), "release"];
  return candidates.map((one) => plainName(one ?? "")).find((one) => namePattern.test(one)) ?? "release";
}

/** The version that the change log has a section of; else the highest that git or a package has. */
function versionOf(project: Project, found: Required<Found>, left: Left[]): { value: string; from: string } {
  const prefix = project.versionPrefix;
  const ofLog = found.facts.find(
    (one) => one.about === "version" && found.fields.some(({ from }) => from.file === one.from.file),
  );
  const [highest] = project.versions;
  const ofPackage = found.facts.find((one) => one.about === "version" && /^\d+\.\d+\.\d+/.test(one.value));
  const [value, from] =
    ofLog !== undefined
      ? [`${prefix}${bareVersion(ofLog.value)}`, placeText(ofLog.from)]
      : highest !== undefined
        ? [highest.text, "The highest tag of git; raise it for the next release"]
        : ofPackage !== undefined && !ofPackage.value.startsWith("0.0.0")
          ? [`${prefix}${ofPackage.value}`, placeText(ofPackage.from)]
          : [`${prefix}0.1.0`, "No file and no tag of git says one"];
  if (/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(value)) return { value, from };
  left.push({
    file: from,
    what: value,
    reason: "is no semantic version: calverTags() is for versions that are dates",
  });
  return { value: `${prefix}0.1.0`, from: "What is found is no semantic version" };
}

/** The first reader that has an entry says it. */
function shippedEntries(all: readonly ReaderFound[]): FoundEntry[] {
  const entries = all.flatMap(({ found: { entries: own = [] } }) => own);
  const same =
    (one: FoundEntry) =>
    ({ section, name }: FoundEntry) =>
      section === one.section && name === one.name;
  return entries.filter((one, index) => entries.findIndex(same(one)) === index);
}

/** A program alone, from nothing: it has to be linked statically. */
function imageOfProgram(entries: readonly FoundEntry[], name: string): Field[] {
  const programs = entries.filter(
    ({ section, platforms = [] }) =>
      section === "binaries" && platforms.some((one) => one.startsWith("linux/")),
  );
  const program = programs.find((one) => one.name === name) ?? programs[0];
  if (program === undefined) return [];
  const place = `/usr/local/bin/${program.name}`;
  const value = fieldsOf({
    files: [fieldsOf({ to: place, binary: program.name })],
    entrypoint: [place],
    user: "65532:65532",
  });
  const comment = [
    "No file builds an image, and a distribution has at least one: the program alone, from nothing.",
    placeText(program.from),
  ];
  return [{ name: plainName(program.name), value, comment }];
}

function nothingFound({ ship }: PlanOptions): PlanError {
  const what = ship === "programs" ? "program for Linux" : "Dockerfile and no program for Linux";
  return new PlanError(
    `There is no ${what} from which an image could be made, and a distribution has at least one.`,
    "Write a Dockerfile, or begin with the example of docs/package.md",
  );
}

function tagsOf(
  found: readonly FoundTags[],
  project: Project,
  hasFiles: boolean,
  left: Left[],
): Field | undefined {
  const [first, ...others] = found;
  if (first === undefined) {
    const prefix = project.versionPrefix;
    if (prefix !== "" || project.versions[0] === undefined) return undefined;
    const value = call("semverTags", fieldsOf({ prefix }));
    return { name: "tags", value, comment: ["Tags of git have no v."] };
  }
  const text = (tags: FoundTags) => renderCode(tags.rules);
  for (const other of others.filter((one) => text(one) !== text(first)))
    left.push({
      ...other.from,
      what: "tags",
      reason: `differ from those of ${placeText(first.from)}, which all images get here`,
    });
  const hasVersions = first.rules.some((one) => namesIn(one).includes("semverTags"));
  const own = call("semverTags", fieldsOf({ prefix: project.versionPrefix, aliases: [] }));
  // What has files is released under a version, which its images are found by.
  const rules = hasVersions || !hasFiles ? first.rules : [own, ...first.rules];
  const [rule, ...more] = rules;
  const value = more.length === 0 && rule !== undefined ? rule : call("combineTags", ...rules);
  return { name: "tags", value, comment: [placeText(first.from)] };
}

/** A channel of programs needs archives of them. */
function isPossible(channel: FoundChannel, entries: readonly FoundEntry[]): boolean {
  return (
    ["npmPackages", "pypiProject"].includes(channel.call) ||
    entries.some(({ section }) => section === "archives")
  );
}

function platformsOf(
  built: { readonly list: readonly string[]; readonly from: string } | undefined,
  entries: readonly FoundEntry[],
  hasDockerfile: boolean,
): { list: readonly string[]; from: string } {
  if (built !== undefined) return built;
  const program = entries.find(({ platforms = [] }) => platforms.some((one) => one.startsWith("linux/")));
  if (program !== undefined && !hasDockerfile) {
    const list = (program.platforms ?? []).filter((one) => /^linux\/(amd64|arm64)$/.test(one));
    if (list.length > 0) return { list, from: `Of the images; ${placeText(program.from)}` };
  }
  return {
    list: ["linux/amd64"],
    from: 'Of the images; no file says any. "linux/arm64" can stand beside it.',
  };
}

function factFields(
  project: Project,
  source: Fact | undefined,
  licenses: Fact | undefined,
  left: Left[],
): Field[] {
  const list: Field[] = [];
  const address = project.github === undefined ? source?.value : `https://github.com/${project.github}`;
  const from =
    project.github === undefined && source !== undefined ? placeText(source.from) : "Remote of git.";
  if (address !== undefined && URL.canParse(address))
    list.push({ name: "source", value: address, comment: [from] });
  // Cargo had a slash for OR.
  const license = licenses?.value.replaceAll(/\s*\/\s*/g, " OR ");
  if (licenses === undefined || license === undefined) return list;
  if (/^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/.test(license) && license !== "UNLICENSED")
    list.push({ name: "licenses", value: license, comment: [placeText(licenses.from)] });
  else
    left.push({
      ...licenses.from,
      what: "license",
      reason: `${JSON.stringify(license)} is no SPDX expression`,
    });
  return list;
}

function registriesField(hasMirrors: boolean): Field {
  const registry = call("configuredRegistry", expression("config"));
  const mirrors = expression('...configuredMirror(config, "mirrors")', "configuredMirror");
  return { name: "registries", value: hasMirrors ? [registry, mirrors] : [registry] };
}

function sections(entries: readonly FoundEntry[]): Field[] {
  return (["binaries", "archives", "extraArtifacts"] as const).flatMap((section): Field[] => {
    const own = entries.filter((one) => one.section === section);
    if (own.length === 0) return [];
    const list = own.map(({ name, fields: value, from, needs }): Field => {
      const field: Field = { name, value, comment: [placeText(from)] };
      if (needs === undefined) return field;
      return { name: undefined, value: { kind: "present", name: needs, value: fields(field), comment: [] } };
    });
    return [{ name: section, value: fields(...list) }];
  });
}

function otherFields({ fields: found }: Required<Found>): Field[] {
  return found.flatMap(({ name, fields: list, from }): Field[] =>
    name === "checksums" ? [{ name, value: fields(...list), comment: [placeText(from)] }] : [],
  );
}

/** A folder on this machine, or a release on GitHub where the configuration names a repository. */
function releaseField({ fields: found }: Required<Found>, project: Project, name: string): Field {
  const own = found.filter((field) => field.name === "release");
  const tag: Field[] = project.versionPrefix === "" ? [{ name: "tag", value: "{semver}" }] : [];
  const list = [...tag, ...own.flatMap((field) => field.fields)];
  const comment = own.map(({ from }) => placeText(from));
  const place = project.github ?? name;
  const isNote = ({ name: field = "" }: Field) =>
    ["changelog", "title", "notes", "notesTemplate"].includes(field);
  const isCommon = list.every(isNote);
  const common = list.filter((field) => isNote(field) || field.name === "tag");
  const where = "A folder of this machine, or GitHub where the configuration names a repository.";
  if (isCommon) {
    const value = call("configuredRelease", expression("config"), place, fields(...list));
    return { name: "release", value, comment: [where, ...comment] };
  }
  const folder = call(
    "directoryRelease",
    fields({ name: "directory", value: ".slipway/releases" }, { name: "name", value: place }, ...common),
  );
  const github = call(
    "githubRelease",
    fields({ name: "repository", value: expression("repository") }, ...list),
  );
  const text = `repository === undefined ? ${renderCode(folder, "  ")} : ${renderCode(github, "  ")}`;
  return {
    name: "release",
    value: expression(text, "directoryRelease", "githubRelease"),
    comment: [where, ...comment],
  };
}

function channelCode(channel: FoundChannel): Code {
  const [first] = channel.needs;
  const value = call(channel.call, fields(...channel.fields));
  const comment = [placeText(channel.from)];
  return first === undefined ? value : { kind: "present", name: first.key, value, comment };
}

function trustField({ fields: found }: Required<Found>): Field {
  const own = found.filter((field) => field.name === "trust");
  const list = own.flatMap((field) => field.fields);
  const value = call("configuredTrust", expression("config"));
  const comment = [
    "A throw-away key, or the one of the configuration: docs/trust.md.",
    ...own.map(({ from }) => placeText(from)),
  ];
  if (list.length === 0) return { name: "trust", value, comment };
  return { name: "trust", value: fields({ name: undefined, value }, ...list), comment };
}

function constantsOf(keys: readonly StackValue[], distribution: readonly Field[]): Field[] {
  const constants = keys.map(({ key, value }): Field => {
    const read = value === undefined ? "getSecret" : "get";
    return { name: key, value: expression(`config.${read}(${JSON.stringify(key)})`) };
  });
  const text = renderCode(fields(...distribution));
  if (text.includes("pythonVersionOf(version)"))
    constants.unshift({ name: "version", value: expression('config.require("version")') });
  if (text.includes("repository === undefined"))
    constants.unshift({ name: "repository", value: expression('config.get("repository")') });
  return constants.filter((one, index) => constants.findIndex(({ name }) => name === one.name) === index);
}

function prodValues(
  {
    build,
    built,
    project,
    hasRelease,
    found,
    keys,
  }: {
    build: StackValue;
    built: ReturnType<typeof planImages>;
    project: Project;
    hasRelease: boolean;
    found: Required<Found>;
    keys: readonly StackValue[];
  },
  left: Left[],
): StackValue[] {
  const owner = project.github?.split("/")[0]?.toLowerCase();
  const guessed = built.host === undefined;
  const host = built.host ?? "ghcr.io";
  const namespace = built.namespace ?? (guessed ? owner : undefined);
  const values: StackValue[] = [
    { ...build, comment: `Given with each run: pulumi config set ${build.key}` },
    {
      key: "registry",
      value: host,
      comment: guessed ? "No file names a registry: GitHub's, as a guess" : "Sign in with docker login",
    },
  ];
  if (guessed && namespace === undefined) {
    const reason =
      "no file and no remote of git says where images go: set registry and namespace, or give --registry";
    left.push({ file: "Pulumi.prod.yaml", what: "registry", reason });
  }
  if (namespace !== undefined)
    values.push({ key: "namespace", value: namespace, comment: "Owner of the images there" });
  if (built.mirrors.length > 0)
    values.push({
      key: "mirrors",
      value: JSON.stringify(built.mirrors),
      comment: "Registries that are kept equal to it",
    });
  if (hasRelease && project.github !== undefined)
    values.push({
      key: "repository",
      value: project.github,
      comment: "Releases, with the token in GITHUB_TOKEN",
    });
  values.push(
    {
      key: "signingKey",
      value: "cosign.key",
      comment: "Of cosign generate-key-pair; its password is in COSIGN_PASSWORD",
    },
    { key: "publicKey", value: "cosign.pub", comment: "The other half, for everybody" },
  );
  const more = [...found.fields.flatMap(({ prod = [] }) => prod), ...keys];
  for (const one of more) if (!values.some(({ key }) => key === one.key)) values.push(one);
  return values;
}

function orderedLeft(left: readonly Left[]): Left[] {
  const text = (one: Left) =>
    `${one.file}\0${String(one.line ?? 0).padStart(7, "0")}\0${one.what}\0${one.reason}`;
  const unique = new Map(left.map((one) => [text(one), one]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
