import * as z from "zod";
import { prose } from "./definition";
import { exactlyOne } from "./exactly-one";
import { digest, octalMode } from "./shapes";

/** Shapes of packages for Linux, whatever their format. */

/** A file or folder that something is made of. */
export const packagedSource = z
  .string()
  .min(1)
  .describe("File or folder, relative to the project's folder and inside it.");

/** A file that a package installs. */
export const packagedFile = z
  .strictObject({
    to: z
      .string()
      .regex(/^\//, "an absolute path is expected")
      .meta({
        description: "Where it is installed. With a folder as source: the path for its content.",
        examples: ["/etc/hello/hello.yaml"],
      }),
    source: packagedSource.optional(),
    digest: digest.optional().describe("Expected digest of the file, if known."),
    content: z.string().optional().describe("Content of a file, as text."),
    symlink: z.string().optional().describe("Target of a symbolic link."),
    mode: octalMode.optional().meta({
      description: "Octal mode. Default: `0755` for an executable file, otherwise `0644`.",
      examples: ["0755"],
    }),
    config: z
      .boolean()
      .optional()
      .describe(
        "Whether an upgrade keeps what the user has changed of it (a conffile of dpkg, `%config(noreplace)` of rpm). " +
          "Default: for files below `/etc`.",
      ),
  })
  .superRefine(exactlyOne(["source", "content", "symlink"], "says nothing", 'source: "packaging/hello.yaml"'))
  .meta({ id: "PackagedFile", description: "A file that a package installs." });

/** A unit of systemd that a package installs. */
export const packagedUnit = z
  .strictObject({
    name: z.string().meta({ description: "File name.", examples: ["hello.service"] }),
    source: packagedSource.optional(),
    content: z.string().optional().describe("The unit, as text."),
    enable: z.boolean().optional().describe("Whether it starts with the machine. Default: true."),
    start: z
      .boolean()
      .optional()
      .describe("Whether installing starts it, and an upgrade starts it again. Default: true."),
  })
  .superRefine(exactlyOne(["source", "content"], "says nothing", 'source: "packaging/hello.service"'))
  .meta({ id: "PackagedUnit", description: "A unit of systemd that a package installs." });

/** What every package says of itself. */
export const packageAbout = {
  maintainer: prose().meta({
    description: "Who maintains the package.",
    examples: ["Acme <releases@acme.example>"],
  }),
  description: prose().meta({
    description: "One line of at most 80 characters, which lists show; lines after it say more.",
    examples: ["Says hello to the world"],
  }),
  homepage: z
    .string()
    .optional()
    .meta({ description: "Address of the project.", examples: ["https://acme.example/hello"] }),
};
