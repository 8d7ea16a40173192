import * as z from "zod";
import { checkGitTag } from "../../lib/github/names";
import { releasedFile } from "./artifact";
import { checked, defineResource, prose } from "./definition";
import { evidence, evidenceDigest, takenEvidence } from "./evidence";
import { notesFrom } from "./release-notes";
import { renamedFields } from "./renamed-fields";

/** Name of a release, as it stands in download URLs. */
export const releaseTag = checked(checkGitTag).meta({
  description: "Tag of the release, as git takes it. A slash makes a folder in a folder.",
  examples: ["v1.2.3"],
});

/** `slipway:release:Directory`: a release in a folder. */
export const releaseDirectoryDefinition = defineResource({
  token: "slipway:release:Directory",
  description:
    "A release in a folder, laid out as the download URLs of a forge " +
    "(`releases/download/TAG/FILE`, `releases/latest/download/FILE`), for any static host. " +
    "It appears with all of its files at once. A file of a published version never changes " +
    "unless declared replaceable; what was deleted or changed by hand is put back. Another tag " +
    "is published beside the former one, which stays; so does the release of a resource that " +
    "is removed.",
  inputs: z.strictObject({
    directory: z
      .string()
      .min(1)
      .meta({
        description: "Folder that is served, relative to the project's folder.",
        examples: [".slipway/releases"],
      }),
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
        'names separated by "/" are expected',
      )
      .optional()
      .meta({
        description: "Name below it, as a forge has `OWNER/NAME` in its URLs. Default: none.",
        examples: ["acme/hello"],
      }),
    tag: releaseTag,
    title: prose().optional().describe("Title. Default: the tag."),
    notes: prose().optional().describe("Notes of the release, as Markdown. Default: those of `notesFrom`."),
    notesFrom: notesFrom.optional().describe("Where the notes come from, instead of `notes`."),
    assets: z
      .array(releasedFile)
      .min(1, "at least one asset is expected")
      .describe("The files of the release."),
    latest: z
      .boolean()
      .optional()
      .describe(
        "Whether the release may be the latest one, which is the highest stable version. Default: true.",
      ),
    replaceable: z
      .boolean()
      .optional()
      .describe("Whether a published file may get other content under the same tag. Default: false."),
    evidence: evidence.optional().describe(takenEvidence("the files")),
    evidenceDigest,
    summed: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe("Computed: the sums files that list a file with its digest, by the file's name."),
    record: z.string().optional().describe("Computed: digest of the release's record."),
    newest: z.string().optional().describe("Computed: the tag that `latest` must point to."),
  }),
  computed: ["summed", "record", "newest"],
  outputs: z.strictObject({
    published: z.record(z.string(), z.string()).describe("Digest of each published file, by name."),
    downloads: z
      .record(z.string(), z.string())
      .describe("Path of each file below the served folder, which is the path of its URL."),
    record: z.string().describe("Digest of the release's record, `releases/tag/TAG/release.json`."),
    newest: z.string().describe("Tag that `latest` points to; empty if none."),
  }),
  retained: true,
  replaceOn: ["directory", "name"],
});

renamedFields(releaseDirectoryDefinition.inputs, { repository: "name" });
