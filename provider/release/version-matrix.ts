import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { placeFile } from "../../lib/release/place-file";
import {
  currentRows,
  describeComponents,
  nextRow,
  renderRecord,
  renderVersions,
  VersionMatrixError,
  type CompatibilityResult,
  type MatrixRow,
} from "../../lib/release/version-matrix";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import { versionMatrixDefinition } from "../../resources/definitions/version-matrix";
import { withVisibleControls } from "../../lib/text/controls";
import type { ResourceContext } from "../run/context";
import { pathsAt } from "../run/written-files";
import type { DeclaredOf, InputsOf, OutputsOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof versionMatrixDefinition>;
type Outputs = OutputsOf<typeof versionMatrixDefinition>;

const defaultPath = "VERSIONS.md";

/** First line of the file. Only a file with it is overwritten. */
const mark = "<!-- Written by slipway:release:VersionMatrix. Edit the declaration, not this file. -->\n\n";

/** `slipway:release:VersionMatrix`: the table of versions, as a file and as outputs. */
export const versionMatrixHandler = resourceHandler(versionMatrixDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path", "record"),

  compute(_context, declared) {
    refuseUnknownComponents(declared);
    const { text, recordText } = matrixOf(declared);
    return { text, recordText };
  },

  computedLater: (_context, { record }) => (record === undefined ? { recordText: undefined } : {}),

  diff(_context, desired, oldInputs, observed) {
    const changed = (["text", "recordText"] as const).filter((name) => desired[name] !== observed[name]);
    if (changed.length === 0) return {};
    const declared = ["name", "components", "versions", "tested", "candidate", "rules", "record"];
    const texts = Object.fromEntries(changed.map((name) => [name, { kind: "update" as const }]));
    return { ...inputChanges(declared, desired, oldInputs), ...texts };
  },

  id: pathOf,

  planned: (_context, { record }) => (record === undefined ? { recordText: undefined } : {}),

  async create(context, desired) {
    const file = pathOf(desired);
    const present = await textAt(context, file);
    const outputs = matrixOf(desired);
    if (present !== undefined && present !== outputs.text && !present.startsWith(mark)) {
      throw new Error(
        `${file} exists and was not written by slipway:release:VersionMatrix: move it away, or ` +
          'declare another path (a valid example: "docs/VERSIONS.md")',
      );
    }
    if (!context.preview) await writeAll(context, desired, outputs);
    return outputs;
  },

  async update(context, desired) {
    const outputs = matrixOf(desired);
    if (!context.preview) await writeAll(context, desired, outputs);
    return outputs;
  },

  async observe(context, inputs, state, id) {
    const text = await textAt(context, id);
    if (text === undefined) return undefined;
    const recordText = inputs.record === undefined ? undefined : await textAt(context, inputs.record);
    // Somebody else may have written there since.
    return { state: { ...state, ...withVisibleControls({ text, recordText }) } };
  },

  delete(context, id) {
    context.say("info", `${id} stays: it was removed from the program only`);
  },
});

function pathOf({ path: declared }: Pick<Inputs, "path">): string {
  return declared ?? defaultPath;
}

async function textAt({ services }: ResourceContext, file: string): Promise<string | undefined> {
  try {
    return await readFile(path.resolve(services.project, file), "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function writeAll(
  context: ResourceContext,
  inputs: Inputs,
  { text, recordText }: Pick<Outputs, "text" | "recordText">,
): Promise<void> {
  const files: [file: string | undefined, text: string | undefined][] = [
    [pathOf(inputs), text],
    [inputs.record, recordText],
  ];
  for (const [file, wanted] of files) {
    if (file === undefined || wanted === undefined || (await textAt(context, file)) === wanted) continue;
    const target = path.resolve(context.services.project, file);
    await placeFile(target, { bytes: Buffer.from(wanted, "utf8") }, digestOf(wanted));
  }
}

/** The outputs. @throws InputError for a combination that cannot be Stable, and the like */
function matrixOf(inputs: DeclaredOf<typeof versionMatrixDefinition>): Outputs {
  const order = inputs.components.map(({ name }) => name);
  const declared = inputs.versions.map((row): MatrixRow => ({
    ...row,
    components: inOrder(row.components, order),
  }));
  const tested = inputs.tested ?? [];
  try {
    const next = inputs.candidate && nextOf(inputs, declared, tested, inOrder(inputs.candidate, order));
    const rows = next && !declared.includes(next) ? [...declared, next] : declared;
    const text = mark + renderVersions(inputs.name, rows, tested, order);
    const { stable, upcoming } = currentRows(rows);
    const included = next ?? stable;
    return {
      text,
      recordText: inputs.record === undefined ? undefined : renderRecord(rows, tested, order),
      stable: stable?.version,
      upcoming: upcoming?.version,
      next: next?.version,
      nextStatus: next?.status,
      includes: included && describeComponents(included.components),
    };
  } catch (error) {
    if (!(error instanceof VersionMatrixError)) throw error;
    throw new InputError([{ property: "versions", reason: error.message }]);
  }
}

function nextOf(
  { components, rules }: Inputs,
  rows: readonly MatrixRow[],
  tested: readonly CompatibilityResult[],
  candidate: Record<string, string>,
): MatrixRow {
  const ranges = Object.fromEntries(
    components.flatMap(({ name, compatible }) =>
      compatible === undefined || candidate[name] === undefined ? [] : [[name, compatible]],
    ),
  );
  return nextRow(rows, candidate, tested, { ranges, rules });
}

/** Maps come from the engine without the order that they were declared in. */
function inOrder(
  versions: Readonly<Record<string, string>>,
  order: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    order.flatMap((name) => (versions[name] === undefined ? [] : [[name, versions[name]]])),
  );
}

function refuseUnknownComponents({ components, versions, tested = [], candidate }: Inputs): void {
  const names = components.map(({ name }) => name);
  const combinations: [property: string, versions: Record<string, string>][] = [
    ...versions.map((row, index): [string, Record<string, string>] => [
      `versions[${index}].components`,
      row.components,
    ]),
    ...tested.map((result, index): [string, Record<string, string>] => [
      `tested[${index}].components`,
      result.components,
    ]),
    ...(candidate ? [["candidate", candidate] as [string, Record<string, string>]] : []),
  ];
  const findings = combinations.flatMap(([property, combination]) =>
    Object.keys(combination)
      .filter((name) => !names.includes(name))
      .map((name): Finding => ({
        property: `${property}["${name}"]`,
        reason:
          `there is no component ${JSON.stringify(name)}; declared are ${names.join(", ")} (a ` +
          `valid example: components: [{ name: ${JSON.stringify(name)} }])`,
      })),
  );
  const repeated = names.findIndex((name, index) => names.indexOf(name) < index);
  if (repeated >= 0) {
    const reason = `${JSON.stringify(names[repeated])} is listed twice: give another name`;
    findings.push({ property: `components[${repeated}].name`, reason });
  }
  if (findings.length > 0) throw new InputError(findings);
}
