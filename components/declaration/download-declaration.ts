import * as z from "zod";
import { releaseAssetDefinition } from "../../resources/definitions/release-asset";
import { platforms } from "./platform-list";

const { signature } = releaseAssetDefinition.inputs.shape;

/** A program that another project released. */
export const download = z.strictObject({
  /** What `releases/download/TAG/FILE` is below: a URL, or a folder relative to the project's. */
  from: z
    .string()
    .min(1)
    .meta({ examples: ["https://github.com/acme/hello"] }),
  /** Tag of the release, which is one version for good. */
  tag: z
    .string()
    .min(1)
    .meta({ examples: ["v1.2.3"] }),
  /** Name of the archive; `{os}`, `{arch}`, `{variant}` and `{exe}` are replaced, `*` stands for any characters of a name. */
  asset: z
    .string()
    .min(1)
    .meta({ examples: ["hello_*_{os}_{arch}.tar.gz"] }),
  /** Path of the program in the archive. Default: its name, with `.exe` for Windows. */
  file: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["bin/hello{exe}"] }),
  /** Platforms that are released. Default: those of the distribution. */
  targets: platforms.optional(),
  /** Name of the release's sums file. Default: `SHA256SUMS`. */
  sums: z.string().min(1).optional(),
  /** Signature that has to hold before anything is used. Default: none is looked at. */
  signature,
});

export type DownloadDeclaration = z.infer<typeof download>;
