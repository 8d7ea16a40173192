import { rules } from "../rules";
import type { Rule } from "./rule";

/** The page of all rules as Markdown, made from the rules. */
export function policiesPage(): string {
  return [
    "<!-- Made from policies/ by `npm run format`; changes here are lost. -->",
    "# Policies",
    "The policy pack of Slipway refuses programs that publish unproven content. It looks at " +
      "resource types and at the graph of a stack, so that it also sees programs that use the " +
      "official providers only.",
    "```sh\npulumi preview --policy-pack policies --policy-pack-config policies.json\n" +
      "pulumi preview --policy-pack node_modules/slipway/policies # from the npm package\n```",
    "Most rules look at a resource before anything happens to it, so that they stop an `up` " +
      "as well as a preview. What can be seen in the graph only (marked below) is found at " +
      "preview; at `up` the engine asks for it after the resources, so preview first. Values " +
      "that are not known at preview are looked at when `up` knows them.",
    "A run ends with one line: how many rules passed, how many had nothing to look at, and which " +
      'are not configured. `"report-what-was-looked-at": { "details": true }` has a line for each ' +
      "rule before it. Violations of a rule that have one cause are one: it names everything that it " +
      "is about. A preview tells them at its end, an `up` at the first resource, which it does not " +
      "make. Where a resource itself fails, the engine ends the run before that: it asks nothing about the stack any more, " +
      "and shows no words of a pack that it has told to end, so its own display says ✅ for a pack that has found " +
      "something. `npx slipway preview` tells what was found until then, and that not all was looked at.",
    "Evidence is believed because Slipway's provider refuses, before it publishes, every item " +
      "that no resource of the stack gave, and evidence about a digest that leaves out what has " +
      "failed. The rules judge whether what is left is enough. An index counts as scanned when " +
      "each image that it lists is; which those are is what the provider computed or read, not " +
      "what a program names as subjects. A mirror of some platforms is judged by the index that " +
      "its tags will point to.",
    configuration,
    summary(),
    ...rules.map(section),
  ].join("\n\n");
}

const configuration = [
  "## Configuration",
  "The file has one entry per rule: its level (`advisory`, `mandatory`, `disabled`), or " +
    "an object with `enforcementLevel` and its settings. `all` sets the level of every rule " +
    'that has no entry of its own. Rules marked as "needs" look at nothing until that setting is ' +
    "given. An unknown rule or setting ends the run before anything else, with the name that was " +
    "most likely meant.",
  "```json\n" +
    JSON.stringify(
      {
        all: "mandatory",
        "index-covers-platforms": { platforms: ["linux/amd64", "linux/arm64"] },
        "size-budget": { enforcementLevel: "advisory", maximumBytes: 50_000_000 },
        "promoted-tags-have-provenance": "disabled",
      },
      undefined,
      2,
    ) +
    "\n```",
  "`npx slipway check-policies policies.json` says what is wrong with a file without a run: names, " +
    "levels and values. On Linux the pack reads the file itself, so that a preview says the same; " +
    'elsewhere the engine may be first, with words such as `invalid enforcement level ""`, which mean ' +
    "a misspelled rule. For editors there is a JSON Schema, " +
    "`node_modules/slipway/policies/schema.json`. The engine refuses a `$schema` in the file, so tell " +
    "the editor, e.g. in `.vscode/settings.json`:",
  "```json\n" +
    JSON.stringify(
      {
        "json.schemas": [
          { fileMatch: ["policies.json"], url: "./node_modules/slipway/policies/schema.json" },
        ],
      },
      undefined,
      2,
    ) +
    "\n```",
  "In a test environment everything is advisory: `--policy-pack-config policies/advisory.json`.",
].join("\n\n");

function summary(): string {
  const rows = rules.map(
    (rule) =>
      `| [${rule.name}](#${rule.name}) | ${rule.level} | ${rule.severity} | ${escaped(rule.description)} |`,
  );
  return [
    "## Rules",
    "",
    "| rule | level | severity | what it does |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** The same in a declaration, where it says it in other words. */
function inDistribution({ distributionRemedy }: Rule): string {
  return distributionRemedy === undefined ? "" : `In a \`Distribution\`: ${distributionRemedy}`;
}

function section(rule: Rule): string {
  return [
    `### ${rule.name}`,
    `${rule.description} Default level: ${rule.level}.`,
    `What to do: ${rule.remedy}`,
    inDistribution(rule),
    `It looks at ${rule.types.map((type) => `\`${type}\``).join(", ")}${how(rule)}.`,
    settings(rule),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function how({ check, graph }: Rule): string {
  if (check && graph) return ", and at the graph";
  return graph ? ", by the graph only" : "";
}

function settings({ config, needs }: Rule): string {
  if (config === undefined) return "";
  const rows = Object.entries(config).map(([name, schema]) => {
    const needed = needs?.includes(name) ? " (needs)" : "";
    const standard = schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
    const type =
      schema.enum?.map((value) => `\`${JSON.stringify(value)}\``).join(", ") ?? String(schema.type);
    return `| \`${name}\`${needed} | ${type} | ${standard} | ${escaped(schema.description ?? "")} |`;
  });
  return ["| setting | type | default | what it is |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
