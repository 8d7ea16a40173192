import { formatOfName } from "../../lib/archive/format";
import type { PlannedArtifact } from "../../lib/channels/artifact";
import { defined } from "../../lib/objects/defined";
import { planArchives, templateValues } from "./archive-plan";
import type { DistributionDeclaration } from "./declaration";
import { fillTemplate } from "./templates";

/**
 * The archives of a declaration as channels hand them on, under their first names.
 *
 * @param urlOf where a file is downloaded from, by its name
 */
export function planArtifacts(
  args: DistributionDeclaration,
  urlOf: (fileName: string) => string | undefined,
): { archive: string; artifact: PlannedArtifact }[] {
  return planArchives(args, "").map(({ archive, platform, paths, root, format }) => {
    const { binaries = [], files = [], names, checksums } = args.archives?.[archive] ?? {};
    const values = templateValues(archive, platform, args.version ?? "", names);
    const fill = (path: string) => fillTemplate(path, values);
    const [path = ""] = paths;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const atTop = binaries.map((binary) => fill(`${binary}{exe}`));
    const among = files.flatMap((file) => (file.binary === undefined ? [] : [fill(file.path)]));
    const artifact = defined({
      name,
      platform,
      url: urlOf(name) ?? "",
      format: format ?? formatOfName(name) ?? "tar.gz",
      root,
      programs: [...atTop, ...among],
      contents: [
        ...atTop,
        ...files.map((file) => fill(file.path)),
        ...(checksums === undefined ? [] : [checksums]),
      ],
    });
    return { archive, artifact };
  });
}
