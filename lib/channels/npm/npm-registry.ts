import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { isTemporaryStatus } from "../../oci/errors";
import { parseBoundedJson } from "../../oci/bounded-json";
import {
  commitTimeoutMs,
  HttpTransport,
  type HttpRequest,
  type HttpResponse,
} from "../../oci/transport/http";
import { askedWaitMs, isConnectionError, pause, sendWithRetry } from "../../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../../oci/transport/wait-budget";
import { cleanLine } from "../../text/terminal";
import type { PackageFile } from "./package-file";
import { otherStaged, readStagedPage, type StagedVersion } from "./staged-version";

/** Bytes of a packument that are read: the largest have some ten megabytes. */
const packumentLimitBytes = 256 * 1024 * 1024;

/** Values in the JSON of a packument. */
const maximumValues = 8_000_000;

/** Bytes of an answer that are read. */
const answerLimitBytes = 64 * 1024;

/** Entries of a page of what is staged, which is the most that npm gives. */
const stagedPerPage = 100;

/** Pages of it that are read. */
const mostStagedPages = 50;

/** Characters of a registry's words that are repeated. */
const longestWords = 400;

/** What a registry has of a package. */
export interface Packument {
  /** Integrity of each version, `sha512-BASE64`; of old ones `sha1-BASE64`. */
  readonly versions: ReadonlyMap<string, string>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A request to a registry that failed for good: what, where, what it said, and what to do. */
export class NpmRegistryError extends Error {
  override readonly name = "NpmRegistryError";
  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get isAccessRefused(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** How a registry is reached. */
export interface NpmRegistryOptions {
  url: URL;
  token?: string | undefined;
  /** Who may see a new package with a scope. */
  access: "public" | "restricted";
  retry?: RetryPolicy;
  onWait?: OnWait;
  signal?: AbortSignal;
}

/** A registry of npm packages. Source: npm/registry, docs/REGISTRY-API.md, and libnpmpublish. */
export class NpmRegistry {
  readonly place: string;
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  constructor(private readonly options: NpmRegistryOptions) {
    this.place = options.url.host;
    this.retry = options.retry ?? defaultRetryPolicy;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** Name of the account that the token is of. @throws NpmRegistryError where it is taken by nobody */
  async account(): Promise<string> {
    const operation = `asking ${this.place} whose the token is`;
    const response = await this.ask({ method: "GET", url: this.below("/-/whoami") }, operation);
    if (response.status !== 200) throw await this.failure(operation, response);
    return this.readAnswer(operation, response, (parsed) => {
      const { username } = (parsed ?? {}) as { username?: unknown };
      if (typeof username !== "string" || username === "") throw new Error("it names no account");
      return cleanLine(username);
    });
  }

  /** What the registry has of a package; nothing for one that it does not have. @throws NpmRegistryError */
  async packument(name: string): Promise<Packument> {
    const operation = `reading ${name} at ${this.place}`;
    const response = await this.ask({ method: "GET", url: this.address(name) }, operation);
    if (response.status === 404) {
      await response.discard();
      return { versions: new Map(), tags: {} };
    }
    if (response.status !== 200) throw await this.failure(operation, response);
    return this.readAnswer(operation, response, packumentOf);
  }

  /**
   * Publishes a package under a tag. Where it is unknown what became of a try, it is looked for
   * before another one.
   *
   * @throws NpmRegistryError, also where the version is there with other bytes
   */
  async publish(file: PackageFile, tag: string): Promise<void> {
    const { name, version } = file;
    const body = await this.document(file, tag);
    await this.deliver(
      `publishing ${name}@${version} to ${this.place}`,
      { method: "PUT", url: this.address(name), body },
      async () => {
        const there = (await this.packument(name).catch(() => undefined))?.versions.get(version);
        if (there === undefined || isSameContent(file, there)) return there;
        throw new NpmRegistryError(otherContent(file, this.place, there));
      },
    );
  }

  /**
   * What of a package waits for approval, as far as the account sees it. Source: npm/api-documentation,
   * `stage.yaml`.
   *
   * @throws NpmRegistryError
   */
  async staged(name: string): Promise<StagedVersion[]> {
    const operation = `reading what of ${name} is staged at ${this.place}`;
    const found: StagedVersion[] = [];
    for (let page = 0, seen = 0; page < mostStagedPages; page++) {
      const url = this.below("/-/stage");
      url.search = new URLSearchParams({
        package: name,
        page: String(page),
        perPage: String(stagedPerPage),
      }).toString();
      const response = await this.ask({ method: "GET", url }, operation);
      if (response.status !== 200) {
        const hint = response.status === 404 ? ". It has no stage: leave out `staged`" : undefined;
        throw await this.failure(operation, response, hint);
      }
      const { items, total } = await this.readAnswer(operation, response, (parsed) =>
        readStagedPage(parsed, name),
      );
      found.push(...items);
      seen += stagedPerPage;
      if (seen >= total) return found;
    }
    throw new NpmRegistryError(`${operation}: there are more than ${mostStagedPages * stagedPerPage}`);
  }

  /**
   * Puts a package on the stage, as {@link publish} publishes it.
   *
   * @param tag that it has once somebody approves it
   * @returns by what it is approved
   * @throws NpmRegistryError, also where the version is there with other bytes
   */
  async stage(file: PackageFile, tag: string): Promise<string> {
    const { name, version } = file;
    const body = await this.document(file, tag);
    const find = async () => {
      const all = await this.staged(name).catch(() => []);
      const there = all.find((one) => one.version === version);
      if (there === undefined || there.shasum === file.shasum) return there?.id;
      throw new NpmRegistryError(otherStaged(file, this.place, there));
    };
    const operation = `staging ${name}@${version} at ${this.place}`;
    const url = this.below(`/-/stage/package/${name.replace("/", "%2f")}`);
    const found = await this.deliver(operation, { method: "POST", url, body }, find, {
      404: ". The first version of a package may have to be published without `staged`",
    });
    // Its answer has the ID too; the list is what those see who approve.
    const id = found ?? (await find());
    if (id !== undefined) return id;
    throw new NpmRegistryError(`${operation}: it was taken, and is not listed. Run again`);
  }

  /**
   * Sends what changes something. Where it is unknown what became of a try, it is looked for before
   * another one.
   *
   * @returns what was found there, or undefined where the answer says that it was taken
   * @throws NpmRegistryError
   */
  private async deliver(
    operation: string,
    request: HttpRequest,
    find: () => Promise<string | undefined>,
    hints: Readonly<Record<number, string>> = {},
  ): Promise<string | undefined> {
    const waits = new WaitBudget(this.retry, this.options.onWait);
    for (let failures = 1; ; failures++) {
      let askedMs: number | undefined;
      let status: number | undefined;
      let failure: NpmRegistryError;
      try {
        const response = await this.transport.send(this.request({ ...request, timeoutMs: commitTimeoutMs }));
        ({ status } = response);
        if (status >= 200 && status < 300) {
          await response.discard();
          return undefined;
        }
        askedMs = askedWaitMs(response);
        failure = await this.failure(operation, response, hints[status]);
      } catch (error) {
        this.options.signal?.throwIfAborted();
        failure = this.unanswered(operation, error);
        if (!isConnectionError(error)) throw failure;
      }
      const there = await find();
      if (there !== undefined) return there;
      if (status !== undefined && !isTemporaryStatus(status)) throw failure;
      const next = {
        host: this.place,
        failures,
        ...(status !== undefined && { status }),
        ...(askedMs !== undefined && { askedMs }),
      };
      const waitMs = failures >= this.retry.attempts ? undefined : waits.take(next);
      if (waitMs === undefined) throw failure;
      await pause(waitMs, this.options.signal);
    }
  }

  private async readAnswer<T>(
    operation: string,
    response: HttpResponse,
    read: (parsed: unknown) => T,
  ): Promise<T> {
    try {
      return read(parseBoundedJson(await response.bytes(packumentLimitBytes), maximumValues));
    } catch (error) {
      throw new NpmRegistryError(
        `${operation}: the answer is not read: ${(error as Error).message}`,
        undefined,
        { cause: error },
      );
    }
  }

  /** Points a tag to a version. @throws NpmRegistryError */
  async setTag(name: string, tag: string, version: string): Promise<void> {
    const body = JSON.stringify(version);
    await this.change(
      { method: "PUT", url: this.tagAddress(name, tag), body },
      `tagging ${name}@${version} as ${tag} at ${this.place}`,
    );
  }

  /** Takes a tag away; one that is not there is no error. @throws NpmRegistryError */
  async removeTag(name: string, tag: string): Promise<void> {
    await this.change(
      { method: "DELETE", url: this.tagAddress(name, tag) },
      `removing the tag ${tag} of ${name} at ${this.place}`,
      [404],
    );
  }

  private async change(request: HttpRequest, operation: string, also: readonly number[] = []): Promise<void> {
    const response = await this.ask(request, operation);
    const { status } = response;
    if ((status < 200 || status >= 300) && !also.includes(status))
      throw await this.failure(operation, response);
    await response.discard();
  }

  private async document(file: PackageFile, tag: string): Promise<string> {
    const { name, version, manifest, integrity, shasum, path, size } = file;
    const tarball = `${name}-${version}.tgz`;
    const bytes = await readFile(path);
    if (`sha512-${createHash("sha512").update(bytes).digest("base64")}` !== integrity) {
      throw new NpmRegistryError(
        `${path} changed after it was looked at. Nothing of it was published: run again`,
      );
    }
    const dist = { integrity, shasum, tarball: `${this.address(name).href}/-/${tarball}` };
    return JSON.stringify({
      _id: name,
      name,
      description: manifest.description,
      "dist-tags": { [tag]: version },
      versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
      access: name.startsWith("@") ? this.options.access : undefined,
      _attachments: {
        [tarball]: { content_type: "application/octet-stream", data: bytes.toString("base64"), length: size },
      },
    });
  }

  private address(name: string): URL {
    return this.below(`/${name.replace("/", "%2f")}`);
  }

  private tagAddress(name: string, tag: string): URL {
    return this.below(`/-/package/${name.replace("/", "%2f")}/dist-tags/${encodeURIComponent(tag)}`);
  }

  private below(path: string): URL {
    return new URL(`${this.options.url.href.replace(/\/+$/, "")}${path}`);
  }

  private request(request: HttpRequest): HttpRequest {
    const { token, signal } = this.options;
    return {
      ...request,
      headers: {
        "user-agent": "slipway",
        accept: "application/json",
        ...(request.body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      withinOrigin: true,
      ...(signal && { signal }),
    };
  }

  private async ask(request: HttpRequest, operation: string): Promise<HttpResponse> {
    const waits = new WaitBudget(this.retry, this.options.onWait);
    try {
      return await sendWithRetry(this.transport, this.request(request), this.retry, waits);
    } catch (error) {
      this.options.signal?.throwIfAborted();
      throw this.unanswered(operation, error);
    }
  }

  private unanswered(operation: string, error: unknown): NpmRegistryError {
    if (error instanceof NpmRegistryError) return error;
    const { message, code } = error as NodeJS.ErrnoException;
    return new NpmRegistryError(
      `${operation}: ${[message, code].find(Boolean) ?? "no answer"}. Check the address and the network, and run again: what is there is found again`,
      undefined,
      { cause: error },
    );
  }

  private async failure(operation: string, response: HttpResponse, hint?: string): Promise<NpmRegistryError> {
    const { status } = response;
    const words = wordsOf((await response.head(answerLimitBytes)).toString("utf8"));
    return new NpmRegistryError(
      `${operation}: HTTP ${status}${words === "" ? "" : ` (${words})`}${hint ?? this.advice(status)}`,
      status,
    );
  }

  private advice(status: number): string {
    if (status === 401 || status === 403) {
      return this.options.token === undefined
        ? '. It wants credentials: give token, e.g. config.requireSecret("npmToken")'
        : ". The token is not accepted, or may not publish this package: look at its scope there (one that may only " +
            "stage needs `staged: true`)";
    }
    return status === 413 ? ". The package is larger than it takes" : "";
  }
}

/** Returns whether what a registry has is the content of a file. */
export function isSameContent({ integrity, shasum }: PackageFile, there: string): boolean {
  return there === integrity || there === `sha1-${Buffer.from(shasum, "hex").toString("base64")}`;
}

/** Why a version is not published: the registry has it with another content. */
export function otherContent(
  { name, version, integrity }: PackageFile,
  place: string,
  there: string,
): string {
  return (
    `${place} has ${name}@${version} with the integrity ${there}, and this program has it with ${integrity}: a ` +
    "published version does not change. Publish a new version"
  );
}

function packumentOf(parsed: unknown): Packument {
  const { versions, "dist-tags": tags } = (parsed ?? {}) as Record<string, unknown>;
  if (typeof versions !== "object" || versions === null) throw new Error("it has no versions");
  const found = Object.entries(versions as Record<string, unknown>).map(([version, manifest]) => {
    const { integrity, shasum } = ((manifest as { dist?: unknown } | null)?.dist ?? {}) as Record<
      string,
      unknown
    >;
    if (typeof integrity === "string") return [version, integrity] as const;
    const hex = typeof shasum === "string" ? shasum : "";
    return [version, `sha1-${Buffer.from(hex, "hex").toString("base64")}`] as const;
  });
  const named = Object.entries((tags ?? {}) as Record<string, unknown>).flatMap(([tag, version]) =>
    typeof version === "string" ? [[tag, version] as const] : [],
  );
  return { versions: new Map(found), tags: Object.fromEntries(named) };
}

function wordsOf(text: string): string {
  let words = text;
  try {
    const { error, message, reason } = JSON.parse(text) as Record<string, unknown>;
    words = [reason, message, error].find((value): value is string => typeof value === "string") ?? "";
  } catch {
    if (text.trimStart().startsWith("<")) words = "";
  }
  const line = cleanLine(words.replace(/\s+/g, " ")).trim();
  return line.length > longestWords ? `${line.slice(0, longestWords)}…` : line;
}
