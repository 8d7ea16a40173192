import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHubClient, type GitHubClientOptions } from "../../../lib/github/client";
import { parseGitHubRepository } from "../../../lib/github/names";
import type { DesiredRelease } from "../../../lib/github/plan";
import { publishRelease, type ReconcileOptions } from "../../../lib/github/reconcile";
import { Releases, type ObservedRelease } from "../../../lib/github/releases";
import { FakeGitHub, type FakeRepository } from "../../support/fake-github";

export const repositoryName = "acme/hello";

/** A release with the content of its assets, by name. */
export type ReleaseContent = Omit<DesiredRelease, "assets" | "makeLatest"> &
  Partial<Pick<DesiredRelease, "makeLatest">> & {
    assets: Record<string, string | Buffer>;
    /** Names of assets that may be replaced. */
    replaceable?: string[];
  };

/** A fake GitHub with one repository, a folder for files, and clients for it. */
export class GitHubBench {
  repository: FakeRepository;
  private readonly clients: GitHubClient[] = [];

  private constructor(
    readonly fake: FakeGitHub,
    readonly folder: string,
  ) {
    this.repository = fake.repository(repositoryName);
  }

  static async open(): Promise<GitHubBench> {
    return new GitHubBench(await FakeGitHub.start(), await mkdtemp(join(tmpdir(), "slipway-github-")));
  }

  /** Starts with an empty repository again. */
  reset(options: Parameters<FakeGitHub["repository"]>[1] = {}): void {
    this.fake.forget();
    this.fake.uploads = "";
    this.repository = this.fake.repository(repositoryName, options);
  }

  releases(options: GitHubClientOptions = {}): Releases {
    const client = new GitHubClient({
      endpoint: this.fake.url,
      token: this.fake.token,
      ...options,
      patience: { baseDelayMs: 5, ...options.patience },
    });
    this.clients.push(client);
    return new Releases(client, parseGitHubRepository(repositoryName));
  }

  /** Writes the assets as files and publishes. */
  async publish(
    content: ReleaseContent,
    options: Partial<ReconcileOptions> = {},
    releases = this.releases(),
  ): Promise<ObservedRelease> {
    const { assets, replaceable = [], ...fields } = content;
    for (const [name, bytes] of Object.entries(assets)) await writeFile(join(this.folder, name), bytes);
    const desired: DesiredRelease = {
      makeLatest: "highest",
      ...fields,
      assets: Object.entries(assets).map(([name, bytes]) => ({
        name,
        digest: sha256(bytes),
        contentType: "application/octet-stream",
        replaceable: replaceable.includes(name),
      })),
    };
    return publishRelease(releases, desired, {
      fileOf: async ({ name }) => join(this.folder, name),
      ...options,
    });
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
    await this.fake.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function sha256(content: string | Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Six files of a megabyte each, all different. */
export function sixAssets(): Record<string, Buffer> {
  return Object.fromEntries(
    ["a", "b", "c", "d", "e", "f"].map((letter) => [`${letter}.bin`, Buffer.alloc(1 << 20, letter)]),
  );
}
