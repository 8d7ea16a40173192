import * as z from "zod";
import { HttpTransport, type HttpRequest, type HttpResponse } from "../../oci/transport/http";
import { sendWithRetry } from "../../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../../oci/transport/wait-budget";
import { wordsOf } from "../answer-words";
import { McpRegistryError } from "./registry-error";
import type { ServerJson } from "./server-json";
import { serverStatuses, type ServerStatus } from "./status";

/** Bytes of an answer that are read. */
const answerLimitBytes = 1024 * 1024;

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

/** How a registry is reached. */
export interface McpRegistryOptions {
  readonly address: URL;
  readonly retry?: RetryPolicy;
  readonly onWait?: OnWait;
  /** Gets the token that is exchanged, before it is sent anywhere. */
  readonly onSecret?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * A registry of MCP servers.
 *
 * Source: docs/reference/api/openapi.yaml and official-registry-api.md of modelcontextprotocol/registry 1.8.8 (v0.1).
 */
export class McpRegistry {
  /** The registry in messages. */
  readonly place: string;
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  constructor(private readonly options: McpRegistryOptions) {
    this.place = options.address.host;
    this.retry = options.retry ?? defaultRetryPolicy;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** A version as the registry has it, also a deleted one; undefined where it never had it. @throws McpRegistryError */
  async find(name: string, version: string): Promise<PublishedServer | undefined> {
    const operation = `reading ${name} ${version} at ${this.place}`;
    const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}?include_deleted=true`;
    const response = await this.send(operation, "GET", path);
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    return publishedOf(await this.json(operation, response, answered));
  }

  /** Exchanges an identity for a token of the registry. @throws McpRegistryError */
  async signIn({ kind, ...body }: McpIdentity): Promise<string> {
    const operation = `signing in to ${this.place}`;
    const response = await this.send(operation, "POST", `v0.1/auth/${kind}`, body);
    const { registry_token: token } = await this.json(operation, response, exchanged);
    this.options.onSecret?.(token);
    return token;
  }

  /** Publishes a version: it never changes after that. @throws McpRegistryError */
  async publish(server: ServerJson, token: string): Promise<PublishedServer> {
    const operation = `publishing ${server.name} ${server.version} to ${this.place}`;
    return publishedOf(
      await this.json(operation, await this.send(operation, "POST", "v0.1/publish", server, token), answered),
    );
  }

  /** Sets the status of a version. @throws McpRegistryError */
  async setStatus(
    { name, version }: Pick<ServerJson, "name" | "version">,
    status: { readonly status: ServerStatus; readonly statusMessage?: string | undefined },
    token: string,
  ): Promise<PublishedServer> {
    const operation = `marking ${name} ${version} as ${status.status} at ${this.place}`;
    const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}/status`;
    return publishedOf(
      await this.json(operation, await this.send(operation, "PATCH", path, status, token), answered),
    );
  }

  private async send(
    operation: string,
    method: "GET" | "POST" | "PATCH",
    path: string,
    body?: object,
    token?: string,
  ): Promise<HttpResponse> {
    const { address, signal, onWait } = this.options;
    const request: HttpRequest = {
      method,
      url: new URL(path, address.href.replace(/\/*$/, "/")),
      headers: {
        accept: "application/json",
        "user-agent": "slipway",
        ...(body && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: Buffer.from(JSON.stringify(body)) }),
      withinOrigin: true,
      ...(signal && { signal }),
    };
    try {
      return await sendWithRetry(this.transport, request, this.retry, new WaitBudget(this.retry, onWait));
    } catch (error) {
      signal?.throwIfAborted();
      const { message, code } = error as NodeJS.ErrnoException;
      throw new McpRegistryError(
        `${operation}: ${[message, code].find(Boolean) ?? "no answer"}. Check the address and the network, and run again`,
        undefined,
        { cause: error },
      );
    }
  }

  private async json<T extends z.ZodType>(
    operation: string,
    response: HttpResponse,
    shape: T,
  ): Promise<z.infer<T>> {
    const { status } = response;
    if (status < 200 || status >= 300) {
      const words = saidOf(await response.head(answerLimitBytes));
      throw new McpRegistryError(`${operation}: HTTP ${status}${words === "" ? "" : ` (${words})`}`, status);
    }
    const text = (await response.bytes(answerLimitBytes)).toString("utf8");
    try {
      return shape.parse(JSON.parse(text));
    } catch (error) {
      throw new McpRegistryError(`${operation}: the answer is not one of an MCP registry`, status, {
        cause: error,
      });
    }
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
