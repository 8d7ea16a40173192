import { spawn, execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** git's own server for HTTP (git-http-backend(1)), for whoever has the token. */
export class GitServer {
  /** Authorization of each request, in order. */
  readonly authorizations: (string | undefined)[] = [];
  /** Where requests are sent instead, if anywhere. */
  redirect: string | undefined;

  private constructor(
    private readonly root: string,
    private readonly token: string,
    private readonly server = createServer((request, response) => this.serve(request, response)),
  ) {}

  /** @param root folder with bare repositories */
  static async start(root: string, token: string): Promise<GitServer> {
    const started = new GitServer(root, token);
    await new Promise<void>((resolve) => started.server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers;
    this.authorizations.push(authorization);
    const { pathname, search } = new URL(request.url ?? "/", this.url);
    if (this.redirect !== undefined) {
      response.writeHead(302, { location: `${this.redirect}${pathname}${search}` }).end();
      return;
    }
    const expected = `Basic ${Buffer.from(`x-access-token:${this.token}`).toString("base64")}`;
    if (authorization !== expected) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    serveGit(this.root, request, response);
  }
}

/** Answers as git's own server for HTTP does, whoever asks. @param root folder with bare repositories */
export function serveGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REMOTE_USER: "releases",
    },
  });
  request.pipe(backend.stdin);
  const parts: Buffer[] = [];
  backend.stdout.on("data", (part: Buffer) => parts.push(part));
  backend.once("close", () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf("\r\n\r\n");
    const headers = Object.fromEntries(
      all
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(": ") as [string, string]),
    );
    const status = Number.parseInt(headers.Status ?? "200", 10);
    delete headers.Status;
    response.writeHead(status, headers).end(all.subarray(end + 4));
  });
}

/** Runs git as somebody else does, in a folder, and returns what it prints. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=Other", "-c", "user.email=other@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();
}
