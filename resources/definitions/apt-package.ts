import * as z from "zod";
import { relations } from "../../lib/channels/apt/control";
import { maintainerScripts } from "../../lib/channels/apt/maintainer-scripts";
import { artifact, projectPath } from "./artifact";
import { defineResource } from "./definition";
import { packageAbout, packagedFile, packagedUnit } from "./packaged-file";

/** Packages by relation. */
export const packageRelations = z
  .strictObject(
    Object.fromEntries(
      relations.map((relation) => [
        relation,
        z.array(z.string()).optional().describe(`As in Debian's control files (policy 7).`),
      ]),
    ) as Record<(typeof relations)[number], z.ZodOptional<z.ZodArray<z.ZodString>>>,
  )
  .meta({ id: "PackageRelations", description: "Relations of a package to others, as Debian writes them." });

/** A program text of a maintainer script. */
const scripts = z
  .strictObject(
    Object.fromEntries(
      maintainerScripts.map((script) => [
        script,
        z.string().optional().describe("Text of the script, which begins with `#!`."),
      ]),
    ) as Record<(typeof maintainerScripts)[number], z.ZodOptional<z.ZodString>>,
  )
  .meta({ id: "MaintainerScripts", description: "Scripts that dpkg runs (Debian policy 6)." });

/** What is declared of a package, whatever it is for. */
export const packageFields = {
  ...packageAbout,
  section: z
    .string()
    .optional()
    .meta({ description: "Section of Debian's archive. Default: `utils`.", examples: ["net"] }),
  relations: packageRelations.optional().meta({
    description: "Packages that it needs, recommends, replaces and so on.",
    examples: [{ depends: ["libc6 (>= 2.34)"] }],
  }),
  units: z.array(packagedUnit).optional().describe("Units of systemd."),
  scripts: scripts.optional().describe("Maintainer scripts."),
};

/** `slipway:apt:Package`: a Debian package at a path of the project. */
export const aptPackageDefinition = defineResource({
  token: "slipway:apt:Package",
  description:
    "A Debian package (`.deb`) of declared files, at a path of the project. Equal content gives equal bytes, on every " +
    "machine, so that its digest is known at preview. It is placed when it changes, and where it is not on this " +
    "machine, when something needs it.",
  inputs: z.strictObject({
    path: projectPath.describe("Where the package is placed, relative to the project's folder."),
    name: z.string().meta({ description: "Name of the package.", examples: ["hello"] }),
    version: z
      .string()
      .min(1)
      .meta({
        description:
          "Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0~rc.1` in the package, which dpkg orders " +
          "before `1.2.0`.",
        examples: ["1.2.0"],
      }),
    revision: z
      .string()
      .optional()
      .meta({
        description: "Revision of the package, for the same version packaged anew. Default: none.",
        examples: ["2"],
      }),
    platform: z.string().meta({
      description: "Platform that it is for, or `all` for every one.",
      examples: ["linux/amd64"],
    }),
    ...packageFields,
    files: z.array(packagedFile).describe("What it installs."),
    digest: z.string().optional().describe("Computed: digest of the package."),
    size: z.number().optional().describe("Computed: size of the package in bytes."),
    control: z.string().optional().describe("Computed: the control file of the package."),
    declaration: z.string().optional().describe("Computed: digest of what was declared."),
  }),
  computed: ["digest", "size", "control", "declaration"],
  outputs: z.strictObject({
    digest: z.string().describe("Digest of the package."),
    size: z.number().describe("Size in bytes."),
    control: z.string().describe("The control file of the package, which an index of packages repeats."),
    artifacts: z.array(artifact).describe("The package, as a release takes it."),
  }),
  replaceOn: [],
});
