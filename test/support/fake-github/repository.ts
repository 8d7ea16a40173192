import { createHash } from "node:crypto";
import { compare, parse } from "semver";

/** An asset as the fake keeps it. */
export interface FakeAsset {
  id: number;
  name: string;
  contentType: string;
  state: "uploaded" | "starter";
  size: number;
  digest: string;
  /** Content, for assets up to {@link keptBytes}. */
  bytes: Buffer;
  downloads: number;
  createdAt: string;
}

/** A release as the fake keeps it. */
export interface FakeRelease {
  id: number;
  tag: string;
  target: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  immutable: boolean;
  discussion?: string;
  createdAt: string;
  publishedAt: string | null;
  assets: FakeAsset[];
}

/** A pull request as the fake keeps it. */
export interface FakePull {
  number: number;
  title: string;
  body: string | null;
  /** `owner:branch` of what is to be taken. */
  label: string;
  sha: string;
  base: string;
  state: "open" | "closed";
  mergedAt: string | null;
}

/** An issue as the fake keeps it. */
export interface FakeIssue {
  number: number;
  title: string;
  body: string | null;
  labels: string[];
  state: "open" | "closed";
  reason: string | null;
  author: string;
  association: "OWNER" | "MEMBER" | "COLLABORATOR" | "CONTRIBUTOR" | "NONE";
}

/** Bytes of an asset that the fake keeps; of larger ones it knows size and digest. */
export const keptBytes = 64 * 1024 * 1024;

/** How a repository of the fake is. */
export interface FakeRepositoryOptions {
  private?: boolean;
  /** Whether releases cannot change after their publication. */
  immutableReleases?: boolean;
  /** Whether GitHub tells the digests of assets; servers of before 2025 do not. */
  digests?: boolean;
  discussionCategories?: string[];
  /** The repository that this one is a fork of, as `owner/name`. */
  forkOf?: string;
}

let lastId = 1000;

/** A repository of the fake; tests change it as somebody would by hand. */
export class FakeRepository {
  readonly releases: FakeRelease[] = [];
  readonly pulls: FakePull[] = [];
  readonly issues: FakeIssue[] = [];
  /** Commits by branch. */
  readonly branches = new Map<string, string>();
  readonly commits = new Set<string>();
  /** Commit of each git tag, and the object in between where the tag is annotated. */
  readonly tags = new Map<string, { commit: string; annotated?: string }>();
  /** The release that was made the latest by hand or by request. */
  private chosenLatest: number | undefined;

  constructor(
    readonly fullName: string,
    readonly options: FakeRepositoryOptions,
  ) {
    this.commit("main");
  }

  /** Adds a commit to a branch. */
  commit(branch: string): string {
    const sha = createHash("sha1").update(`${this.fullName}/${branch}/${++lastId}`).digest("hex");
    this.commits.add(sha);
    this.branches.set(branch, sha);
    return sha;
  }

  /** Pushes a git tag. */
  tag(name: string, commit: string, annotated = false): void {
    this.tags.set(name, {
      commit,
      ...(annotated ? { annotated: createHash("sha1").update(`tag ${name}`).digest("hex") } : {}),
    });
  }

  /** Makes a release as somebody does by hand. */
  release(tag: string, fields: Partial<FakeRelease> = {}): FakeRelease {
    const release: FakeRelease = {
      id: ++lastId,
      tag,
      target: "main",
      name: null,
      body: null,
      draft: false,
      prerelease: false,
      immutable: false,
      createdAt: now(),
      publishedAt: null,
      assets: [],
      ...fields,
    };
    this.releases.push(release);
    if (!release.draft && release.publishedAt === null) this.publish(release, "legacy");
    return release;
  }

  /** Opens an issue as somebody does by hand: a stranger, unless given. */
  issue(fields: Partial<FakeIssue>): FakeIssue {
    const issue: FakeIssue = {
      number: this.issues.length + 1,
      title: "",
      body: null,
      labels: [],
      state: "open",
      reason: null,
      author: "stranger",
      association: "NONE",
      ...fields,
    };
    this.issues.push(issue);
    return issue;
  }

  /** Adds an asset as somebody does by hand. */
  asset(release: FakeRelease, name: string, content: string | Buffer): FakeAsset {
    const bytes = Buffer.from(content as string);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    return this.addAsset(release, { name, contentType: "text/plain", bytes, size: bytes.length, digest });
  }

  addAsset(
    release: FakeRelease,
    fields: Pick<FakeAsset, "name" | "contentType" | "bytes" | "size" | "digest"> & Partial<FakeAsset>,
  ): FakeAsset {
    const asset: FakeAsset = {
      id: ++lastId,
      state: "uploaded",
      downloads: 0,
      createdAt: now(),
      ...fields,
    };
    release.assets.push(asset);
    return asset;
  }

  /** Removes an asset as somebody does by hand. */
  removeAsset(release: FakeRelease, name: string): void {
    release.assets = release.assets.filter((asset) => asset.name !== name);
  }

  /** The published release of a tag. */
  published(tag: string): FakeRelease | undefined {
    return this.releases.find((release) => release.tag === tag && !release.draft);
  }

  /** Makes a release visible, and its git tag where it is not there yet. */
  publish(release: FakeRelease, makeLatest: string | undefined): void {
    release.draft = false;
    release.publishedAt ??= now();
    release.immutable = this.options.immutableReleases ?? false;
    const commit = this.branches.get(release.target) ?? release.target;
    if (!this.tags.has(release.tag)) this.tags.set(release.tag, { commit });
    this.makeLatest(release, makeLatest ?? "true");
  }

  makeLatest(release: FakeRelease, value: string): void {
    if (release.draft || release.prerelease) return;
    if (value === "true") this.chosenLatest = release.id;
    else if (this.chosenLatest === release.id) this.chosenLatest = undefined;
    if (value === "false") this.notLatest.add(release.id);
    else this.notLatest.delete(release.id);
  }

  /** What the repository shows as its latest release. */
  latest(): FakeRelease | undefined {
    const candidates = this.releases.filter(({ draft, prerelease }) => !draft && !prerelease);
    const version = (release: FakeRelease) => parse(release.tag) ?? "0.0.0";
    return (
      candidates.find(({ id }) => id === this.chosenLatest) ??
      candidates
        .filter(({ id }) => !this.notLatest.has(id))
        .sort((a, b) => compare(version(a), version(b)))
        .at(-1)
    );
  }

  private readonly notLatest = new Set<number>();
}

/** A new id, for what only the server makes. */
export function newId(): number {
  return ++lastId;
}

/** The time as GitHub writes it. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
