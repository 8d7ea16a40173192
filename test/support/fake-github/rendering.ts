import type { FakeAsset, FakeIssue, FakePull, FakeRelease, FakeRepository } from "./repository";

/**
 * What the fake answers with, in the shapes of GitHub's description (which every answer is checked
 * against).
 */
export class Rendering {
  /** @param api address of the API; @param uploads address that assets are uploaded to */
  constructor(
    private readonly api: string,
    private readonly uploads: () => string,
  ) {}

  release(repository: FakeRepository, release: FakeRelease): object {
    const url = `${this.api}/repos/${repository.fullName}/releases/${release.id}`;
    return {
      url,
      assets_url: `${url}/assets`,
      upload_url: `${this.uploads()}/repos/${repository.fullName}/releases/${release.id}/assets{?name,label}`,
      html_url: `${this.api}/${repository.fullName}/releases/${release.draft ? "untagged" : "tag"}/${this.page(release)}`,
      id: release.id,
      node_id: `RE_${release.id}`,
      author: this.user(),
      tag_name: release.tag,
      target_commitish: release.target,
      name: release.name,
      body: release.body,
      draft: release.draft,
      prerelease: release.prerelease,
      immutable: release.immutable,
      created_at: release.createdAt,
      published_at: release.publishedAt,
      tarball_url: release.draft ? null : `${this.api}/repos/${repository.fullName}/tarball/${release.tag}`,
      zipball_url: release.draft ? null : `${this.api}/repos/${repository.fullName}/zipball/${release.tag}`,
      assets: release.assets.map((asset) => this.asset(repository, release, asset)),
      ...(release.discussion === undefined
        ? {}
        : { discussion_url: `${this.api}/${repository.fullName}/discussions/1` }),
    };
  }

  asset(repository: FakeRepository, release: FakeRelease, asset: FakeAsset): object {
    return {
      url: `${this.api}/repos/${repository.fullName}/releases/assets/${asset.id}`,
      browser_download_url: `${this.api}/${repository.fullName}/releases/download/${this.page(release)}/${asset.name}`,
      id: asset.id,
      node_id: `RA_${asset.id}`,
      name: asset.name,
      label: "",
      state: asset.state,
      content_type: asset.contentType,
      size: asset.size,
      digest: asset.state === "uploaded" && (repository.options.digests ?? true) ? asset.digest : null,
      download_count: asset.downloads,
      created_at: asset.createdAt,
      updated_at: asset.createdAt,
      uploader: this.user(),
    };
  }

  reference(repository: FakeRepository, name: string, tag: { commit: string; annotated?: string }): object {
    const type = tag.annotated === undefined ? "commit" : "tag";
    const sha = tag.annotated ?? tag.commit;
    const git = `${this.api}/repos/${repository.fullName}/git`;
    return {
      ref: `refs/tags/${name}`,
      node_id: `REF_${name}`,
      url: `${git}/refs/tags/${name}`,
      object: { type, sha, url: `${git}/${type}s/${sha}` },
    };
  }

  annotatedTag(
    repository: FakeRepository,
    name: string,
    tag: { commit: string; annotated?: string },
  ): object {
    const git = `${this.api}/repos/${repository.fullName}/git`;
    return {
      node_id: `TAG_${name}`,
      tag: name,
      sha: tag.annotated,
      url: `${git}/tags/${tag.annotated}`,
      message: name,
      tagger: { name: "octocat", email: "octocat@example.com", date: "2025-01-01T00:00:00Z" },
      object: { type: "commit", sha: tag.commit, url: `${git}/commits/${tag.commit}` },
    };
  }

  /** As far as the excerpt of GitHub's description has a pull request. */
  pull(repository: FakeRepository, pull: FakePull): object {
    const owner = repository.fullName.split("/")[0] ?? "";
    return {
      number: pull.number,
      html_url: `${this.api}/${repository.fullName}/pull/${pull.number}`,
      state: pull.state,
      title: pull.title,
      body: pull.body,
      merged_at: pull.mergedAt,
      head: { label: pull.label, ref: pull.label.slice(pull.label.indexOf(":") + 1), sha: pull.sha },
      base: { label: `${owner}:${pull.base}`, ref: pull.base, sha: pull.sha },
    };
  }

  /** As far as the excerpt of GitHub's description has an issue. */
  issue(repository: FakeRepository, issue: FakeIssue): object {
    return {
      number: issue.number,
      html_url: `${this.api}/${repository.fullName}/issues/${issue.number}`,
      state: issue.state,
      state_reason: issue.reason,
      title: issue.title,
      body: issue.body,
      user: this.user(issue.author),
      labels: issue.labels.map((name) => ({ name })),
      author_association: issue.association,
    };
  }

  private page(release: FakeRelease): string {
    return release.draft ? `untagged-${release.id.toString(16)}` : release.tag;
  }

  private user(login = "octocat"): object {
    const url = `${this.api}/users/${encodeURIComponent(login)}`;
    const names = ["events", "followers", "following", "gists", "organizations", "received_events", "repos"];
    return {
      login,
      id: 1,
      node_id: "U_1",
      avatar_url: `${this.api}/avatars/1`,
      gravatar_id: "",
      url,
      html_url: `${this.api}/${encodeURIComponent(login)}`,
      ...Object.fromEntries(
        [...names, "starred", "subscriptions"].map((name) => [`${name}_url`, `${url}/${name}`]),
      ),
      type: login.endsWith("[bot]") ? "Bot" : "User",
      site_admin: false,
    };
  }
}
