import { McpRegistry } from "../../../lib/channels/mcp/registry";
import { officialRegistry } from "../../../lib/channels/mcp/names";
import { failure, notAsked, ok, type Answer } from "../../../lib/doctor/finding";
import { mcpServerDefinition } from "../../../resources/definitions/mcp-server";
import { hasUnknown } from "../../base/unknown";
import { identityOf, NoIdentity } from "../../mcp/identity";
import { workflowToken } from "../../mcp/workflow-token";
import type { DoctorCheck } from "../check";

/** Registries of MCP servers: whether they take who publishes. */
export const mcpCheck: DoctorCheck = {
  name: "mcp",
  order: 75,
  questions: ({ declared }) =>
    declared.of(mcpServerDefinition, "registry").map(({ inputs, account }) => {
      const address = new URL(inputs.registry ?? officialRegistry);
      return {
        about: address.host,
        ask: async (signal): Promise<Answer[]> => {
          const { anonymous, githubToken, domain } = inputs;
          if (hasUnknown({ anonymous, githubToken, domain }))
            return [notAsked("who publishes is known only in a release")];
          const context = await account.context(signal);
          const onSecret = (text: string) => context.addSecret(text);
          const registry = new McpRegistry({ address, signal, onSecret });
          try {
            await registry.signIn(
              await identityOf(inputs, address, (audience) => workflowToken(audience, onSecret)),
            );
            return [
              ok("who publishes is taken"),
              notAsked("whether the name of the server is theirs: only a publication says that"),
            ];
          } catch (error) {
            if (!(error instanceof NoIdentity)) throw error;
            return [failure(error.message, "See docs/channels/mcp.md.")];
          } finally {
            await registry.close();
          }
        },
      };
    }),
};
