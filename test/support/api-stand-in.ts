import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

/** An answer of a stand-in. */
export interface StandInAnswer {
  readonly status: number;
  readonly content?: unknown;
}

/** A request to one. */
export interface StandInRequest {
  readonly method: string;
  /** As it was sent: names in it may be encoded. */
  readonly pathname: string;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** A server that stands in for the API of a service, in JSON. */
export abstract class ApiStandIn {
  /** Each request, as `METHOD path status`. */
  readonly requests: string[] = [];
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly refusals: number[] = [];

  protected abstract route(request: StandInRequest): StandInAnswer;
  /** The error of a request that is against the description of the API. */
  protected abstract badRequest(message: string): StandInAnswer;

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Requests that changed something, or tried to. */
  get writes(): string[] {
    return this.requests.filter((line) => !/^(GET|HEAD) /.test(line));
  }

  /** Answers the next request with a status, whatever it is. */
  refuseNext(status: number): void {
    this.refusals.push(status);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const { method = "", headers } = request;
    const { status, content } = this.answerTo({
      method,
      pathname,
      headers,
      body: text === "" ? undefined : JSON.parse(text),
    });
    this.requests.push(`${method} ${pathname} ${status}`);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(content === undefined ? "" : JSON.stringify(content));
  }

  private answerTo(request: StandInRequest): StandInAnswer {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return { status: refusal, content: { message: "try again later" } };
    try {
      return this.route(request);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return this.badRequest(
        error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join(", "),
      );
    }
  }
}
