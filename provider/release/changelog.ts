import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { ChangelogError, releaseNotes, sectionLines } from "../../lib/release/changelog";
import { declareSection } from "../../lib/release/changelog-section";
import { placeFile } from "../../lib/release/place-file";
import { withVisibleControls } from "../../lib/text/controls";
import { changelogDefinition } from "../../resources/definitions/changelog";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { pathsAt } from "../run/written-files";
import type { InputsOf, StateOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof changelogDefinition>;
type State = StateOf<typeof changelogDefinition>;

const defaultPath = "CHANGELOG.md";

/**
 * `slipway:release:Changelog`: the section of a version, in a file that is written by people too.
 */
export const changelogHandler = resourceHandler(changelogDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  async compute(context, declared) {
    const text = await declaredText(context, declared);
    return { section: sectionOf(text, declared.version) ?? "" };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.section === observed.section) return {};
    return {
      ...inputChanges(["version", "changes", "date"], desired, oldInputs),
      section: { kind: "update" },
    };
  },

  id: pathOf,

  create: write,

  async observe(context, inputs, state) {
    const text = await textAt(context, inputs);
    // A file that is gone leaves nothing; a section that is gone is put back.
    return text === undefined ? undefined : { state: { ...state, ...outputsOf(text, state.version) } };
  },

  delete(context, id) {
    context.say("info", `${id} stays as it is: the section left the program only`);
  },
});

function pathOf({ path: declared }: Pick<Inputs, "path">): string {
  return declared ?? defaultPath;
}

async function textAt({ services }: ResourceContext, inputs: Inputs): Promise<string | undefined> {
  try {
    return await readFile(path.resolve(services.project, pathOf(inputs)), "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw new Error(`${pathOf(inputs)} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The change log as it has to be. @throws InputError where it cannot be, naming the file */
async function declaredText(context: ResourceContext, inputs: Inputs): Promise<string> {
  const { version, changes = {}, date = new Date().toISOString().slice(0, 10) } = inputs;
  const text = await textAt(context, inputs);
  try {
    return declareSection(text, { version, date, changes });
  } catch (error) {
    if (!(error instanceof ChangelogError)) throw error;
    throw new InputError([{ property: "changes", reason: `${pathOf(inputs)}: ${error.message}` }]);
  }
}

/** One after another for a file: two sections of it must not lose each other. */
async function write(context: ResourceContext, desired: Inputs): Promise<State> {
  const target = path.resolve(context.services.project, pathOf(desired));
  const text = await context.run.inTurn(`change log: ${target}`, async () => {
    const declared = await declaredText(context, desired);
    if (!context.preview && declared !== (await textAt(context, desired))) {
      await placeFile(target, { bytes: Buffer.from(declared, "utf8") }, digestOf(declared));
    }
    return declared;
  });
  return { ...desired, ...outputsOf(text, desired.version) };
}

/**
 * Returns what a file says of a version, as the engine may print it: somebody else may have written
 * there since.
 */
function outputsOf(text: string, version: string): Pick<State, "section" | "notes"> {
  const section = sectionOf(text, version);
  if (section === undefined) return { section: "", notes: "" };
  return withVisibleControls({ section, notes: notesOf(text, version) });
}

function sectionOf(text: string, version: string): string | undefined {
  const lines = sectionLines(text, version);
  return lines && text.split(/\r?\n/).slice(lines.heading, lines.bodyEnd).join("\n");
}

function notesOf(text: string, version: string): string {
  try {
    return releaseNotes(text, version);
  } catch (error) {
    // Somebody emptied the section; it is about to be filled again.
    if (error instanceof ChangelogError) return "";
    throw error;
  }
}
