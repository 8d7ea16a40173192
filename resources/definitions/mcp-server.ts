import * as z from "zod";
import { checkMcpRegistry, officialRegistry } from "../../lib/channels/mcp/names";
import { serverStatuses } from "../../lib/channels/mcp/status";
import { checkServerText } from "../../lib/channels/mcp/server-json";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource } from "./definition";

/** `slipway:mcp:Server`: a version of a server in a registry of the Model Context Protocol. */
export const mcpServerDefinition = defineResource({
  token: "slipway:mcp:Server",
  description:
    "A version of a server in a registry of the Model Context Protocol. A version that the registry has with the same " +
    "content is left alone; one that it has with another is refused, because a published version never changes. A " +
    "pre-release is `held`, unless it is asked for: the registry would give it to everybody who names no version. " +
    "Its status is set, and put back. Removing the resource leaves the version.",
  inputs: z.strictObject({
    registry: checked(checkMcpRegistry)
      .optional()
      .meta({ description: `Registry. Default: \`${officialRegistry}\`.`, examples: [officialRegistry] }),
    server: checked(checkServerText).meta({
      description: "`server.json`, as text.",
      examples: [
        '{"$schema":"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json", …}',
      ],
    }),
    githubToken: z
      .string()
      .optional()
      .describe(
        "Token of GitHub, a secret: for names below `io.github.`. Default: the identity of the workflow of GitHub " +
          "Actions, which needs `id-token: write`.",
      ),
    domain: z
      .strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "a domain is expected")
          .meta({ description: "Domain, whose reverse the name begins with.", examples: ["acme.example"] }),
        proof: z
          .enum(["dns", "http"])
          .describe("Where the public key is: in a TXT record, or at `/.well-known/mcp-registry-auth`."),
        key: z.string().describe("Private key of Ed25519, in PEM, a secret."),
      })
      .meta({ id: "McpDomain", description: "A domain that proves whose a name is." })
      .optional()
      .describe("Domain that proves whose the name is, in the place of GitHub."),
    anonymous: z
      .boolean()
      .optional()
      .describe(
        "Whether the registry is asked to take it from anybody, as one for tests does. Default: false.",
      ),
    status: z.enum(serverStatuses).optional().describe("Status of the version. Default: `active`."),
    statusMessage: z
      .string()
      .max(500)
      .optional()
      .describe("Why it is deprecated or deleted, and what to take instead."),
    prereleases: z
      .boolean()
      .optional()
      .describe(
        "Whether a pre-release is published too, which everybody gets then who names no version. Default: false.",
      ),
    gated,
  }),
  outputs: z.strictObject({
    ...channelOutcome,
    published: z.string().optional().describe("Digest of the content that the registry has."),
    foundStatus: z.enum(serverStatuses).optional().describe("Status that the registry has."),
    foundMessage: z.string().optional().describe("Message of that."),
    isLatest: z.boolean().optional().describe("Whether it is what clients get who name no version."),
  }),
  retained: true,
  replaceOn: ["registry"],
});
