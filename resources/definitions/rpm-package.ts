import * as z from "zod";
import { rpmRelations } from "../../lib/channels/rpm/relation";
import { rpmScripts } from "../../lib/channels/rpm/scripts";
import { artifact, projectPath } from "./artifact";
import { defineResource } from "./definition";
import { formerKey } from "./former-key";
import { packageAbout, packagedFile, packagedUnit } from "./packaged-file";

/** Packages by relation. */
const relations = z
  .strictObject(
    Object.fromEntries(
      rpmRelations.map((relation) => [
        relation,
        z.array(z.string()).optional().describe("As rpm writes them (rpm-dependencies(7))."),
      ]),
    ) as Record<(typeof rpmRelations)[number], z.ZodOptional<z.ZodArray<z.ZodString>>>,
  )
  .meta({ id: "RpmRelations", description: "Relations of a package to others, as rpm writes them." });

/** A program text of a scriptlet. */
const scripts = z
  .strictObject(
    Object.fromEntries(
      rpmScripts.map((script) => [
        script,
        z.string().optional().describe("Text of the script, which begins with `#!`."),
      ]),
    ) as Record<(typeof rpmScripts)[number], z.ZodOptional<z.ZodString>>,
  )
  .meta({ id: "RpmScripts", description: "Scripts that rpm runs, by the names of spec files." });

/** The key of packages and lists. */
export const rpmKey = {
  key: z
    .string()
    .describe(
      "Armored OpenPGP private key that signs packages and lists, a secret: Ed25519, or RSA of 3072 bits or more.",
    ),
  passphrase: z.string().optional().describe("Passphrase of the key, a secret. Default: it has none."),
};

/** What is declared of a package, whatever it is for. */
export const rpmPackageFields = {
  ...packageAbout,
  license: z.string().meta({ description: "License, as an SPDX expression.", examples: ["Apache-2.0"] }),
  relations: relations.optional().meta({
    description: "Packages that it requires, recommends, obsoletes and so on.",
    examples: [{ requires: ["glibc >= 2.34"] }],
  }),
  units: z.array(packagedUnit).optional().describe("Units of systemd."),
  scripts: scripts.optional().describe("Scripts that rpm runs before and after it installs or removes."),
  revision: z
    .string()
    .optional()
    .meta({
      description: "Revision of the package, for the same version packaged anew: its release. Default: `1`.",
      examples: ["2"],
    }),
};

/** What the lists of a repository have of a package. */
export const packageLists = z
  .strictObject({
    primary: z.string().describe("What is needed to find and to choose it."),
    filelists: z.string().describe("What it installs."),
    other: z.string().describe("What else there is."),
  })
  .meta({ id: "RpmPackageLists", description: "What each of a repository's lists has of a package." });

/** `slipway:rpm:Package`: a signed RPM package at a path of the project. */
export const rpmPackageDefinition = defineResource({
  token: "slipway:rpm:Package",
  description:
    "A signed RPM package of declared files, at a path of the project. Equal content and key give equal bytes, on every " +
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
          "Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0~rc.1` in the package, which rpm orders " +
          "before `1.2.0`.",
        examples: ["1.2.0"],
      }),
    platform: z.string().meta({
      description: "Platform that it is for, or `all` for every one.",
      examples: ["linux/amd64"],
    }),
    ...rpmPackageFields,
    ...rpmKey,
    formerKey: formerKey
      .optional()
      .describe(
        "The key that clients have from before: a package that it has signed stays as it is, and every other one is signed by " +
          "`key`. Default: none.",
      ),
    files: z.array(packagedFile).describe("What it installs."),
    digest: z.string().optional().describe("Computed: digest of the package."),
    size: z.number().optional().describe("Computed: size of the package in bytes."),
    lists: packageLists.optional().describe("Computed: what the lists of a repository have of the package."),
    declaration: z.string().optional().describe("Computed: digest of what was declared, and of the key."),
  }),
  computed: ["digest", "size", "lists", "declaration"],
  outputs: z.strictObject({
    digest: z.string().describe("Digest of the package."),
    size: z.number().describe("Size in bytes."),
    lists: packageLists.describe("What the lists of a repository have of the package."),
    artifacts: z.array(artifact).describe("The package, as a release takes it."),
  }),
  replaceOn: [],
});
