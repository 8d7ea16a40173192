import * as z from "zod";
import { releaseAssetDefinition } from "../../resources/definitions/release-asset";
import { renamedFields } from "../../resources/definitions/renamed-fields";
import { targets } from "./platform-list";
import { platformNames, platformWords, template } from "./templates";

const { from, tag, asset, checksums, signature } = releaseAssetDefinition.inputs.shape;
const names = [...platformNames, "name"];

/** A program that another project released. */
export const download = z.strictObject({
  /** Base of `releases/download/TAG/FILE`: a URL, or a folder relative to the project's. */
  from,
  /** Tag of the release: one fixed version. */
  tag,
  /**
   * Name of the archive, or of the program itself; `{os}`, `{arch}`, `{variant}`, `{exe}` and `{triple}` are replaced, `*` stands for any
   * characters of a name.
   */
  asset: template(names, "hello_*_{os}_{arch}.tar.gz", asset),
  /**
   * Path of the program in the archive; what is no archive is the program. Default: its name, with
   * `.exe` for Windows.
   */
  file: template(names, "bin/hello{exe}").optional(),
  /** Words that `{os}`, `{arch}` and `{variant}` stand for, where the project has others than Go. */
  names: platformWords.optional(),
  /** Platforms that are released. Default: those of the distribution. */
  platforms: targets.optional(),
  /**
   * Name of the release's sums file, with the same names as `asset`: some releases have one for each
   * file. Default: `SHA256SUMS`.
   */
  checksums: template(names, "hello_{os}_{arch}.tar.gz.sha256", checksums.unwrap()).optional(),
  /** Signature that must be valid before anything is used. Default: none. */
  signature,
});

renamedFields(download, { targets: "platforms", sums: "checksums" });

/** A program that another project released. */
export interface DownloadDeclaration extends z.infer<typeof download> {}
