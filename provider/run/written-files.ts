import { InputError, type Finding } from "../../resources/definitions/input-findings";
import { servedFolderOf } from "../../lib/release/served-folder";
import type { Properties } from "../base/properties";
import type { ResourceHandler, WrittenFile } from "./resource";

/** The files that some inputs name, each a path or a list of paths, as far as they are known. */
export function pathsAt(inputs: object, ...fields: readonly string[]): WrittenFile[] {
  return fields.flatMap((property): WrittenFile[] => {
    const value = (inputs as Properties)[property];
    if (typeof value === "string") return [{ property, path: value }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((one: unknown, index) =>
      typeof one === "string" ? [{ property: `${property}[${index}]`, path: one }] : [],
    );
  });
}

/**
 * Refuses a resource that would put a file among served releases: it would be published without a
 * release, and no rule would have looked at it.
 *
 * @param project absolute folder
 * @throws InputError
 */
export async function refuseServedFiles(
  handler: ResourceHandler,
  project: string,
  inputs: Properties,
): Promise<void> {
  const findings: Finding[] = [];
  for (const { property, path } of [...(handler.written?.(inputs) ?? []), ...keyFile(inputs)]) {
    const served = await servedFolderOf(project, path);
    if (served === undefined) continue;
    const reason =
      `${JSON.stringify(path)} is in ${served}, which releases are served from: it would be ` +
      "published outside any release. Release it as an asset, and place it elsewhere (a valid " +
      'example: "dist/hello")';
    findings.push({ property, reason });
  }
  if (findings.length > 0) throw new InputError(findings);
}

/** The file of a key that is made where there is none. */
function keyFile({ signer }: Properties): WrittenFile[] {
  const { key, generate } = (signer ?? {}) as { key?: unknown; generate?: unknown };
  return typeof key === "string" && generate === true ? [{ property: "signer.key", path: key }] : [];
}
