import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AskedMetrics } from "../../lib/metrics/asked";

/** What a service answers: JSON with a status, headers and a body, or what a test does with the connection. */
export type UsageAnswer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | ((response: ServerResponse) => void);

/**
 * A stand-in for the services that tell how software is used: Docker Hub, Quay, npm, pypistats.org, formulae.brew.sh and
 * GitHub, on one port. It answers what a test gives it, in the forms of their published APIs, and 404 for the rest; it has
 * never been compared with the services themselves.
 */
export class UsageServices {
  /** Answers by path, without the query; several are given in turns, the last one for good. */
  readonly answers = new Map<string, UsageAnswer[]>();
  /** Path with query of each request, and its headers. */
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"] }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<UsageServices> {
    const server = createServer();
    const services = new UsageServices(server);
    server.on("request", (request: IncomingMessage, response: ServerResponse) =>
      services.answer(request, response),
    );
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return services;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get addresses(): AskedMetrics["addresses"] {
    const { url } = this;
    return { dockerHub: url, quay: url, npm: url, pypi: url, homebrew: url };
  }

  /** Answers a path with JSON, or in turns with what is given. */
  on(path: string, ...answers: UsageAnswer[]): void {
    this.answers.set(path, answers);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    this.requests.push({ path: url, headers });
    const answers = this.answers.get(url.split("?")[0] ?? "") ?? [];
    const [first] = answers.length > 1 ? answers.splice(0, 1) : answers;
    const answer = first ?? { status: 404, body: { message: "not found" } };
    if (typeof answer === "function") {
      answer(response);
      return;
    }
    const { status = 200, headers: more = {}, body } = answer;
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }
}

/** A public repository as Docker Hub tells it. */
export function hubRepository(pulls: number, stars: number): object {
  return { name: "app", is_private: false, pull_count: pulls, star_count: stars };
}

/** A release as GitHub lists it, with how often its files were downloaded. */
export function listedRelease(
  tag: string,
  downloads: Readonly<Record<string, number>>,
  draft = false,
): object {
  const assets = Object.entries(downloads).map(([name, count], index) => ({
    id: index + 1,
    name,
    state: "uploaded",
    size: 1,
    download_count: count,
  }));
  return { id: 1, tag_name: tag, draft, prerelease: false, assets };
}

/** Completed runs of CI as GitHub lists them, by how they ended. */
export function listedRuns(conclusions: Readonly<Record<string, number>>): object {
  const runs = Object.entries(conclusions).flatMap(([conclusion, count]) =>
    Array.from({ length: count }, () => ({ status: "completed", conclusion })),
  );
  return { total_count: runs.length, workflow_runs: runs };
}
