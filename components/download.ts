import type * as pulumi from "@pulumi/pulumi";
import { defined } from "../lib/objects/defined";
import { ReleaseAsset } from "../resources";
import type { BinaryFile } from "./binary";
import type { DownloadDeclaration } from "./declaration/download-declaration";
import { fillTemplate, platformValues } from "./declaration/templates";

/**
 * Fetches a program that another project released for a platform. Only what its sums say is taken.
 */
export function downloadProgram(
  resourceName: string,
  name: string,
  declaration: DownloadDeclaration,
  platform: string,
  parent: pulumi.Resource,
): BinaryFile {
  const { asset, checksums, file = "{name}{exe}", names, platforms: _platforms, ...rest } = declaration;
  const values = { ...platformValues(platform, names), name };
  const path = fillTemplate(file, values);
  const { files } = new ReleaseAsset(
    resourceName,
    {
      ...rest,
      ...defined({ checksums: checksums && fillTemplate(checksums, values) }),
      asset: fillTemplate(asset, values),
      extract: [path],
      platform,
    },
    { parent },
  );
  const found = files.apply((extracted) => {
    const program = extracted[path];
    if (!program) throw new Error(`${name}: the archive does not contain ${path}`);
    return program;
  });
  return { source: found.path, digest: found.digest };
}
