import { createHash } from "node:crypto";
import type { RestEndpointMethodTypes } from "@octokit/rest";
import { defined } from "../objects/defined";
import type { GitHubClient } from "./client";
import type { FileBody } from "./connection";
import { GitHubError, isGitHubNotFound } from "./errors";
import { formatGitHubRepository, type GitHubRepository } from "./names";

type ReleaseData = RestEndpointMethodTypes["repos"]["getRelease"]["response"]["data"];
type AssetData = RestEndpointMethodTypes["repos"]["getReleaseAsset"]["response"]["data"];

/** Tags of tags that are followed; people sign a tag of a tag at most. */
const maximumTags = 10;

/**
 * Pages of a hundred entries that a list may have: GitHub gives ten thousand releases, and a
 * thousand assets of one.
 */
const maximumPages = 100;

/** Fields that a release is created or changed with, as the API names them. */
export type ReleaseFields = Partial<
  Omit<RestEndpointMethodTypes["repos"]["updateRelease"]["parameters"], "owner" | "repo" | "release_id">
>;

/** An asset as GitHub has it. */
export interface ObservedAsset {
  id: number;
  name: string;
  size: number;
  /** `sha256:<hex>`; undefined where GitHub does not tell and it was not worked out. */
  digest?: string;
  /** `uploaded`; an upload that broke off leaves `starter`. */
  state: string;
  downloadUrl: string;
}

/** A release as GitHub has it. */
export interface ObservedRelease {
  id: number;
  tag: string;
  title: string;
  notes: string;
  target: string;
  draft: boolean;
  prerelease: boolean;
  /** Whether assets and tag can no longer change. */
  immutable: boolean;
  /** Whether a discussion belongs to it. */
  discussion: boolean;
  url: string;
  uploadUrl: string;
  createdAt: string;
  publishedAt?: string;
  assets: ObservedAsset[];
  /** Other drafts of the same tag, by id. */
  otherDrafts: number[];
}

/**
 * The releases of one repository: each method is one operation of the API, with the errors that it
 * can have.
 */
export class Releases {
  constructor(
    readonly client: GitHubClient,
    readonly repository: GitHubRepository,
  ) {}

  /**
   * The release of a tag. A draft is not found by its tag, so where none is published the list is
   * asked; of several drafts it is the oldest.
   *
   * @throws GitHubError, also where the repository is not there or not to be seen
   */
  async find(tag: string): Promise<ObservedRelease | undefined> {
    const operation = `reading the release ${tag} of ${this.name}`;
    const found = await this.client
      .call(operation, this.repository, (api) => api.rest.repos.getReleaseByTag({ ...this.place, tag }))
      .catch(absent);
    if (found) return this.complete(found, []);
    if (!this.client.authenticated) {
      // Without a token a private repository looks as if it had no release; its list tells.
      await this.client.call(operation, this.repository, (api) =>
        api.rest.repos.listReleases({ ...this.place, per_page: 1 }),
      );
      return undefined;
    }
    const counted = pageCounter(operation);
    const drafts = await this.client.list(operation, this.repository, (api) =>
      api.paginate(api.rest.repos.listReleases, { ...this.place, per_page: 100 }, ({ data }) => {
        counted();
        return data.filter((release) => release.draft && release.tag_name === tag);
      }),
    );
    const [oldest, ...others] = drafts.sort((a, b) => a.id - b.id);
    return (
      oldest &&
      this.complete(
        oldest,
        others.map(({ id }) => id),
      )
    );
  }

  /**
   * All releases with their assets, drafts included where the token may see them: one request for
   * each hundred.
   *
   * @throws GitHubError
   */
  async list(): Promise<ObservedRelease[]> {
    const operation = `listing the releases of ${this.name}`;
    const counted = pageCounter(operation);
    const list = await this.client.list(operation, this.repository, (api) =>
      api.paginate(api.rest.repos.listReleases, { ...this.place, per_page: 100 }, ({ data }) => {
        counted();
        return data;
      }),
    );
    return list.map((release) => observed(release, release.assets.map(observedAsset), []));
  }

  /** Commit that a git tag stands for; undefined where there is no such tag. @throws GitHubError */
  async commitOf(tag: string): Promise<string | undefined> {
    const operation = `reading the tag ${tag} of ${this.name}`;
    const reference = await this.client
      .call(operation, this.repository, (api) => api.rest.git.getRef({ ...this.place, ref: `tags/${tag}` }))
      .catch((error: unknown) => {
        // An empty repository answers with a conflict.
        if (error instanceof GitHubError && error.status === 409) return undefined;
        return absent(error);
      });
    let object = reference?.object;
    for (let tags = 0; object?.type === "tag"; tags++) {
      if (tags >= maximumTags)
        throw new Error(`${operation}: it is a tag of a tag, more than ${maximumTags} times`);
      const { sha } = object;
      const annotated = await this.client.call(operation, this.repository, (api) =>
        api.rest.git.getTag({ ...this.place, tag_sha: sha }),
      );
      object = annotated.object;
    }
    return object?.sha;
  }

  /** Tag of the release that the repository shows as its latest. @throws GitHubError */
  async latest(): Promise<string | undefined> {
    const found = await this.client
      .call(`reading the latest release of ${this.name}`, this.repository, (api) =>
        api.rest.repos.getLatestRelease(this.place),
      )
      .catch(absent);
    return found?.tag_name;
  }

  /** Makes a draft, which nobody but those who may write sees. @throws GitHubError */
  async createDraft(fields: ReleaseFields & { tag_name: string }): Promise<ObservedRelease> {
    const created = await this.client.call(
      `creating the release ${fields.tag_name} of ${this.name}`,
      this.repository,
      (api) =>
        // A second try of a request that got through would make a second draft.
        api.rest.repos.createRelease({ ...this.place, ...fields, draft: true, request: { retries: 0 } }),
    );
    return observed(created, [], []);
  }

  /** Changes fields of a release; the assets are those of before. @throws GitHubError */
  async change(release: ObservedRelease, fields: ReleaseFields): Promise<ObservedRelease> {
    const what = fields.draft === false ? "publishing" : "changing";
    const changed = await this.client.call(
      `${what} the release ${release.tag} of ${this.name}`,
      this.repository,
      (api) => api.rest.repos.updateRelease({ ...this.place, release_id: release.id, ...fields }),
    );
    return { ...observed(changed, [], release.otherDrafts), assets: release.assets };
  }

  /** The assets of a release, unfinished ones included. @throws GitHubError */
  async assets(release: { id: number; tag: string }): Promise<ObservedAsset[]> {
    const operation = `listing the assets of ${this.name} ${release.tag}`;
    const counted = pageCounter(operation);
    const list = await this.client.list(operation, this.repository, (api) =>
      api.paginate(
        api.rest.repos.listReleaseAssets,
        { ...this.place, release_id: release.id, per_page: 100 },
        ({ data }) => {
          counted();
          return data;
        },
      ),
    );
    return list.map(observedAsset);
  }

  /**
   * Sends a file as an asset, once.
   * @throws GitHubError; Error where the file is not what it should be
   */
  async upload(
    release: ObservedRelease,
    asset: { name: string; contentType: string; body: FileBody },
  ): Promise<ObservedAsset> {
    const created = await this.client.call(
      `uploading ${asset.name} to ${this.name} ${release.tag}`,
      this.repository,
      (api) =>
        // Not the method for it: that ignores the endpoint and sends the token to the uploads of
        // github.com.
        api.request({
          method: "POST",
          url: `${release.uploadUrl.split("{")[0] ?? ""}?name=${encodeURIComponent(asset.name)}`,
          data: asset.body,
          headers: { "content-type": asset.contentType },
          // What a try leaves behind has to be removed before the next.
          request: { retries: 0 },
        }) as Promise<{ data: AssetData }>,
    );
    return observedAsset(created);
  }

  /** Gives an asset another name; its content and id stay. @throws GitHubError */
  async rename(release: { tag: string }, asset: ObservedAsset, name: string): Promise<ObservedAsset> {
    const renamed = await this.client.call(
      `renaming ${asset.name} to ${name} in ${this.name} ${release.tag}`,
      this.repository,
      (api) => api.rest.repos.updateReleaseAsset({ ...this.place, asset_id: asset.id, name }),
    );
    return { ...observedAsset(renamed), digest: asset.digest };
  }

  /** Removes an asset; one that is gone already is not an error. @throws GitHubError */
  async remove(release: { tag: string }, asset: ObservedAsset): Promise<void> {
    await this.client
      .call<unknown>(`removing ${asset.name} from ${this.name} ${release.tag}`, this.repository, (api) =>
        api.rest.repos.deleteReleaseAsset({ ...this.place, asset_id: asset.id }),
      )
      .catch(absent);
  }

  /**
   * The digest of an asset: GitHub's, or where it has none that of the content. @throws GitHubError
   */
  async digest(release: { tag: string }, asset: ObservedAsset): Promise<string> {
    if (asset.digest !== undefined) return asset.digest;
    const operation = `reading ${asset.name} of ${this.name} ${release.tag}`;
    const hash = createHash("sha256");
    const content = await this.client.download(operation, this.repository, asset.id);
    for await (const piece of content as AsyncIterable<Uint8Array>) hash.update(piece);
    return `sha256:${hash.digest("hex")}`;
  }

  /** `owner/name`. */
  get name(): string {
    return formatGitHubRepository(this.repository);
  }

  private get place(): { owner: string; repo: string } {
    return { owner: this.repository.owner, repo: this.repository.name };
  }

  private async complete(release: ReleaseData, otherDrafts: number[]): Promise<ObservedRelease> {
    const assets = await this.assets({ id: release.id, tag: release.tag_name });
    return observed(release, assets, otherDrafts);
  }
}

/** Counts the pages of a list. What it returns throws for one that does not end. */
function pageCounter(operation: string): () => void {
  let pages = 0;
  return () => {
    if (++pages > maximumPages) throw new Error(`${operation}: the list has more than ${maximumPages} pages`);
  };
}

function absent(error: unknown): undefined {
  if (isGitHubNotFound(error)) return undefined;
  throw error;
}

function observed(release: ReleaseData, assets: ObservedAsset[], otherDrafts: number[]): ObservedRelease {
  return defined({
    id: release.id,
    tag: release.tag_name,
    title: release.name ?? "",
    notes: release.body ?? "",
    target: release.target_commitish,
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: release.immutable ?? false,
    discussion: release.discussion_url !== undefined,
    url: release.html_url,
    uploadUrl: release.upload_url,
    createdAt: release.created_at,
    publishedAt: release.published_at ?? undefined,
    assets,
    otherDrafts,
  });
}

function observedAsset(asset: AssetData): ObservedAsset {
  return defined({
    id: asset.id,
    name: asset.name,
    size: asset.size,
    digest: asset.digest ?? undefined,
    state: asset.state,
    downloadUrl: asset.browser_download_url,
  });
}
