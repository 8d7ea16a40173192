import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { DocumentEdit } from "../../lib/documents/edits";
import { fillPlaceholders, placeholdersOf, unknownPlaceholder } from "../../lib/documents/placeholders";
import { documentDefinition } from "../../resources/definitions/document";
import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown, Unknown, unknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

type DeclaredEdit = InputsOf<typeof documentDefinition>["edits"][number];
type Template = NonNullable<DeclaredEdit["template"]>;

/**
 * Edits with the texts that templates make. One is unknown while a value is that the template has.
 *
 * @param property of the edits, for the message
 * @throws InputError for a template that is not there, or cannot be filled, with its line
 */
export async function resolvedEdits(
  context: ResourceContext,
  edits: readonly DeclaredEdit[],
  property = "edits",
): Promise<DocumentEdit[]> {
  return Promise.all(
    edits.map(async ({ template, ...edit }, index) =>
      template === undefined
        ? edit
        : {
            whole: {
              text: await textOf(context, template, `${property}[${index}].template`),
              mark: template.mark,
            },
          },
    ),
  );
}

async function textOf(context: ResourceContext, template: Template, property: string): Promise<string> {
  const { from, values, longest } = template;
  if (hasUnknown(from) || Unknown.isInstance(values)) return unknown;
  const text = await templateAt(context, from, property);
  const problem = unknownPlaceholder(text, Object.keys(values));
  if (problem !== undefined) throw refusal(`${property}.from`, `${from}, ${problem}`);
  const used = [...placeholdersOf(text).keys()];
  if (hasUnknown(used.map((name) => values[name]))) return unknown;
  const filled = fillPlaceholders(from, text, values);
  const count = longest === undefined ? 0 : [...new Intl.Segmenter().segment(filled.trim())].length;
  if (longest !== undefined && count > longest) {
    throw refusal(
      `${property}.longest`,
      `${from} makes a text of ${count} characters, and ${longest} are possible: shorten it`,
    );
  }
  return filled;
}

async function templateAt({ services }: ResourceContext, from: string, property: string): Promise<string> {
  try {
    return await readFile(path.resolve(services.project, from), "utf8");
  } catch (error) {
    const reason = `${JSON.stringify(from)} cannot be read: ${(error as Error).message}`;
    throw refusal(`${property}.from`, `${reason}; paths are relative to the project's folder`);
  }
}

function refusal(property: string, reason: string): InputError {
  return new InputError([{ property, reason }]);
}
