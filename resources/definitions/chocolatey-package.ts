import * as z from "zod";
import { checkFeedAddress, communityFeed } from "../../lib/channels/chocolatey/community-rules";
import { checkPackageId } from "../../lib/channels/chocolatey/package";
import { chocolateyVersion } from "../../lib/channels/chocolatey/version";
import { projectPath } from "./artifact";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource } from "./definition";
import { digest } from "./shapes";

const chocolateyFeed = z
  .strictObject({
    source: checked(checkFeedAddress).meta({
      description: "Address that `choco` is told as `--source`.",
      examples: ["https://nuget.acme.example/nuget/"],
    }),
    push: checked(checkFeedAddress).meta({
      description:
        "Host that packages are pushed to (below it `api/v2/package/`), or with a path the very address.",
      examples: ["https://nuget.acme.example/nuget/"],
    }),
    moderated: z
      .boolean()
      .optional()
      .describe(
        "Whether moderators look at a package before it is shown. Default: for the community's feed alone.",
      ),
  })
  .meta({ id: "ChocolateyFeed", description: "A feed of NuGet 2." });

/** @throws Error for what is no version in the form that feeds have it */
function checkFeedVersion(version: string): void {
  if (!/^\d+(?:\.\d+){1,3}(?:-[A-Za-z][0-9A-Za-z-]*)?$/.test(version) || /(?:^|\.)0\d/.test(version)) {
    throw new Error(
      `${JSON.stringify(version)} is not a version of Chocolatey (a valid example: "${chocolateyVersion("1.2.0-rc.1")}")`,
    );
  }
}

/** `slipway:chocolatey:Package`: a version of a package in a feed that `choco` installs from. */
export const chocolateyPackageDefinition = defineResource({
  token: "slipway:chocolatey:Package",
  description:
    "A version of a package in a feed that `choco` installs from. A version that the feed has with the same bytes is left " +
    "alone; one that it has with others is refused with both digests, because a listed version never changes. While " +
    "moderators have it in their queue it is `awaiting`, which is no drift; a push that they put off is tried again by the " +
    "next update. Removing the resource leaves the package.",
  inputs: z.strictObject({
    packageId: checked(checkPackageId).meta({ description: "Id of the package.", examples: ["hello"] }),
    version: checked(checkFeedVersion).meta({
      description: "Version as feeds have it.",
      examples: ["1.2.0-rc0001"],
    }),
    path: projectPath.meta({
      description: "The package, relative to the project's folder.",
      examples: ["dist/hello.1.2.0.nupkg"],
    }),
    digest: digest.optional().describe("Digest that the file must have, where another resource makes it."),
    feed: chocolateyFeed
      .optional()
      .describe(`Feed. Default: the community's, \`${communityFeed.source}\` and \`${communityFeed.push}\`.`),
    apiKey: z
      .string()
      .regex(/^[\x21-\x7e]+$/, "a key without spaces is expected")
      .optional()
      .describe("Key that may push, a secret. It goes to the host of the pushes alone."),
    gated,
    hash: z.string().optional().describe("Computed: SHA-512 of the package, as feeds say it."),
  }),
  computed: ["hash"],
  outputs: z.strictObject({
    ...channelOutcome,
    published: z
      .string()
      .optional()
      .describe("Hash of the package that the feed has, or has taken; absent where it has none."),
  }),
  retained: true,
  replaceOn: ["packageId", "feed"],
});
