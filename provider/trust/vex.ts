import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { acceptingStatuses, readVexDocument, type VexStatement } from "../../lib/scan/vex/document";
import { InputError } from "../../resources/definitions/input-findings";
import type { scanDefinition } from "../../resources/definitions/scan";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

type Inputs = InputsOf<typeof scanDefinition>;
type Vex = NonNullable<Inputs["vex"]>;

/** Days for which a statement counts: who made it looks at it again within a year. */
export const defaultVexMaxAgeDays = 365;

/**
 * All statements of the declared documents.
 * @throws InputError for one that cannot be read
 */
export async function readVex(context: ResourceContext, { files }: Vex): Promise<VexStatement[]> {
  const read = files.map(async (file, position) => {
    try {
      const text = await readFile(path.resolve(context.services.project, file), "utf8");
      return readVexDocument(text, file);
    } catch (error) {
      throw new InputError([{ property: `vex.files[${position}]`, reason: (error as Error).message }]);
    }
  });
  return (await Promise.all(read)).flat();
}

/** What inputs say of the declared documents: their digests, by file, and what they accept. @throws InputError */
export async function factsOfVex(
  context: ResourceContext,
  vex: Vex | undefined,
): Promise<Pick<Inputs, "vexDigests" | "vexAccepts">> {
  if (!vex) return { vexDigests: undefined, vexAccepts: undefined };
  const statements = await readVex(context, vex);
  const digests = vex.files.map(async (file) => [
    file,
    await context.services.fileDigest(path.resolve(context.services.project, file)),
  ]);
  const accepted = statements.filter(({ status }) => acceptingStatuses.has(status));
  return {
    vexDigests: Object.fromEntries(await Promise.all(digests)) as Record<string, string>,
    vexAccepts: [...new Set(accepted.map(({ vulnerabilities }) => vulnerabilities[0]))].sort(),
  };
}
