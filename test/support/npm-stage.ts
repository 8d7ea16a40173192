import { createHash, randomUUID } from "node:crypto";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";
import type { PackageRegistry } from "./npm-registry";

/** The document of a version that is staged (npm/api-documentation, `stage.yaml`: StagedPackumentRequest). */
const stagedDocument = z.looseObject({
  name: z.string(),
  // The description has `private`; npm's own client sends `restricted`, as for a version that is published, or null.
  access: z.enum(["public", "private", "restricted"]).nullish(),
  versions: z.record(z.string(), z.looseObject({})).refine((all) => Object.keys(all).length === 1),
  "dist-tags": z.record(z.string(), z.string()),
  _attachments: z.record(
    z.string(),
    z.looseObject({ data: z.base64(), content_type: z.literal("application/octet-stream") }),
  ),
});

interface Staged {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly tag: string;
  readonly createdAt: string;
  readonly actor: string;
  readonly actorType: string;
  readonly access: string;
  readonly shasum: string;
}

/** What it takes as a second factor. */
export const secondFactor = "123456";

/**
 * A registry of npm with a stage, as npm's own has one: a stand-in that is held to its published
 * description, in front of a registry that is real.
 */
export class StagingRegistry {
  /** What was asked, and was against the description. */
  readonly violations: string[] = [];
  /** Requests that changed the stage, with their status. */
  readonly changes: string[] = [];
  private readonly stage = new Map<string, { item: Staged; body: Buffer }>();

  private constructor(
    private readonly registry: PackageRegistry,
    /** A token that may stage, and publish nothing. */
    readonly stageToken: string,
    private readonly server = createServer((request, response) => void this.serve(request, response)),
  ) {}

  static async start(registry: PackageRegistry, stageToken: string): Promise<StagingRegistry> {
    const started = new StagingRegistry(registry, stageToken);
    await new Promise<void>((resolve) => started.server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get staged(): Staged[] {
    return [...this.stage.values()].map(({ item }) => item);
  }

  /** Takes a version off the stage, as somebody does who does not want it. */
  reject(id: string): void {
    this.stage.delete(id);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const bytes = Buffer.concat(body);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, content?: unknown) => {
      const isChange = request.method !== "GET" && pathname.startsWith("/-/stage");
      if (isChange) this.changes.push(`${request.method} ${pathname} ${status}`);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(content === undefined ? "" : JSON.stringify(content));
    };
    try {
      if (!pathname.startsWith("/-/stage")) {
        const isRefused = this.isStager(request) && request.method !== "GET";
        if (isRefused) answer(403, { message: "This token may stage, and not publish" });
        else await this.pass(request, bytes, response);
        return;
      }
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      if (token !== this.registry.token && token !== this.stageToken) {
        answer(401, { message: "Unauthorized" });
        return;
      }
      const [, , , first = "", second = ""] = pathname.split("/");
      if (first === "") answer(200, this.list(searchParams));
      else if (first === "package") await this.put(decodeURIComponent(second), bytes, answer);
      else await this.act(request, first, second, answer);
    } catch (error) {
      this.violations.push(`${request.method} ${request.url}: ${(error as Error).message}`);
      answer(400, { message: (error as Error).message });
    }
  }

  private list(query: URLSearchParams) {
    const page = Number(query.get("page") ?? 0);
    const perPage = Number(query.get("perPage") ?? 10);
    if (perPage > 100) throw new Error("perPage is at most 100");
    const name = query.get("package");
    const all = this.staged.filter(({ packageName }) => name === null || packageName === name).reverse();
    return {
      items: all.slice(page * perPage, (page + 1) * perPage),
      page,
      perPage,
      total: all.length,
    };
  }

  private async put(name: string, bytes: Buffer, answer: (status: number, content?: unknown) => void) {
    const document = stagedDocument.parse(JSON.parse(bytes.toString("utf8")));
    if (document.name !== name) throw new Error(`${document.name} is sent to ${name}`);
    const { status, text } = await this.ask("GET", `/${name.replace("/", "%2f")}`);
    if (status === 404) {
      answer(404, { message: "Not Found - The specified package does not exist." });
      return;
    }
    const [version = ""] = Object.keys(document.versions);
    const { versions } = JSON.parse(text) as { versions: object };
    const isThere = this.staged.some((one) => one.packageName === name && one.version === version);
    if (isThere || version in versions) {
      answer(409, { message: "Conflict - The request could not be completed due to a conflict." });
      return;
    }
    const [tarball] = Object.values(document._attachments);
    const item: Staged = {
      id: randomUUID(),
      packageName: name,
      version,
      tag: Object.keys(document["dist-tags"])[0] ?? "latest",
      createdAt: new Date().toISOString(),
      actor: "ci",
      actorType: "user",
      access: document.access === "public" ? "public" : "private",
      shasum: createHash("sha1")
        .update(Buffer.from(tarball?.data ?? "", "base64"))
        .digest("hex"),
    };
    this.stage.set(item.id, { item, body: bytes });
    answer(201, { message: "Package version staged successfully.", stageId: item.id });
  }

  private async act(
    request: IncomingMessage,
    id: string,
    action: string,
    answer: (status: number, content?: unknown) => void,
  ) {
    const found = this.stage.get(id);
    if (found === undefined) {
      answer(404, { message: "Not Found - No staged package version found with the provided ID." });
    } else if (request.method === "GET" && action === "") {
      answer(200, found.item);
    } else if (request.headers["npm-otp"] !== secondFactor || this.isStager(request)) {
      answer(401, { message: "Unauthorized" });
    } else if (request.method === "POST" && action === "approve") {
      const name = found.item.packageName.replace("/", "%2f");
      const { status, text } = await this.ask("PUT", `/${name}`, found.body);
      if (status >= 300) throw new Error(`the registry behind answers ${status}: ${text}`);
      this.stage.delete(id);
      answer(201, { message: "Package version approved and published successfully." });
    } else if (request.method === "DELETE" && action === "") {
      this.stage.delete(id);
      answer(204);
    } else throw new Error("no such operation");
  }

  private isStager({ headers }: IncomingMessage): boolean {
    return headers.authorization === `Bearer ${this.stageToken}`;
  }

  private async ask(method: string, path: string, body?: Buffer): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${this.registry.token}`, "content-type": "application/json" };
    const answer = await fetch(`${this.registry.url}${path}`, {
      method,
      headers,
      ...(body && { body: new Uint8Array(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** Hands a request on to the registry behind, with its own token where it is asked with the other one. */
  private pass(request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const headers = { ...request.headers };
    if (this.isStager(request)) headers.authorization = `Bearer ${this.registry.token}`;
    return new Promise((resolve, reject) => {
      const passed = httpRequest(
        new URL(request.url ?? "/", this.registry.url),
        { method: request.method, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response).once("close", resolve);
        },
      );
      passed.once("error", reject).end(bytes);
    });
  }
}
