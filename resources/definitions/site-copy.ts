import * as z from "zod";
import { checkRsyncFolder } from "../../lib/channels/site/rsync-folder";
import { checkBaseUrl } from "../../lib/text/url-below";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource, prose } from "./definition";
import { exactlyOne } from "./exactly-one";

/** A bucket as a program declares it. */
export const s3Fields = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i, "a bucket's name is expected")
      .meta({ description: "The bucket, which has to be there.", examples: ["acme-apt"] }),
    prefix: z
      .string()
      .regex(/^[^/\s?#]+(?:\/[^/\s?#]+)*$/, "a path without / at its ends is expected")
      .optional()
      .meta({ description: "What stands before the paths. Default: nothing.", examples: ["debian"] }),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, "a region is expected")
      .optional()
      .meta({ description: "Region of the bucket. Default: `us-east-1`.", examples: ["eu-central-1"] }),
    endpoint: checked(checkBaseUrl)
      .optional()
      .meta({
        description: "Address of another service that speaks S3's protocol. Default: Amazon's in the region.",
        examples: ["https://s3.eu-central-003.backblazeb2.com"],
      }),
    accessKeyId: z.string().min(1).optional().describe("Default: that of `AWS_ACCESS_KEY_ID`."),
    secretAccessKey: z
      .string()
      .min(1)
      .optional()
      .describe("A secret. Default: that of `AWS_SECRET_ACCESS_KEY`."),
    sessionToken: z
      .string()
      .min(1)
      .optional()
      .describe("A secret, of credentials for a time. Default: that of `AWS_SESSION_TOKEN`, with that key."),
  })
  .meta({ id: "S3Place", description: "A bucket of S3, or of a service that speaks its protocol." });

/** A folder of another machine as a program declares it. */
export const rsyncFields = z
  .strictObject({
    to: checked(checkRsyncFolder).meta({
      description: "Folder, as rsync takes it; the one above it has to be there.",
      examples: ["deploy@web.acme.example:/srv/apt"],
    }),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe("Port of ssh. Default: that of this machine's ssh."),
    privateKey: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Key that gets in, as ssh reads it without a passphrase, a secret. Default: those of this machine's ssh.",
      ),
    knownHosts: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Lines of `known_hosts` for the machine. Default: those of this machine's ssh.",
        examples: ["web.acme.example ssh-ed25519 AAAAC3Nz…"],
      }),
  })
  .meta({ id: "RsyncPlace", description: "A folder of another machine, which ssh gets to." });

const host = z
  .strictObject({ s3: s3Fields.optional(), rsync: rsyncFields.optional() })
  .superRefine(exactlyOne(["s3", "rsync"], "names no host", 's3: { bucket: "acme-apt" }'))
  .meta({ id: "SitePlace", description: "A host that serves files." });

/** How a host is given files, whoever declares it. */
export const copyFields = {
  keepDays: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({
      description:
        "For how many days an index is kept under its digest that has left the folder, for clients that have just asked " +
        "what it is. Default: 7.",
      examples: [7],
    }),
  takeOver: z
    .boolean()
    .optional()
    .describe(
      "Whether a file that somebody else has put at one of the paths is replaced, where it is not of a version. " +
        "Default: false, it is refused.",
    ),
};

/** `slipway:site:Copy`: a copy of a served folder. */
export const siteCopyDefinition = defineResource({
  token: "slipway:site:Copy",
  description:
    "A copy of a folder that is laid out for a static host, such as an APT or RPM repository, on such a host. Content " +
    "comes first, and what names it last, so that a client that asks meanwhile gets the old repository or the new one. " +
    "Only what differs is sent. A file that was changed or deleted there is put back; other files there are not " +
    "looked at. What leaves the folder stays, but for indexes under their digests, after `keepDays`.",
  inputs: z.strictObject({
    directory: z
      .string()
      .min(1)
      .meta({ description: "The folder, relative to the project's.", examples: ["dist/apt"] }),
    host: host.describe("The host: exactly one of its fields."),
    ...copyFields,
    revision: z
      .string()
      .optional()
      .describe(
        "A text that changes with what is in the folder, such as outputs of what writes it, so that a preview says that " +
          "there will be something to copy. Default: a preview goes by what the folder has.",
      ),
    withheld: prose()
      .optional()
      .describe(
        "Why it is not copied, such as the reason why the folder could not be written. Default: it is copied.",
      ),
    gated,
    content: z.string().optional().describe("Computed: digest of what the folder has."),
  }),
  computed: ["content"],
  outputs: z.strictObject({
    ...channelOutcome,
    copied: z
      .record(z.string(), z.string())
      .describe("Digests of the files that the host was given, by path."),
    marks: z
      .record(z.string(), z.string())
      .describe("What the host calls their content, by path, where it does so."),
    superseded: z
      .record(z.string(), z.string())
      .describe("Indexes under their digests that have left the folder, with when that was seen."),
    drifted: z
      .record(z.string(), z.string())
      .describe("Files of the host that are not as they were left, with what has become of them."),
  }),
  retained: true,
  // Another host is another resource; other credentials for it are not: the handler tells them apart.
  replaceOn: [],
});
