import * as z from "zod";
import { apkRelations } from "../../lib/channels/apk/relation";
import { apkScriptNames } from "../../lib/channels/apk/scripts";
import { artifact, projectPath } from "./artifact";
import { defineResource } from "./definition";
import { exactlyOne } from "./exactly-one";
import { formerUntil } from "./former-key";
import { packageAbout, packagedFile, packagedSource } from "./packaged-file";

/** Packages by relation. */
const relations = z
  .strictObject(
    Object.fromEntries(
      apkRelations.map((relation) => [
        relation,
        z.array(z.string()).optional().describe("As apk writes them (apk-package(5))."),
      ]),
    ) as Record<(typeof apkRelations)[number], z.ZodOptional<z.ZodArray<z.ZodString>>>,
  )
  .meta({ id: "ApkRelations", description: "Relations of a package to others, as apk writes them." });

/** A program text of a script. */
const scripts = z
  .strictObject(
    Object.fromEntries(
      apkScriptNames.map((script) => [
        script,
        z.string().optional().describe("Text of the script, which begins with `#!`."),
      ]),
    ) as Record<(typeof apkScriptNames)[number], z.ZodOptional<z.ZodString>>,
  )
  .meta({ id: "ApkScripts", description: "Scripts that apk runs." });

/** A service of OpenRC. */
const service = z
  .strictObject({
    name: z.string().meta({ description: "Name of the service.", examples: ["hello"] }),
    source: packagedSource.optional(),
    content: z.string().optional().describe("The service, as text that begins with `#!/sbin/openrc-run`."),
    enable: z
      .boolean()
      .optional()
      .describe(
        "Whether installing adds it to the runlevel `default`. Default: false, as Alpine's own packages have it.",
      ),
    start: z
      .boolean()
      .optional()
      .describe("Whether installing starts it, and an upgrade starts it again. Default: false."),
  })
  .superRefine(exactlyOne(["source", "content"], "says nothing", 'source: "packaging/hello.initd"'))
  .meta({ id: "PackagedService", description: "A service of OpenRC that a package installs." });

const keyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9@._-]{0,60}$/, "letters, digits and @._- are expected, up to 61 of them");

/** A key that another one is about to replace. */
export const apkFormerKey = z
  .strictObject({
    key: z.string().describe("RSA private key, as PEM, a secret."),
    passphrase: z.string().optional().describe("Passphrase of it, a secret. Default: it has none."),
    keyName: keyName.meta({
      description: "Name of its public key in `/etc/apk/keys`, without `.rsa.pub`.",
      examples: ["hello"],
    }),
    until: formerUntil,
  })
  .meta({ id: "FormerApkKey", description: "A key of Alpine that another one is about to replace." });

/** The key of packages and indexes. */
export const apkSigner = {
  key: z
    .string()
    .describe("RSA private key that signs packages and indexes, as PEM, a secret: of 2048 bits or more."),
  passphrase: z.string().optional().describe("Passphrase of the key, a secret. Default: it has none."),
  keyName: keyName.meta({
    description:
      "Name of the public key in `/etc/apk/keys`, without `.rsa.pub`: another key needs another name.",
    examples: ["releases@acme.example-1"],
  }),
};

/** What is declared of a package, whatever it is for. */
export const apkPackageFields = {
  ...packageAbout,
  license: z.string().meta({ description: "License, as an SPDX expression.", examples: ["Apache-2.0"] }),
  relations: relations.optional().meta({
    description: "Packages that it depends on, conflicts with, replaces and so on.",
    examples: [{ depends: ["so:libc.musl-x86_64.so.1"] }],
  }),
  services: z.array(service).optional().describe("Services of OpenRC."),
  scripts: scripts
    .optional()
    .describe("Scripts that apk runs before and after it installs, upgrades or removes."),
  revision: z
    .string()
    .optional()
    .meta({
      description:
        "Revision of the package, for the same version packaged anew: the number after `-r`. Default: `0`.",
      examples: ["1"],
    }),
};

/** `slipway:apk:Package`: a signed package of Alpine at a path of the project. */
export const apkPackageDefinition = defineResource({
  token: "slipway:apk:Package",
  description:
    "A signed package of Alpine (`.apk`) of declared files, at a path of the project. Equal content and key give equal " +
    "bytes, on every machine, so that its digest is known at preview. It is placed when it changes, and where it is not " +
    "on this machine, when something needs it.",
  inputs: z.strictObject({
    path: projectPath.describe("Where the package is placed, relative to the project's folder."),
    name: z.string().meta({ description: "Name of the package.", examples: ["hello"] }),
    version: z
      .string()
      .min(1)
      .meta({
        description:
          "Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0_rc1` in the package, which apk orders " +
          "before `1.2.0`.",
        examples: ["1.2.0"],
      }),
    platform: z.string().meta({ description: "Platform that it is for.", examples: ["linux/amd64"] }),
    ...apkPackageFields,
    ...apkSigner,
    formerKey: apkFormerKey
      .optional()
      .describe(
        "The key that clients have from before: a package that it has signed stays as it is, and every other one is signed by " +
          "`key`. Default: none.",
      ),
    files: z.array(packagedFile).describe("What it installs."),
    digest: z.string().optional().describe("Computed: digest of the package."),
    size: z.number().optional().describe("Computed: size of the package in bytes."),
    index: z.string().optional().describe("Computed: what an index has of the package."),
    declaration: z.string().optional().describe("Computed: digest of what was declared, and of the key."),
  }),
  computed: ["digest", "size", "index", "declaration"],
  outputs: z.strictObject({
    digest: z.string().describe("Digest of the package."),
    size: z.number().describe("Size in bytes."),
    index: z.string().describe("What an index has of the package."),
    artifacts: z.array(artifact).describe("The package, as a release takes it."),
  }),
  replaceOn: [],
});
