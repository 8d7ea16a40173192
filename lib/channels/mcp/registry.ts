import * as z from "zod";
import { JsonApi, type JsonApiOptions, type JsonRequest } from "../../json-api/json-api";
import { wordsOf } from "../../text/answer-words";
import type { ServerJson } from "./server-json";
import { serverStatuses, type ServerStatus } from "./status";

/** A version as a registry has it. */
export interface PublishedServer {
  readonly server: unknown;
  readonly status: ServerStatus;
  readonly statusMessage?: string | undefined;
  /** Whether it is the version that clients get who name none. */
  readonly isLatest: boolean;
}

/** Who publishes: each is exchanged for a token of the registry that lives some minutes. */
export type McpIdentity =
  | { readonly kind: "github-at"; readonly github_token: string }
  | { readonly kind: "github-oidc"; readonly oidc_token: string }
  | {
      readonly kind: "dns" | "http";
      readonly domain: string;
      readonly timestamp: string;
      readonly signed_timestamp: string;
    }
  | { readonly kind: "none" };

const metaKey = "io.modelcontextprotocol.registry/official";

const answered = z.looseObject({
  server: z.unknown(),
  _meta: z.looseObject({
    [metaKey]: z.looseObject({
      status: z.enum(serverStatuses),
      statusMessage: z.string().nullish(),
      isLatest: z.boolean(),
    }),
  }),
});

const exchanged = z.looseObject({ registry_token: z.string().min(1) });

/**
 * A registry of MCP servers.
 *
 * Source: docs/reference/api/openapi.yaml and official-registry-api.md of modelcontextprotocol/registry 1.8.8 (v0.1).
 */
export class McpRegistry {
  /** The registry in messages. */
  readonly place: string;
  private readonly api: JsonApi;

  constructor(private readonly options: JsonApiOptions) {
    this.place = options.address.host;
    this.api = new JsonApi(options, { of: "an MCP registry", words: saidOf });
  }

  async close(): Promise<void> {
    await this.api.close();
  }

  /** A version as the registry has it, also a deleted one; undefined where it never had it. @throws ApiError */
  async find(name: string, version: string): Promise<PublishedServer | undefined> {
    const operation = `reading ${name} ${version} at ${this.place}`;
    const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}?include_deleted=true`;
    const response = await this.api.send(operation, { method: "GET", path });
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    return publishedOf(await this.api.json(operation, response, answered));
  }

  /** Exchanges an identity for a token of the registry. @throws ApiError */
  async signIn({ kind, ...body }: McpIdentity): Promise<string> {
    const operation = `signing in to ${this.place}`;
    const request = { method: "POST", path: `v0.1/auth/${kind}`, body } as const;
    const { registry_token: token } = await this.ask(operation, exchanged, request);
    this.options.onSecret?.(token);
    return token;
  }

  /** Publishes a version: it never changes after that. @throws ApiError */
  async publish(server: ServerJson, token: string): Promise<PublishedServer> {
    const operation = `publishing ${server.name} ${server.version} to ${this.place}`;
    const request = { method: "POST", path: "v0.1/publish", body: server } as const;
    return publishedOf(await this.ask(operation, answered, request, token));
  }

  /** Sets the status of a version. @throws ApiError */
  async setStatus(
    { name, version }: Pick<ServerJson, "name" | "version">,
    status: { readonly status: ServerStatus; readonly statusMessage?: string | undefined },
    token: string,
  ): Promise<PublishedServer> {
    const operation = `marking ${name} ${version} as ${status.status} at ${this.place}`;
    const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}/status`;
    const request = { method: "PATCH", path, body: status } as const;
    return publishedOf(await this.ask(operation, answered, request, token));
  }

  private async ask<T extends z.ZodType>(
    operation: string,
    shape: T,
    request: JsonRequest,
    token?: string,
  ): Promise<z.infer<T>> {
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    return this.api.json(operation, await this.api.send(operation, { ...request, authorization }), shape);
  }
}

function publishedOf({ server, _meta }: z.infer<typeof answered>): PublishedServer {
  const { status, statusMessage, isLatest } = _meta[metaKey];
  return { server, status, isLatest, ...(statusMessage ? { statusMessage } : {}) };
}

const problem = z.looseObject({
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ message: z.string().optional() })).nullish(),
});

/** What an error says (RFC 9457), with each of its causes. */
function saidOf(body: Buffer): string {
  try {
    const { detail, errors } = problem.parse(JSON.parse(body.toString("utf8")));
    const words = [detail, ...(errors ?? []).map(({ message }) => message)].filter(
      (text) => text !== undefined,
    );
    return wordsOf(Buffer.from(words.join(": ")));
  } catch {
    return wordsOf(body);
  }
}
