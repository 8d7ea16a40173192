import * as z from "zod";
import { checkPrereleaseTag } from "../../lib/channels/npm/dist-tags";
import { checkRegistryAddress } from "../../lib/channels/npm/registry-address";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource } from "./definition";
import { digest } from "./shapes";

const npmTarball = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({
        description: "Tarball, relative to the project's folder.",
        examples: ["dist/hello-1.2.0.tgz"],
      }),
    digest: digest
      .optional()
      .describe("Digest that the file must have, for files that another resource makes. Default: any."),
  })
  .meta({ id: "NpmTarball", description: "A package of npm, packed." });

const publishedPackage = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    integrity: z
      .string()
      .describe("Hash that clients check; empty where the registry does not have the version."),
    tag: z.string().describe("Tag that the version belongs under: `latest`, or that of pre-releases."),
    tagged: z.string().describe("Version that the tag has; empty where there is no such tag."),
    stageId: z
      .string()
      .optional()
      .describe("By which it is approved (`npm stage approve`); absent where it was never staged."),
  })
  .meta({ id: "PublishedNpmPackage", description: "A package as a registry has it." });

/** `slipway:npm:Package`: the packages of one release in a registry of npm. */
export const npmPackageDefinition = defineResource({
  token: "slipway:npm:Package",
  description:
    "The packages of one release in a registry of npm: a package, or packages of a program for its platforms and the " +
    "one that depends on them. All are published under a tag that nobody installs by; when all are there, `latest` moves " +
    "to them in the order of the declaration, and never to a lower version; a pre-release has `next`, or the tag that is declared. A version that is " +
    "there with the same bytes is left alone, with others it is refused before anything is published. Removing the " +
    "resource leaves the packages.",
  inputs: z.strictObject({
    packages: z
      .array(npmTarball)
      .min(1, "at least one package is expected")
      .describe("Tarballs, those that others depend on first."),
    registry: checked(checkRegistryAddress)
      .optional()
      .meta({ description: "Registry. Default: npm's own.", examples: ["https://registry.npmjs.org"] }),
    token: z.string().min(1).optional().describe("Token that may publish, a secret."),
    access: z
      .enum(["public", "restricted"])
      .optional()
      .describe("Who may see a new package with a scope. Default: `public`."),
    prereleaseTag: checked(checkPrereleaseTag)
      .optional()
      .meta({ description: "Tag of pre-releases. Default: `next`.", examples: ["beta"] }),
    staged: z
      .boolean()
      .optional()
      .describe(
        "Whether versions are staged: somebody approves them with a second factor before anybody can install them, and " +
          "the state is `staged` until then. Default: false, they are published.",
      ),
    gated,
    integrities: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: integrity of each package, by `NAME@VERSION`."),
  }),
  computed: ["integrities"],
  outputs: z.strictObject({
    ...channelOutcome,
    published: z
      .array(publishedPackage)
      .describe("The packages as the registry has them, in the order of the declaration."),
  }),
  retained: true,
  replaceOn: ["registry"],
});
