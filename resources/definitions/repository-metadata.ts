import * as z from "zod";
import { metadataKinds } from "../../lib/registries/metadata-rules";
import { channelOutcome, gated } from "./channel-outcome";
import { defineResource, prose } from "./definition";
import { exactlyOne } from "./exactly-one";
import { projectPath } from "./artifact";
import { repository } from "./shapes";

const webAddress = z.url({ protocol: /^https?$/, error: "an address with https is expected" });

const overview = z
  .strictObject({
    text: prose().optional().describe("The text."),
    file: projectPath.optional().meta({
      description: "File with the text, relative to the project's folder and inside it.",
      examples: ["README.md"],
    }),
    links: webAddress.optional().meta({
      description:
        "Folder of the text as people see it on the Web: relative links lead there. Default: there must be none.",
      examples: ["https://github.com/acme/hello/blob/HEAD"],
    }),
  })
  .superRefine(exactlyOne(["text", "file"], "says nothing", '{ file: "README.md" }'))
  .meta({
    id: "RepositoryOverview",
    description: "The text of a repository's page: exactly one of text and file.",
  });

const login = z
  .strictObject({
    username: z
      .string()
      .min(1)
      .optional()
      .describe("User name; for Docker Hub also an organization. Quay takes none."),
    password: z.string().min(1).describe("Password or token, a secret."),
  })
  .meta({ id: "CuratorLogin", description: "Who may change what is shown of a repository." });

const lines = (what: string) => prose().optional().describe(`${what} Default: it stays as it is.`);

/** `slipway:oci:RepositoryMetadata`: what a registry shows of a repository. */
export const repositoryMetadataDefinition = defineResource({
  token: "slipway:oci:RepositoryMetadata",
  description:
    "What a registry shows of a repository beside its content: descriptions, who may see it, which tags never move. It is " +
    "told and set by the registry's own API: Docker Hub's, Quay's or Harbor's. Fields that are not declared stay as they " +
    "are; what somebody has edited by hand in the others is seen and put back. A repository that is not there is made " +
    "where that takes no push. Removing the resource changes nothing there.",
  inputs: z.strictObject({
    repository,
    kind: z.enum(metadataKinds).describe("Whose API it is."),
    api: webAddress.optional().meta({
      description:
        "Address of the API. Default: that of the service, and for one of your own the repository's host.",
      examples: ["https://hub.docker.com"],
    }),
    login: login
      .optional()
      .describe(
        "Who may change it. Default: who pushes, where the API takes that; many tokens that push may not.",
      ),
    description: lines("One line in lists, Docker Hub's: at most 100 bytes."),
    overview: overview
      .optional()
      .describe(
        "The text of its page, in Markdown. Docker Hub: at most 25,000 bytes. Default: it stays as it is.",
      ),
    categories: z
      .array(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "a slug is expected"))
      .optional()
      .meta({
        description:
          "Slugs of Docker Hub's categories. Its API tells them and does not set them: where others are there, the " +
          "state is `awaiting`, and says where somebody can choose them.",
        examples: [["databases"]],
      }),
    visibility: z
      .enum(["public", "private"])
      .optional()
      .describe("Who may see it; at Harbor the whole project. Default: it stays as it is."),
    immutableTags: z
      .array(z.string().min(1))
      .optional()
      .meta({
        description:
          "Patterns of tags that never move, as the service writes them: regular expressions, and for Harbor globs. " +
          "None: all may move. Default: the rules stay as they are.",
        examples: [["^v[0-9]+\\.[0-9]+\\.[0-9]+"]],
      }),
    gated,
    fullDescription: z.string().optional().describe("Computed: the text with absolute links."),
  }),
  computed: ["fullDescription"],
  outputs: z.strictObject({
    ...channelOutcome,
    page: z.string().describe("Address of its page."),
    description: z.string().optional().describe("One line in lists, as the registry has it."),
    fullDescription: z.string().optional().describe("The text of its page, as the registry has it."),
    categories: z.array(z.string()).optional().describe("Slugs of its categories."),
    visibility: z.enum(["public", "private"]).optional().describe("Who may see it."),
    immutableTags: z.array(z.string()).optional().describe("Patterns of tags that never move."),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["overview"],
});
