import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { RunCli } from "../../lib/display/shown-run";
import { SetupError } from "../../lib/machine/setup-error";
import { parseHistory } from "../../lib/metrics/history";
import type { PageFacts } from "../../lib/page/page-facts";
import { webAddress } from "../../lib/page/web-address";
import { ForeignFolderError, refuseForeignFolder, writePage } from "../../lib/page/write-page";
import { parseDeprecationList } from "../../lib/retention/deprecation-list";
import { parseServedHistory } from "../../lib/served/history";
import { ofProject, ofStack, UsageError, type Command, type Values } from "../command";
import { factsOfList, factsOfStack } from "../page-facts";

const defaultVersions = 20;
const mostVersions = 200;

/** `npx slipway page`. @param run runs the Pulumi CLI */
export const pageCommand = (run: RunCli): Command => ({
  summary: "Writes pages that show what is published, how it is installed and checked, and what is served",
  details:
    "Static files that need no network, no JavaScript and no server. They are of what a stack has published, or of what a\n" +
    "releases.json lists, for everybody else. Nothing else is changed.",
  options: {
    ...ofProject,
    ...ofStack,
    out: { type: "string", value: "FOLDER", help: "Folder for the pages; one with other files is refused." },
    releases: {
      type: "string",
      value: "LIST",
      help: "File or URL of a releases.json, to show what it lists: without Pulumi, state or stack.",
    },
    name: {
      type: "string",
      value: "NAME",
      help: "What the project is called. Default: project and stack, or its repository.",
    },
    url: { type: "string", value: "URL", help: "Where the pages will be served, for the feed." },
    downloads: { type: "string", value: "URL", help: "Where the folder of the releases is served." },
    install: {
      type: "string",
      value: "FILE",
      help: "Markdown that says how it is installed, such as a document of installSection(). Default: by images.",
    },
    verify: {
      type: "string",
      value: "FILE",
      help: "Markdown that says how it is checked, such as a document of verifySection(). Default: by digests.",
    },
    key: { type: "string", value: "NAME", help: "File with the public key, as commands that check name it." },
    deprecated: { type: "string", value: "FILE", help: "A deprecated.json, for marks at such versions." },
    versions: {
      type: "string",
      value: "COUNT",
      help: `Newest versions that get pages of their own. Default: ${defaultVersions}.`,
    },
    metrics: {
      type: "string",
      value: "FILE",
      help: "File of `slipway metrics --history`, for pulls over time.",
    },
    served: {
      type: "string",
      value: "FILE",
      help: "File of `slipway status --history`, for times until versions were served.",
    },
  },
  async run(values) {
    const { out } = values;
    if (typeof out !== "string") throw new UsageError("--out is missing, e.g. --out site");
    const asked = {
      told: countOf(values.versions),
      name: textOf(values.name),
      url: urlOf(values, "url"),
      downloads: urlOf(values, "downloads"),
      install: fileOf(values, "install", (text) => text),
      verify: fileOf(values, "verify", (text) => text),
      keyFile: textOf(values.key),
      deprecated: fileOf(values, "deprecated", parseDeprecationList) ?? [],
      metrics: fileOf(values, "metrics", parseHistory),
      served: fileOf(values, "served", parseServedHistory),
    };
    const folder = path.resolve(out);
    await refused(() => refuseForeignFolder(folder));
    const { releases } = values;
    const found =
      typeof releases === "string"
        ? await factsOfList(releases, asked)
        : await factsOfStack(run, values, asked);
    if (found.facts === undefined) return found.code;
    await writeAll(folder, found.facts);
    return found.code;
  },
});

async function writeAll(folder: string, facts: PageFacts): Promise<void> {
  // What renders is loaded by who renders.
  const { renderPage } = await import("../../lib/page/render-page.js");
  const files = renderPage(facts);
  const written = await writePage(folder, files);
  console.error(`${path.join(folder, "index.html")}: ${files.length} files, ${written.length} of them new.`);
}

async function refused(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof ForeignFolderError ? new SetupError(`--out: ${error.message}.`, "") : error;
  }
}

function countOf(value: Values[string]): number {
  if (typeof value !== "string") return defaultVersions;
  const count = /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= mostVersions) return count;
  throw new UsageError(
    `--versions ${value}: a number from 1 to ${mostVersions} is expected, e.g. --versions 5`,
  );
}

function textOf(value: Values[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function urlOf(values: Values, option: string): string | undefined {
  const value = values[option];
  if (typeof value !== "string") return undefined;
  const address = webAddress(value);
  if (address === undefined)
    throw new UsageError(
      `--${option} ${value}: an https address is expected, e.g. --${option} https://acme.example/releases/`,
    );
  return address.endsWith("/") ? address : `${address}/`;
}

/** @throws SetupError for a file that cannot be read, or is another one */
function fileOf<T>(values: Values, option: string, parse: (text: string) => T): T | undefined {
  const file = values[option];
  if (typeof file !== "string") return undefined;
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupError(`--${option} ${file}: ${(error as Error).message.split("\n")[0]}`, "");
  }
}
