import * as z from "zod";
import { writtenFormats } from "../../lib/archive/format";
import { artifact, projectPath } from "./artifact";
import { defineResource } from "./definition";
import { digest, octalMode } from "./shapes";
import { renamedFields } from "./renamed-fields";

/** One file of an archive. */
export const archiveFile = z
  .strictObject({
    path: z.string().meta({
      description: "Path in the archive. With a folder as source: the path for its content.",
      examples: ["bin/hello"],
    }),
    source: z.string().optional().describe("File or folder, relative to the project's folder and inside it."),
    digest: digest.optional().describe("Expected digest of the file, if known."),
    content: z.string().optional().describe("Content of a file, as text."),
    symlink: z.string().optional().describe("Target of a symbolic link."),
    mode: octalMode.optional().meta({
      description: "Octal mode. Default: `0755` for an executable file, otherwise `0644`.",
      examples: ["0755"],
    }),
  })
  .meta({
    id: "ArchiveFile",
    description: "A file of an archive, with exactly one of `source`, `content` and `symlink`.",
  });

/** `slipway:build:Archive`: a release archive at a path of the project. */
export const archiveDefinition = defineResource({
  token: "slipway:build:Archive",
  description:
    "A `.tar.gz`, `.tar.zst` or `.zip` archive of declared files, or a program by itself, at a path of the " +
    "project. Equal content gives equal bytes, on every machine, so that its digest is known " +
    "at preview. It is placed when it changes, and where it is not on this machine, when " +
    "something needs it: a missing file is no difference. What was placed under another path, " +
    "or leaves the program, is removed, unless somebody changed it.",
  inputs: z.strictObject({
    path: projectPath.describe("Where the archive is placed, relative to the project's folder."),
    format: z
      .enum(writtenFormats)
      .optional()
      .describe(
        "Format. `binary` is the only entry as it is, executable unless its `mode` says otherwise; `gz` is it compressed. `wheel` is " +
          "a package of Python, whose RECORD is written; `nupkg` is one of NuGet, whose parts are the entries; `snap` is a squashfs. Default: " +
          "by the end of the name, which tells archives and packages only.",
      ),
    entries: z
      .array(archiveFile)
      .min(1, "at least one entry is expected")
      .meta({
        description: "What is in the archive. Order does not matter.",
        examples: [[{ path: "hello", source: "dist/linux_amd64/hello", mode: "0755" }]],
      }),
    root: z
      .string()
      .optional()
      .meta({
        description: "Folder that contains everything. Default: none; the archive is flat.",
        examples: ["hello-1.0.0"],
      }),
    checksums: z
      .string()
      .optional()
      .meta({
        description: "Name of a sums file over the files inside, for `sha256sum -c`. Default: none.",
        examples: ["SHA256SUMS"],
      }),
    alsoPaths: z
      .array(projectPath)
      .optional()
      .meta({
        description: "Further paths for the same bytes, e.g. a name with `latest`.",
        examples: [["dist/hello_latest_linux_amd64.tar.gz"]],
      }),
    digest: z.string().optional().describe("Computed: digest of the archive."),
    size: z.number().optional().describe("Computed: size of the archive in bytes."),
    declaration: z.string().optional().describe("Computed: digest of what was declared."),
  }),
  computed: ["digest", "size", "declaration"],
  outputs: z.strictObject({
    digest: z.string().describe("Digest of the archive."),
    size: z.number().describe("Size in bytes."),
    copies: z.record(z.string(), z.string()).describe("Digest of the file at each further path."),
    artifacts: z.array(artifact).describe("The archive and its further names, as a release takes them."),
  }),
  replaceOn: [],
});

renamedFields(archiveDefinition.inputs, { sums: "checksums", aliases: "alsoPaths" });
renamedFields(archiveDefinition.outputs, { artefacts: "artifacts" });
