import { digestHex } from "../../oci/digest";
import { shellWord } from "../../text/shell-word";
import { bareVersion } from "../../version/version";
import { ChannelError, checkContained, fileName, pathBelowTop, type ChannelArtifact } from "../artifact";
import { declaredCompletions, declaredManPages, type ExtraFiles } from "../extra-files";
import { checkDescription, formulaClass, rubyLicense } from "./names";
import { block, indented, rubyList, rubyString } from "./ruby";

/** A formula, as it is declared. Paths are those in the archive, below its root. */
export interface FormulaDeclaration extends ExtraFiles {
  /** Name of the formula, which is that of its file. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license?: string | undefined;
  /** Other formulas that the programs need. */
  readonly dependencies?: readonly string[] | undefined;
  /** Formulas with programs of the same names. */
  readonly conflicts?: readonly string[] | undefined;
  /** What `brew services start` runs: a program of the formula and its arguments. */
  readonly service?:
    { readonly run: readonly string[]; readonly keepAlive?: boolean | undefined } | undefined;
  /** A program with its arguments, and what it prints. Default: that it is there. */
  readonly test?: { readonly run: readonly string[]; readonly prints?: string | undefined } | undefined;
  /** What a user has to know after the installation. */
  readonly caveats?: string | undefined;
}

/** Platforms of Homebrew, in the order of a formula. */
const systems = [
  ["darwin", "macos"],
  ["linux", "linux"],
] as const;
const processors = [
  ["arm64", "arm"],
  ["amd64", "intel"],
] as const;

/** Platforms that a formula can have. */
export const formulaPlatforms: readonly string[] = systems.flatMap(([os]) =>
  processors.map(([architecture]) => `${os}/${architecture}`),
);

/**
 * Renders a formula that installs released programs: for macOS and Linux, with an address and a sum
 * for each platform (https://docs.brew.sh/Formula-Cookbook).
 *
 * @param artifacts one archive a platform; those of other platforms are left out
 * @throws ChannelError for what a formula cannot say
 */
export function renderFormula(formula: FormulaDeclaration, artifacts: readonly ChannelArtifact[]): string {
  const { name, description, homepage, license, version } = formula;
  checkDescription(description, name);
  const own = artifacts.filter(({ platform }) => formulaPlatforms.includes(platform));
  const [first] = own;
  if (!first) {
    throw new ChannelError(
      "archive",
      `has none of the platforms of Homebrew, ${formulaPlatforms.join(", ")}`,
    );
  }
  for (const { name: file, format } of own) {
    if (format !== "binary" && format !== "gz") continue;
    throw new ChannelError("archive", `${file} is no archive: a formula unpacks tar.gz, tar.zst or zip`);
  }
  const lines = [
    `desc ${rubyString(description)}`,
    `homepage ${rubyString(homepage)}`,
    `version ${rubyString(bareVersion(version))}`,
    ...(license === undefined ? [] : [`license ${rubyLicense(license)}`]),
    ...livecheck(own),
    "",
    ...platformBlocks(own),
    ...dependencies(formula),
    "",
    "def install",
    ...indented(installed(formula, own)),
    "end",
    ...caveats(formula),
    ...service(formula, first),
    "",
    ...block("test", tested(formula, first)),
  ];
  return [`class ${formulaClass(name)} < Formula`, ...indented(lines), "end", ""].join("\n");
}

function platformBlocks(artifacts: readonly ChannelArtifact[]): string[] {
  return systems.flatMap(([os, system], index) => {
    const blocks = processors.flatMap(([architecture, processor]) => {
      const artifact = artifacts.find(({ platform }) => platform === `${os}/${architecture}`);
      if (!artifact) return [];
      const where = [`url ${rubyString(artifact.url)}`, `sha256 ${rubyString(digestHex(artifact.digest))}`];
      return [block(`on_${processor}`, where)];
    });
    if (blocks.length === 0) return [];
    const inner = blocks.flatMap((lines, at) => (at === 0 ? lines : ["", ...lines]));
    return [...(index === 0 ? [] : [""]), ...block(`on_${system}`, inner)];
  });
}

/** GitHub tells which release is the latest one; other hosts do not. */
function livecheck([first]: readonly ChannelArtifact[]): string[] {
  if (first === undefined || new URL(first.url).hostname !== "github.com") return [];
  return ["", ...block("livecheck", ["url :stable", "strategy :github_latest"])];
}

function dependencies({ dependencies: needed = [], conflicts = [] }: FormulaDeclaration): string[] {
  const lines = [
    ...needed.map((other) => `depends_on ${rubyString(other)}`),
    ...conflicts.map(
      (other) => `conflicts_with ${rubyString(other)}, because: "both install the same programs"`,
    ),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What is installed, from paths in the archive; where archives differ, for each platform. */
function installed(formula: FormulaDeclaration, artifacts: readonly ChannelArtifact[]): string[] {
  const [first, ...others] = artifacts.map((artifact) => installedFrom(formula, artifact));
  if (first === undefined) return [];
  if (others.some((lines) => lines.join("\n") !== first.join("\n"))) {
    throw new ChannelError(
      "archive",
      "has its programs at other paths for one platform than for another, and a formula has one way to install",
    );
  }
  return first;
}

function installedFrom(formula: FormulaDeclaration, artifact: ChannelArtifact): string[] {
  const at = ({ field, file }: { field: string; file: string }) => {
    checkContained(artifact, field, file);
    return rubyString(pathBelowTop(artifact, file));
  };
  return [
    ...artifact.programs.map((file) => `bin.install ${rubyString(pathBelowTop(artifact, file))}`),
    ...declaredCompletions(formula).map((one) => `${one.shell}_completion.install ${at(one)}`),
    ...declaredManPages(formula).map((one) => `man${one.section}.install ${at(one)}`),
  ];
}

function caveats({ caveats: text }: FormulaDeclaration): string[] {
  if (text === undefined) return [];
  const lines = text.trimEnd().split("\n");
  return ["", "def caveats", ...indented([`${rubyList(lines)}.join("\\n")`]), "end"];
}

function service({ service: declared }: FormulaDeclaration, artifact: ChannelArtifact): string[] {
  if (declared === undefined) return [];
  const { run, keepAlive } = declared;
  const [program = "", ...args] = run;
  const lines = [
    `run [${[`opt_bin/${rubyString(program)}`, ...args.map(rubyString)].join(", ")}]`,
    ...(keepAlive === undefined ? [] : [`keep_alive ${keepAlive}`]),
  ];
  checkProgram("service.run", program, artifact);
  return ["", ...block("service", lines)];
}

function tested({ test }: FormulaDeclaration, artifact: ChannelArtifact): string[] {
  const [program = ""] = programNames(artifact);
  if (test === undefined) return [`assert_predicate bin/${rubyString(program)}, :executable?`];
  const [run = "", ...args] = test.run;
  checkProgram("test.run", run, artifact);
  const literal = `"#{bin}/${rubyString([run, ...args.map(shellWord)].join(" ")).slice(1)}`;
  if (test.prints === undefined)
    return [`system ${[`bin/${rubyString(run)}`, ...args.map(rubyString)].join(", ")}`];
  return [`assert_match ${rubyString(test.prints)}, shell_output(${literal})`];
}

function checkProgram(field: string, program: string, artifact: ChannelArtifact): void {
  const names = programNames(artifact);
  if (names.includes(program)) return;
  throw new ChannelError(
    field,
    `there is no program ${JSON.stringify(program)} in ${artifact.name}; it has ${names.join(", ")}`,
  );
}

function programNames({ programs }: ChannelArtifact): string[] {
  return programs.map(fileName);
}
