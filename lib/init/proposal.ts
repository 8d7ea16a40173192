import { cleanLine } from "../text/terminal";
import { isAmbiguous } from "../yaml/parse";
import { namesIn, renderCode, type Code } from "./code";
import type { StackValue } from "./found";
import type { Plan } from "./plan";

/** A file that is proposed. */
export interface ProposedFile {
  readonly path: string;
  /** Its content; of an addition only what comes to its end. */
  readonly content: string;
  /** Whether it comes to the end of a file that is there. */
  readonly isAddition: boolean;
}

/** What a program can be called: the first that is free. */
const programs = ["index.ts", "release.ts", "slipway.ts"];

/** Lines of `.gitignore`: what is made. */
const ignored = [".slipway/", "node_modules/"];

/** The same where a release has files: those of each stack. */
const ignoredFiles = ["dist/dev/", "dist/prod/"];

/** What the editor and `tsc` need, as docs/package.md has it. */
const compilerOptions = {
  target: "ES2022",
  module: "nodenext",
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * The files of a plan.
 *
 * @param textOf text of a file where they will be; undefined where there is none
 */
export function proposedFiles(plan: Plan, textOf: (path: string) => string | undefined): ProposedFile[] {
  const isThere = (path: string) => textOf(path) !== undefined;
  const program = programs.find((path) => !isThere(path)) ?? "slipway.release.ts";
  const made = (path: string, content: string): ProposedFile => ({ path, content, isAddition: false });
  const files = [
    made("Pulumi.yaml", pulumiYaml(plan, program)),
    made("Pulumi.dev.yaml", stackYaml(plan, plan.dev, devComment)),
    made("Pulumi.prod.yaml", stackYaml(plan, plan.prod, prodComment)),
    made(program, programText(plan)),
  ];
  if (!isThere("package.json"))
    files.push(made("package.json", `${JSON.stringify({ name: plan.name, private: true }, undefined, 2)}\n`));
  // One of the project's own is for its own sources.
  if (!isThere("tsconfig.json"))
    files.push(
      made("tsconfig.json", `${JSON.stringify({ compilerOptions, files: [program] }, undefined, 2)}\n`),
    );
  const there = textOf(".gitignore");
  const lines = new Set(
    (there ?? "").split(/\r?\n/).map((line) => line.replace(/^\//, "").replace(/\/?$/, "/")),
  );
  const hasFiles = plan.distribution.some((field) => field.name === "release");
  const wanted = hasFiles && !lines.has("dist/") ? [...ignored, ...ignoredFiles] : ignored;
  const missing = wanted.filter((line) => !lines.has(line));
  if (missing.length > 0) {
    const before = there === undefined || there === "" || there.endsWith("\n") ? "" : "\n";
    files.push({
      path: ".gitignore",
      content: `${before}${missing.join("\n")}\n`,
      isAddition: there !== undefined,
    });
  }
  return files;
}

const devComment = [
  "What runs on this machine alone: pulumi up --stack dev",
  "Images with a Dockerfile are built by Docker with buildx; on Linux as root also without, with the line",
  "  NAME:builder: embedded",
];

const prodComment = ["What publishes. Values to look at before the first release: docs/init.md"];

function pulumiYaml({ name, description }: Plan, program: string): string {
  return [
    `name: ${name}`,
    ...(description === undefined ? [] : [`description: ${JSON.stringify(oneLine(description))}`]),
    "runtime:",
    "  name: nodejs",
    "  options:",
    "    # TypeScript is read by this hook, not by the compiler: previews start in half the time.",
    "    typescript: false",
    "    nodeargs: --require slipway/register",
    `main: ${program}`,
    "plugins:",
    "  providers:",
    "    - name: slipway",
    "      path: ./node_modules/slipway/provider",
    "",
  ].join("\n");
}

function stackYaml({ name }: Plan, values: readonly StackValue[], comment: readonly string[]): string {
  const lines = values.flatMap(({ key, value, comment: why }) => [
    `  # ${oneLine(why)}`,
    value === undefined
      ? `  # pulumi config set --secret ${key} --stack prod`
      : `  ${name}:${key}: ${yamlValue(value)}`,
  ]);
  const head = comment.map((line) => `# ${line.replace("NAME", name)}`);
  return `${[...head, "config:", ...lines].join("\n")}\n`;
}

function yamlValue(text: string): string {
  if (/^\[.*\]$/.test(text)) return text;
  const isPlain = /^[A-Za-z0-9./][\w./:@+-]*$/.test(text) && !text.endsWith(":");
  return isPlain && !isAmbiguous({ text, isPlain: true }) ? text : JSON.stringify(text);
}

function programText({ name, constants, distribution }: Plan): string {
  const object: Code = { kind: "fields", fields: distribution };
  const names = ["Distribution", ...namesIn(object), ...constants.flatMap(({ value }) => namesIn(value))];
  const imported = [...new Set(names)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return [
    'import * as pulumi from "@pulumi/pulumi";',
    importLine(imported),
    "",
    "const config = new pulumi.Config();",
    ...constants.map((one) => `const ${one.name ?? ""} = ${renderCode(one.value)};`),
    "",
    "// Proposed by `npx slipway init`: a comment says from which file and line an entry comes.",
    `const distribution = new Distribution(${JSON.stringify(name)}, ${renderCode(object)});`,
    "",
    "/** Digest, platforms and pull commands of each image, and what is proven of it. */",
    "export const { published, proven } = distribution;",
    "",
  ].join("\n");
}

function importLine(names: readonly string[]): string {
  const line = `import { ${names.join(", ")} } from "slipway";`;
  return line.length <= 100
    ? line
    : `import {\n${names.map((one) => `  ${one},\n`).join("")}} from "slipway";`;
}

function oneLine(text: string): string {
  return cleanLine(text.replaceAll(/\s+/g, " ").trim());
}
