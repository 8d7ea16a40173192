import * as z from "zod";
import { checkDocumentPath } from "../../lib/documents/path";
import { regionName } from "../../lib/documents/regions";
import { jsonList } from "../../lib/documents/json-list";
import { checkTag, parseRepository } from "../../lib/oci/reference";
import { checked, defineResource, prose } from "./definition";
import { exactlyOne } from "./exactly-one";
import { projectPath } from "./artifact";
import { digest, octalMode } from "./shapes";

const region = z
  .strictObject({
    name: z
      .string()
      .regex(regionName, "a name of letters, digits and ._- is expected")
      .meta({ description: "Name that its markers have.", examples: ["install"] }),
    text: prose().describe("What stands between the markers."),
  })
  .meta({
    id: "DocumentRegion",
    description:
      "What stands between `slipway:begin NAME` and `slipway:end NAME`, each a comment in a line of its own, such as " +
      "`<!-- slipway:begin install -->` in Markdown and `# slipway:begin install` in YAML.",
  });

const whole = z
  .strictObject({
    text: prose().describe("The file."),
    mark: z
      .boolean()
      .optional()
      .describe(
        "Whether a comment says that Slipway writes it, by which it is known as its own in every checkout. Default: " +
          "true, where such a file can have comments.",
      ),
  })
  .meta({ id: "DocumentText", description: "The text of a whole file." });

const template = z
  .strictObject({
    from: projectPath.meta({
      description: "Template, relative to the project's folder and inside it.",
      examples: ["templates/DOCKER_HUB.md"],
    }),
    values: z
      .record(z.string().min(1), prose())
      .describe(
        "Texts that take the place of `{name}` in it, by name. One that it does not have may still be unknown at " +
          "preview. `\\{name}` is the word itself; `${name}` and `{{ name }}` are those of others.",
      ),
    mark: whole.shape.mark,
    longest: z
      .int()
      .positive()
      .optional()
      .describe("Most characters, as people count them, that what is made may have. Default: any number."),
  })
  .meta({ id: "DocumentTemplate", description: "A whole file that is made of a template." });

const followedImage = z
  .strictObject({
    name: z.string().min(1).describe("Name in the declaration, as marks have it."),
    repositories: z
      .array(checked(parseRepository))
      .min(1)
      .describe(
        "`host/path` of each place that it is in; the first is written where the file has none of them.",
      )
      .meta({ examples: [["ghcr.io/acme/hello"]] }),
    tag: checked(checkTag).optional().describe("Tag that references get. Default: none."),
    digest: digest.optional().describe("Digest that references get. Default: none."),
  })
  .meta({ id: "FollowedImage", description: "An image, and what references of it are to say." });

const references = z
  .strictObject({
    images: z.array(followedImage).min(1).describe("Images that are followed."),
    others: z
      .array(checked(parseRepository))
      .optional()
      .describe("`host/path` of images of others that are beside those in a registry."),
  })
  .meta({
    id: "DocumentReferences",
    description:
      "References of images in a file of compose, Kubernetes, kustomize or values of a chart. Those are followed that name " +
      "a place of an image, and values with the comment `# slipway: NAME`.",
  });

const yaml = z
  .strictObject({
    // Fields of an object come to the provider in another order.
    json: checked(jsonList)
      .describe("What each document of the file has, as a list in JSON. Fields keep their order.")
      .meta({ examples: ['[{ "services": {} }]'] }),
  })
  .meta({ id: "DocumentYaml", description: "A whole file in YAML." });

const kinds = ["region", "whole", "template", "references", "yaml"] as const;

/** What a file is to have, of this checkout or of a branch elsewhere. */
export const documentEdit = z
  .strictObject({
    region: region.optional().describe("A part of the file, between two markers."),
    whole: whole.optional().describe("The whole file."),
    template: template.optional().describe("The whole file, of a template."),
    references: references.optional().describe("References of images in a file that somebody has written."),
    yaml: yaml.optional().describe("The whole file, as what is in it."),
  })
  .superRefine(exactlyOne(kinds, "says nothing", 'region: { name: "install", text: "npm install hello" }'))
  .meta({ id: "DocumentEdit", description: "What a file is to have: exactly one of the fields." });

/** `slipway:files:Document`: a file of the project, or a part of it, that says what is released. */
export const documentDefinition = defineResource({
  token: "slipway:files:Document",
  description:
    "A file of the project, or parts of it between markers, that say what is declared or released, such as the " +
    "install section of a README. Whatever else is in the file stays to the byte, and line ends are those of the " +
    "file. What was edited by hand where Slipway writes is named by a preview and put back. Removing the resource " +
    "leaves the file.",
  inputs: z.strictObject({
    path: checked(checkDocumentPath).meta({
      description:
        "Path of the file, relative to the project's folder: inside it, or elsewhere in its git repository.",
      examples: ["README.md", "../.github/workflows/release.yml"],
    }),
    edits: z
      .array(documentEdit)
      .min(1, "at least one edit is expected")
      .describe("What the file is to have, applied in this order."),
    mode: octalMode
      .optional()
      .describe("Permission bits as octal digits. Default: those that the file has, and 0644 for a new one."),
    takeOver: z
      .boolean()
      .optional()
      .describe(
        "Whether a whole file that somebody else has put there is replaced. Default: false, it is refused.",
      ),
    version: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Version that the texts are of: one that is lower than what was written before changes nothing. Default: " +
          "they are written whatever is there.",
        examples: ["v1.2.3"],
      }),
    prereleases: z
      .boolean()
      .optional()
      .describe("Whether texts of a pre-release are written. Default: false, it changes nothing."),
    owned: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: what the edits make, by the name of the region; `file` is the whole file."),
  }),
  computed: ["owned"],
  outputs: z.strictObject({
    digest: digest.optional().describe("Digest of the file as it is; absent where there is none."),
    owned: z.record(z.string(), z.string()).describe("What stands where Slipway writes."),
    mode: octalMode.optional().describe("Permission bits of the file."),
    version: z.string().optional().describe("Version that the texts were last written of."),
    written: z.boolean().describe("Whether Slipway has written there."),
  }),
  retained: true,
  replaceOn: ["path"],
  statedOnce: ["edits"],
});
