import * as z from "zod";
import { checkGitBranch, checkGitRemote } from "../../lib/git/remote";
import { checkPath } from "../../lib/archive/entries";
import { parseGitHubRepository } from "../../lib/github/names";
import { parseVersion } from "../../lib/version/version";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource, prose } from "./definition";
import { documentEdit } from "./document";
import { exactlyOne } from "./exactly-one";
import { digest } from "./shapes";

/** A path of a file that is read, here or in the repository; nothing is written to it here. */
const readPath = checked((file) => checkPath(file, "path"));

/** A path in the repository: no part of it is `.git`, which git refuses in a checkout. */
const treePath = readPath.refine(
  (file) => !file.split("/").some((part) => part.toLowerCase() === ".git"),
  "has a part .git, which no checkout can have",
);

const file = z
  .strictObject({
    content: z.string().optional().describe("What is in the file, as UTF-8."),
    source: readPath.optional().meta({
      description: "File with the content, relative to the project's folder and inside it.",
      examples: ["packaging/hello.rb"],
    }),
    edits: z
      .array(documentEdit)
      .min(1, "at least one edit is expected")
      .optional()
      .describe(
        "What the file is to have, applied in this order to the file that the branch has, of which everything else stays to " +
          "the byte. Templates are files of the project.",
      ),
    executable: z
      .boolean()
      .optional()
      .describe("Whether it is a program. Default: false; a file that is edited stays what it is."),
    takeOver: z
      .boolean()
      .optional()
      .describe(
        "Whether this file is replaced where somebody else has put it. Default: that of the resource.",
      ),
  })
  .superRefine(exactlyOne(["content", "source", "edits"], "says nothing", 'content: "hello\\n"'))
  .meta({ id: "GitFile", description: "A file of a git repository, with its content." });

/** A file as it is, or is to be. */
const fileState = z
  .strictObject({
    digest: digest
      .optional()
      .describe("Digest of the content; absent for edits, and where no regular file is at the path."),
    executable: z.boolean().describe("Whether it is a program."),
  })
  .meta({ id: "GitFileState", description: "A file of a git repository as it is, or is to be." });

/** Texts by the name of what they are, by the path of the file. */
const ownedTexts = z.record(z.string(), z.record(z.string(), z.string()));

const author = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^<>\r\n]+$/, "a name is expected")
      .meta({ examples: ["Acme releases"] }),
    email: z
      .string()
      .regex(/^[^<>\s]+@[^<>\s]+$/, "an e-mail address is expected")
      .meta({ examples: ["releases@acme.example"] }),
  })
  .meta({ id: "GitAuthor", description: "Who a commit is by." });

const fileVersion = z
  .strictObject({
    value: checked((text) => {
      if (!parseVersion(text)) throw new Error("is no semantic version");
    }).meta({ description: "Version that the files are of.", examples: ["1.2.3"] }),
    file: treePath.optional().meta({
      description:
        "Path of the file that says which version the branch has. Default: none does, and it is the one that this resource " +
        "has last committed.",
      examples: ["Formula/hello.rb"],
    }),
    pattern: checked(checkVersionPattern)
      .optional()
      .meta({
        description: "Regular expression, by lines; its first group is the version there. Goes with `file`.",
        examples: ['^ *version "(.+)"$'],
      }),
    prereleases: z
      .boolean()
      .optional()
      .describe(
        "Whether a pre-release takes the place of what is there. Default: false, it changes nothing.",
      ),
  })
  .superRefine(({ file, pattern }, context) => {
    if ((file === undefined) === (pattern === undefined)) return;
    const message = 'file and pattern go together (a valid example: pattern: "^version: (.+)$")';
    context.addIssue({ code: "custom", message });
  })
  .meta({ id: "GitFilesVersion", description: "Which version files of a git repository are of." });

const gitHubRepository = checked((text) => void parseGitHubRepository(text));

/** How files are asked for that somebody else has to take. */
export const pullRequestFields = z
  .strictObject({
    fork: gitHubRepository.optional().meta({
      description:
        "Fork that the branch is pushed to, as `owner/name`; its branch is brought to where that of the repository is. " +
        "Default: the repository itself.",
      examples: ["acme/winget-pkgs"],
    }),
    branch: checked(checkGitBranch)
      .optional()
      .meta({
        description:
          "Branch of the pull request, by which it is found again. Default: `slipway/`, the name of the file, and the " +
          "version.",
        examples: ["slipway/hello-1.2.0"],
      }),
    title: prose()
      .min(1)
      .max(256)
      .optional()
      .meta({
        description: "Default: the first line of the message.",
        examples: ["New version: hello 1.2.0"],
      }),
    body: z.string().min(1).max(60_000).optional().describe("Text, in Markdown. Default: none."),
    repository: gitHubRepository.optional().meta({
      description: "Repository on GitHub, as `owner/name`. Default: what the address says.",
      examples: ["microsoft/winget-pkgs"],
    }),
  })
  .meta({ id: "GitPullRequest", description: "A pull request on GitHub, for a repository of others." });

const pullRequestState = z
  .strictObject({
    number: z.int().describe("Its number."),
    url: z.string().describe("Its page."),
    state: z.enum(["open", "merged", "closed"]).describe("`closed` is closed without a merge."),
    branch: z.string().describe("Branch that it is made of."),
    version: z.string().optional().describe("Version that it brings."),
  })
  .meta({ id: "GitPullRequestState", description: "A pull request as it was last seen." });

/** @throws Error for what is no pattern with one group */
function checkVersionPattern(pattern: string): void {
  const groups = new RegExp(`${pattern}|`, "m").exec("")?.length;
  if (groups !== 2) throw new Error("one group is expected, which is the version");
}

/** `slipway:git:Files`: files on a branch of a git repository. */
export const gitFilesDefinition = defineResource({
  token: "slipway:git:Files",
  description:
    "Files on a branch of a git repository, such as a formula in a Homebrew tap, a manifest in a Scoop bucket or " +
    "the files of a package in the AUR, or edits of files there, such as a region of a website: whatever changes is one " +
    "commit on top of the branch, and other files stay as they are. A file that was changed or deleted by hand is put back. Where somebody else pushes at " +
    "the same time, the commit is made anew on top of theirs. In a repository of others a pull request asks for " +
    "them. What leaves `files`, or the program, stays in " +
    "the repository.",
  inputs: z.strictObject({
    remote: checked(checkGitRemote).meta({
      description:
        "Repository: an https or ssh address, or a folder relative to the project's. One below `.slipway/` is made " +
        "where it is not there.",
      examples: ["https://github.com/acme/homebrew-tap.git"],
    }),
    branch: checked(checkGitBranch)
      .optional()
      .meta({ description: "Branch; made where there is none. Default: `main`.", examples: ["main"] }),
    files: z
      .record(treePath, file)
      .refine((files) => Object.keys(files).length > 0, "at least one file is expected")
      .describe("Files, by path in the repository."),
    message: prose()
      .min(1)
      .optional()
      .meta({
        description: "Message of the commit. Default: it names the files.",
        examples: ["hello 1.2.0"],
      }),
    author: author.describe("Who the commit is by."),
    token: z
      .string()
      .optional()
      .describe("Token for an https address, a secret. Default: git's own credentials on this machine."),
    signingKey: z
      .string()
      .optional()
      .describe(
        "Private key that signs the commits, a secret: of OpenPGP, armored, or of SSH as `ssh-keygen` writes it, without " +
          "a passphrase. What is committed already stays as it is. Default: they are not signed.",
      ),
    signingPassphrase: z
      .string()
      .optional()
      .describe("Passphrase of an OpenPGP key, a secret. Default: it has none."),
    takeOver: z
      .boolean()
      .optional()
      .describe(
        "Whether a file that somebody else has put at one of the paths is replaced. Default: false, it is refused.",
      ),
    version: fileVersion
      .optional()
      .describe(
        "The files are those of a version: they stay away where the branch has a higher one, and take the place of a " +
          "lower one, whoever put it there. Default: they are put there whatever it has.",
      ),
    pullRequest: z
      .union([z.boolean(), pullRequestFields])
      .optional()
      .describe(
        "The files are proposed by a pull request on GitHub, which their owners merge: with the token, on a branch of " +
          "its own. The state is `awaiting` while it is open. Default: they are committed to the branch itself.",
      ),
    gated,
    desired: z
      .record(z.string(), fileState)
      .optional()
      .describe("Computed: the files as they are to be, but for those that are edited."),
    owned: ownedTexts
      .optional()
      .describe(
        "Computed: what the edits make, by path and by the name of the region; `file` is a whole file. A file that nobody could " +
          "look at is absent.",
      ),
  }),
  computed: ["desired", "owned"],
  outputs: z.strictObject({
    ...channelOutcome,
    commit: z.string().describe("Commit that the branch was at when the files were last looked at."),
    found: z
      .record(z.string(), fileState)
      .describe("The files as they are, by path; those that are gone are absent."),
    owned: ownedTexts.optional().describe("What stands where edits write; absent where there are none."),
    foundVersion: z
      .string()
      .optional()
      .describe(
        "Version that the branch has, where its files say one; without such a file the last one of this resource.",
      ),
    written: z
      .array(z.string())
      .optional()
      .describe(
        "Paths at which this resource has put files; absent in a state of an older release of Slipway.",
      ),
    foundPullRequest: pullRequestState
      .optional()
      .describe("The pull request that the files are in, or were."),
  }),
  retained: true,
  replaceOn: ["remote", "branch"],
});
