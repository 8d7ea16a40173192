import * as z from "zod";
import { inNotes } from "./artifact";
import {
  checkAssetName,
  checkGitTag,
  longestNotes,
  maximumAssets,
  parseGitHubRepository,
} from "../../lib/github/names";
import { checked, defineResource, prose } from "./definition";
import { evidence, evidenceDigest, takenEvidence } from "./evidence";
import { notesFrom } from "./release-notes";
import { digest } from "./shapes";
import { renamedFields } from "./renamed-fields";

const releaseAsset = z
  .strictObject({
    name: checked(checkAssetName).meta({
      description: "Name of the asset, as its URL has it.",
      examples: ["hello_v1.0.0_linux-amd64.tar.gz"],
    }),
    path: z
      .string()
      .min(1)
      .meta({ description: "File, relative to the project's folder.", examples: ["dist/hello.tar.gz"] }),
    digest: digest
      .optional()
      .describe("Digest that the file must have, for files that another resource makes. Default: any."),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+( *;.*)?$/, "a media type is expected")
      .optional()
      .meta({ description: "Media type. Default: by the name.", examples: ["application/gzip"] }),
    replaceable: z
      .boolean()
      .optional()
      .describe(
        "Whether it may be added, get other content, or be taken away after publication. Default: false.",
      ),
    inNotes,
  })
  .meta({ id: "GitHubReleaseAsset", description: "A file of a release." });

const publishedAsset = z
  .strictObject({
    id: z.number().describe("GitHub's id; another id is another upload."),
    name: z.string(),
    size: z.number().describe("Size in bytes."),
    digest,
    downloadUrl: z.string().describe("Where anyone who may read the repository downloads it."),
  })
  .meta({ id: "PublishedAsset", description: "An asset as GitHub has it." });

/** `slipway:github:Release`: a release of GitHub with its assets. */
export const gitHubReleaseDefinition = defineResource({
  token: "slipway:github:Release",
  description:
    "A release of GitHub. It is made as a draft, filled, checked by digest and published as " +
    "the last step, so that nobody sees it half done; an existing release or draft is taken " +
    "over and keeps its id and dates. Changes made by hand are put back; assets that are not " +
    "declared are left alone. Removing the resource leaves the release.",
  inputs: z.strictObject({
    repository: checked(parseGitHubRepository).meta({
      description: "Repository that the release is in, as `owner/name`; the sources can be in another.",
      examples: ["acme/hello"],
    }),
    tag: checked(checkGitTag).meta({ description: "Git tag.", examples: ["v1.0.0"] }),
    title: prose(z.string().min(1))
      .optional()
      .describe("Title. Default: left as it is; GitHub shows the tag."),
    notes: prose(z.string().max(longestNotes, `GitHub takes up to ${longestNotes} characters`))
      .optional()
      .describe("Release notes (Markdown). Default: those of `notesFrom`, else left as they are."),
    notesFrom: notesFrom.optional().describe("Where the notes come from, instead of `notes`."),
    commit: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Commit (40 hexadecimal digits) or branch on which GitHub creates a missing tag. An " +
          "existing tag on another commit is refused. Default: the default branch.",
        examples: ["6dcb09b5b57875f334f61aebed695e2e4193db5e"],
      }),
    prerelease: z.boolean().optional().describe("Whether it is marked as a pre-release. Default: as it is."),
    makeLatest: z
      .enum(["highest", "always", "never", "legacy"])
      .optional()
      .meta({
        description:
          "Whether the repository shows it as its latest release: `highest` (default) if " +
          "there is no higher stable version, and for a tag with a prefix (`cli/v1.2.3`) only " +
          "where the latest one has the same; `legacy` as GitHub decides by date and version. A " +
          "pre-release never is.",
        examples: ["highest"],
      }),
    discussionCategory: z
      .string()
      .min(1)
      .optional()
      .describe("Category of a discussion that is opened with the release."),
    assets: z
      .array(releaseAsset)
      .max(maximumAssets, `GitHub takes up to ${maximumAssets} assets`)
      .describe("Files of the release."),
    adopt: z
      .enum(["any", "draft"])
      .optional()
      .meta({
        description:
          "Which existing release of the tag is taken over: any (default), or only a draft, " +
          "such as an interrupted run leaves; then a published one that this stack did not " +
          "make is refused.",
        examples: ["any"],
      }),
    evidence: evidence.optional().describe(takenEvidence("the content")),
    evidenceDigest,
    summed: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe("Computed: the sums files that list a file with its digest, by the file's name."),
    digests: z.record(z.string(), digest).optional().describe("Computed: digest that each asset must have."),
  }),
  computed: ["summed", "digests"],
  outputs: z.strictObject({
    releaseId: z.number().describe("GitHub's id of the release."),
    url: z.string().describe("Page of the release."),
    createdAt: z.string().describe("When the commit or draft was made, as GitHub reports it."),
    publishedAt: z.string().optional().describe("When it was first published."),
    draft: z.boolean().describe("Whether it is still, or again, a draft."),
    immutable: z.boolean().describe("Whether assets and tag can no longer change."),
    assets: z.array(publishedAsset).describe("The declared assets as GitHub has them."),
    digests: z.record(z.string(), z.string()).describe("Digest of each declared asset that exists."),
    missing: z.array(z.string()).describe("Declared assets that are missing."),
    extra: z.array(z.string()).describe("Assets that others added; they are left alone."),
    discussion: z.boolean().describe("Whether a discussion belongs to it."),
    latest: z.boolean().describe("Whether the repository shows it as its latest release."),
    latestTag: z.string().optional().describe("Tag of the repository's latest release."),
    tagCommit: z.string().optional().describe("Commit of the tag, where `commit` is one, not a branch."),
  }),
  retained: true,
  replaceOn: ["repository"],
});

renamedFields(gitHubReleaseDefinition.inputs, { target: "commit" });
