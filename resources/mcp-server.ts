// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { mcpServerDefinition } from "./definitions/mcp-server";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link McpServer}. */
export type McpServerArgs = {
  /**
   * Registry. Default: `https://registry.modelcontextprotocol.io`. Example:
   * `"https://registry.modelcontextprotocol.io"`.
   */
  registry?: pulumi.Input<string | undefined>;
  /**
   * `server.json`, as text. Example:
   * `"{\"$schema\":\"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json\",
   * …}"`.
   */
  server: pulumi.Input<string>;
  /**
   * Token of GitHub, a secret: for names below `io.github.`. Default: the identity of the workflow of
   * GitHub Actions, which needs `id-token: write`.
   */
  githubToken?: pulumi.Input<string | undefined>;
  /** Domain that proves whose the name is, in the place of GitHub. */
  domain?: DeepInput<types.McpDomain | undefined>;
  /** Whether the registry is asked to take it from anybody, as one for tests does. Default: false. */
  anonymous?: pulumi.Input<boolean | undefined>;
  /** Status of the version. Default: `active`. */
  status?: pulumi.Input<"active" | "deprecated" | "deleted" | undefined>;
  /** Why it is deprecated or deleted, and what to take instead. */
  statusMessage?: pulumi.Input<string | undefined>;
  /**
   * Whether a pre-release is published too, which everybody gets then who names no version. Default:
   * false.
   */
  prereleases?: pulumi.Input<boolean | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * A version of a server in a registry of the Model Context Protocol. A version that the registry
 * has with the same content is left alone; one that it has with another is refused, because a
 * published version never changes. A pre-release is `held`, unless it is asked for: the registry
 * would give it to everybody who names no version. Its status is set, and put back. Removing the
 * resource leaves the version. (`slipway:mcp:Server`)
 */
export class McpServer
  extends pulumi.CustomResource
  implements ObservedProperties<typeof mcpServerDefinition>
{
  /**
   * `server.json`, as text. Example:
   * `"{\"$schema\":\"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json\",
   * …}"`.
   */
  declare readonly server: pulumi.Output<string>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Digest of the content that the registry has. */
  declare readonly published: pulumi.Output<string | undefined>;
  /** Status that the registry has. */
  declare readonly foundStatus: pulumi.Output<"active" | "deprecated" | "deleted" | undefined>;
  /** Message of that. */
  declare readonly foundMessage: pulumi.Output<string | undefined>;
  /** Whether it is what clients get who name no version. */
  declare readonly isLatest: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: McpServerArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      published: undefined,
      foundStatus: undefined,
      foundMessage: undefined,
      isLatest: undefined,
    };
    super(
      "slipway:mcp:Server",
      name,
      properties<typeof mcpServerDefinition>(outputs, args),
      retained(options),
    );
  }
}
