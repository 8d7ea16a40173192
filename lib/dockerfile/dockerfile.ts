import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { parsePlatform } from "../oci/platform";
import { expand, type Variables } from "./expansion";

/** An image that a Dockerfile starts from or copies from. */
export interface BaseReference {
  /**
   * Reference as BuildKit sees it, with variables expanded; undefined where a variable has no
   * value.
   */
  readonly reference: string | undefined;
  /** As written. */
  readonly text: string;
  /** Line in the Dockerfile, from 1. */
  readonly line: number;
}

/** A secret that a RUN instruction mounts. */
export interface SecretMount {
  readonly id: string;
  readonly required: boolean;
  readonly line: number;
}

/** User of the stage that is built. */
export interface ImageUser {
  /**
   * User of the last USER instruction, with variables expanded; undefined if there is none, or a
   * variable has no value.
   */
  readonly name: string | undefined;
  /**
   * Reference of the image whose user it is if there is no USER: the base of the first of the
   * stages.
   */
  readonly inheritedFrom?: string | undefined;
}

/** External images of a Dockerfile, as far as the target needs them. */
export interface DockerfileNeeds {
  readonly bases: readonly BaseReference[];
  readonly secrets: readonly SecretMount[];
  /** User that its processes run as. */
  readonly user: ImageUser;
  /**
   * Patterns of what it reads of the main context; undefined where that cannot be told without
   * building.
   */
  readonly sources: readonly string[] | undefined;
}

/** A Dockerfile from which nothing can be built. */
export class DockerfileError extends Error {
  override readonly name = "DockerfileError";
}

/** Characters of a Dockerfile. The longest that people write have some ten thousand. */
const maximumSize = 512 * 1024;

/** Instructions of a Dockerfile; each sees the variables of all before it. */
const maximumInstructions = 5_000;

interface Stage {
  readonly name: string | undefined;
  readonly from: { text: string; line: number };
  /** Sources named by `COPY --from` and `RUN --mount=…,from=`. */
  readonly sources: { text: string; line: number }[];
  readonly secrets: SecretMount[];
  /** Paths that it reads of the main context; undefined if they cannot be told. */
  readonly reads: (string | undefined)[];
  readonly args: Map<string, string | undefined>;
  readonly env: Map<string, string | undefined>;
  /** User that the last USER names. */
  user?: { name: string | undefined };
}

/** Options of {@link readDockerfile}. */
export interface DockerfileOptions {
  /** Build arguments; those that are not known yet are left out. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Stage to build. Default: the last. */
  readonly stage?: string;
  /** Platform to build for. */
  readonly platform: string;
  /** Names of further contexts, which are not images. */
  readonly contexts?: readonly string[];
}

/**
 * Finds the images and secrets that a build of a Dockerfile uses. Stages that the target does not
 * need are left out, as BuildKit leaves them out.
 *
 * @throws DockerfileError where there is no stage, or not the one to build
 */
export function readDockerfile(text: string, options: DockerfileOptions): DockerfileNeeds {
  const { stages, globals, isStandard } = readStages(text, options);
  if (stages.length === 0) {
    throw new DockerfileError(`has no FROM: the first instruction has to be one, e.g. "FROM scratch"`);
  }
  const named = (name: string) => stages.findIndex((stage) => stage.name === name.toLowerCase());
  const target = options.stage === undefined ? stages.length - 1 : declaredStage(options.stage, stages);
  const contexts = new Set((options.contexts ?? []).map((name) => name.toLowerCase()));
  const bases: BaseReference[] = [];
  const needed = new Set<number>();
  const pending = [target];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const stage = stages[index];
    if (!stage || needed.has(index)) continue;
    needed.add(index);
    for (const source of [stage.from, ...stage.sources]) {
      const isFrom = source === stage.from;
      // Only FROM expands variables, and only those that are declared before the first one.
      const reference = isFrom ? expand(source.text, globals) : source.text;
      const position = stageIndex(reference, isFrom, index, named);
      if (position !== undefined) pending.push(position);
      else if (reference === undefined || !isLocal(reference, contexts)) bases.push({ ...source, reference });
    }
  }
  const used = [...needed].sort((a, b) => a - b).flatMap((index) => stages[index] ?? []);
  const secrets = used.flatMap((stage) => stage.secrets);
  const reads = used.flatMap((stage) => stage.reads);
  const known = reads.filter((source) => source !== undefined);
  const unique = bases.filter(
    (base, index) => bases.findIndex(({ text: other }) => other === base.text) === index,
  );
  return {
    bases: unique.sort((a, b) => a.line - b.line),
    secrets,
    user: userOf(target, stages, globals, named),
    sources: isStandard && known.length === reads.length ? known : undefined,
  };
}

function readStages(
  text: string,
  { platform, buildArgs = {} }: DockerfileOptions,
): { stages: Stage[]; globals: Variables; isStandard: boolean } {
  if (text.length > maximumSize) {
    throw new DockerfileError(`has more than ${maximumSize} characters, which are not read`);
  }
  const file = DockerfileParser.parse(text);
  if (file.getInstructions().length > maximumInstructions) {
    throw new DockerfileError(`has more than ${maximumInstructions} instructions, which are not read`);
  }
  const automatic = platformVariables(platform);
  const globals = new Map(automatic);
  const stages: Stage[] = [];
  for (const instruction of file.getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase();
    const line = instruction.getRange().start.line + 1;
    const words = wordsOf(instruction);
    const stage = stages.at(-1);
    if (keyword === "FROM") stages.push(newStage(words, line, stages));
    else if (keyword === "ARG")
      for (const word of words) declare(stage?.args ?? globals, word, buildArgs, globals);
    else if (!stage) continue;
    else if (keyword === "ENV") setEnvironment(stage, words);
    else if (keyword === "USER") {
      stage.user = { name: expand(unquoted(words[0] ?? ""), new Map([...stage.args, ...stage.env])) };
    } else if (keyword === "COPY" || keyword === "ADD") readCopy(stage, instruction, words, line);
    else if (keyword === "RUN") for (const flag of flagsOf(instruction)) readMount(flag, line, stage);
  }
  const syntax = file.getDirectives().find((directive) => directive.getName().toLowerCase() === "syntax");
  const frontend = syntax?.getValue();
  const isStandard = frontend === undefined || /^(docker\.io\/)?docker\/dockerfile([:@-]|$)/.test(frontend);
  return { stages, globals, isStandard };
}

function newStage(words: readonly string[], line: number, earlier: readonly Stage[]): Stage {
  const [from = "", as, name] = words;
  const parent = earlier.find((stage) => stage.name === from.toLowerCase());
  return {
    name: as?.toUpperCase() === "AS" && name !== undefined ? name.toLowerCase() : undefined,
    from: { text: unquoted(from), line },
    sources: [],
    secrets: [],
    reads: [],
    args: new Map(),
    env: new Map(parent?.env),
  };
}

/** The words after the flags; of a JSON list, its texts. */
function wordsOf(instruction: Instruction): string[] {
  const content = (instruction.getArgumentsContent() ?? "").trim();
  const start = content.startsWith("[") ? 0 : content.search(/\s\[/) + 1;
  const list = content[start] === "[" && content.endsWith("]") ? content.slice(start) : undefined;
  if (list !== undefined) {
    try {
      const texts = JSON.parse(list) as unknown;
      if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return texts;
    } catch {
      // Not the JSON form: words, as BuildKit takes it too.
    }
  }
  return instruction.getArguments().map((argument) => argument.getValue());
}

function setEnvironment(stage: Stage, words: readonly string[]): void {
  const variables = new Map([...stage.args, ...stage.env]);
  const [first = "", ...rest] = words;
  const pairs = first.includes("=") ? words : [`${first}=${rest.join(" ")}`];
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    stage.env.set(pair.slice(0, equals), expand(unquoted(pair.slice(equals + 1)), variables));
  }
}

/** Sources of a COPY or ADD: another stage or image, or the main context. */
function readCopy(stage: Stage, instruction: Instruction, words: readonly string[], line: number): void {
  const from = flagsOf(instruction).find(({ name }) => name === "from")?.value;
  if (from !== undefined && from !== "") {
    stage.sources.push({ text: unquoted(from), line });
    return;
  }
  const variables = new Map([...stage.args, ...stage.env]);
  // The words of a here-document name no files, and do no harm as patterns.
  const sources = words.some((word) => word.startsWith("<<")) ? words : words.slice(0, -1);
  stage.reads.push(
    ...sources
      .filter((word) => !/^(<<|https?:|git@)/.test(word))
      .map((word) => expand(unquoted(word), variables)),
  );
}

/**
 * Declares an ARG: the given value, the default, or in a stage what was declared before the first
 * FROM.
 */
function declare(
  scope: Map<string, string | undefined>,
  word: string,
  given: Readonly<Record<string, string>>,
  globals: Variables,
): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const inherited = scope.get(name) ?? globals.get(name);
  const fallback =
    equals < 0 ? inherited : expand(unquoted(word.slice(equals + 1)), new Map([...globals, ...scope]));
  scope.set(name, given[name] ?? fallback);
}

function flagsOf(instruction: Instruction): { name: string; value: string }[] {
  if (!("getFlags" in instruction)) return [];
  const flags = (
    instruction as { getFlags(): { getName(): string; getValue(): string | null }[] }
  ).getFlags();
  return flags.map((flag) => ({ name: flag.getName(), value: flag.getValue() ?? "" }));
}

function readMount(flag: { name: string; value: string }, line: number, stage: Stage): void {
  if (flag.name !== "mount") return;
  const options = new Map(
    unquoted(flag.value)
      .split(",")
      .map((option): [string, string] => {
        const equals = option.indexOf("=");
        return equals < 0 ? [option, "true"] : [option.slice(0, equals), option.slice(equals + 1)];
      }),
  );
  const from = options.get("from");
  if (from !== undefined) stage.sources.push({ text: from, line });
  else if ((options.get("type") ?? "bind") === "bind") {
    const source = options.get("source") ?? options.get("src") ?? "/";
    stage.reads.push(expand(source, new Map([...stage.args, ...stage.env])));
  }
  if (options.get("type") !== "secret") return;
  const path = options.get("target") ?? options.get("dst") ?? options.get("destination");
  const id = options.get("id") ?? path?.split("/").pop() ?? options.get("env");
  if (id !== undefined) stage.secrets.push({ id, required: options.get("required") === "true", line });
}

function declaredStage(wanted: string, stages: readonly Stage[]): number {
  const found = stages.findIndex(({ name }) => name === wanted.toLowerCase());
  if (found >= 0) return found;
  if (/^\d+$/.test(wanted) && Number(wanted) < stages.length) return Number(wanted);
  const names = stages.flatMap(({ name }) => name ?? []);
  throw new DockerfileError(
    `has no stage ${JSON.stringify(wanted)}; ${names.length > 0 ? `its stages are ${names.join(", ")}` : "its stages have no names"}`,
  );
}

/** The user of a stage: its own, or that of the stage that it starts from. */
function userOf(
  index: number,
  stages: readonly Stage[],
  globals: Variables,
  named: (name: string) => number,
): ImageUser {
  for (let at = index; ;) {
    const stage = stages[at];
    if (stage?.user) return stage.user;
    const reference = expand(stage?.from.text ?? "", globals);
    const parent = stageIndex(reference, true, at, named);
    if (parent === undefined) return { name: undefined, inheritedFrom: reference };
    at = parent;
  }
}

/** The stage that a reference is; FROM can name earlier ones only, and COPY numbers too. */
function stageIndex(
  reference: string | undefined,
  isFrom: boolean,
  index: number,
  named: (name: string) => number,
): number | undefined {
  if (reference === undefined) return undefined;
  const found = named(reference);
  if (found >= 0 && (!isFrom || found < index)) return found;
  return !isFrom && /^\d+$/.test(reference) ? Number(reference) : undefined;
}

function isLocal(reference: string, contexts: ReadonlySet<string>): boolean {
  return reference === "scratch" || reference === "" || contexts.has(reference.toLowerCase());
}

function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? /^'(.*)'$/s.exec(text)?.[1] ?? text;
}

/**
 * Variables that BuildKit declares for FROM by itself ("Automatic platform ARGs"); those of the
 * builder are not known.
 */
function platformVariables(platform: string): Map<string, string | undefined> {
  const { os, architecture, variant } = parsePlatform(platform);
  return new Map([
    ["TARGETPLATFORM", platform],
    ["TARGETOS", os],
    ["TARGETARCH", architecture],
    ["TARGETVARIANT", variant ?? ""],
  ]);
}
