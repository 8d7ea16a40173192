import * as z from "zod";
import { checkIndexAddress } from "../../lib/channels/pypi/index-rules";
import { checkProjectName } from "../../lib/channels/pypi/name";
import { publicVersion } from "../../lib/channels/pypi/version";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource } from "./definition";
import { digest } from "./shapes";

const pypiFile = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({
        description: "Wheel or sdist, relative to the project's folder; its name is the one in the index.",
        examples: ["dist/hello_world-1.2.0-py3-none-any.whl"],
      }),
    digest: digest
      .optional()
      .describe("Digest that the file must have, for files that another resource makes. Default: any."),
  })
  .meta({ id: "PypiFile", description: "A distribution file of a Python project." });

const pypiIndex = z
  .strictObject({
    simple: checked(checkIndexAddress).meta({
      description: "Address of the simple API, which installers read.",
      examples: ["https://pypi.acme.example/simple"],
    }),
    upload: checked(checkIndexAddress).meta({
      description: "Address that files are uploaded to, as twine's `repository`.",
      examples: ["https://pypi.acme.example/"],
    }),
  })
  .meta({ id: "PypiIndex", description: "An index of Python packages." });

/** `slipway:pypi:Release`: all distribution files of a version in an index of Python packages. */
export const pypiReleaseDefinition = defineResource({
  token: "slipway:pypi:Release",
  description:
    "All distribution files of one version of a Python project in an index such as PyPI: its wheels and its sdist. " +
    "A file that the index has with the same digest is left alone; one that it has with another is refused before " +
    "anything is uploaded, because a published file never changes. Wheels are uploaded before the sdist. Another " +
    "version is published beside the former one. Removing the resource leaves the files.",
  inputs: z.strictObject({
    project: checked(checkProjectName).meta({
      description: "Name of the project in the index.",
      examples: ["hello-world"],
    }),
    version: checked(publicVersion).meta({
      description: "Version, as Python writes it (PEP 440).",
      examples: ["1.2.0rc1"],
    }),
    files: z
      .array(pypiFile)
      .min(1, "at least one file is expected")
      .describe("All files of the version; PyPI takes no more of them after 14 days."),
    index: pypiIndex
      .optional()
      .describe("Index. Default: PyPI, `https://pypi.org/simple` and `https://upload.pypi.org/legacy/`."),
    username: z
      .string()
      .regex(/^[^:\p{Cc}]+$/u, "a name without a colon is expected")
      .optional()
      .describe("User. Default: `__token__`, which goes with a token."),
    token: z
      .string()
      .min(1)
      .optional()
      .describe("Token, or the user's password; a secret. It goes to the host of the uploads alone."),
    gated,
    digests: z.record(z.string(), digest).optional().describe("Computed: digest that each file must have."),
  }),
  computed: ["digests"],
  outputs: z.strictObject({
    ...channelOutcome,
    published: z
      .record(z.string(), digest)
      .describe("Digest of each declared file that the index has, by name."),
    gone: z
      .array(z.string())
      .describe(
        "Files that were deleted and cannot be put back, because the index takes no file name twice.",
      ),
    yanked: z
      .record(z.string(), z.string())
      .describe("Files that installers pass over unless they are pinned, with the reason that was given."),
  }),
  retained: true,
  replaceOn: ["project", "index"],
});
