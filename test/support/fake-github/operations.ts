import { Answer, failed, invalid, notFound, type FieldError } from "./answer";
import { issueOperations } from "./issue-operations";
import type { OperationCall } from "./operation-call";
import { page } from "./page";
import { pullOperations } from "./pull-operations";
import type { FakeAsset, FakeRelease, FakeRepository } from "./repository";

/**
 * The operations of GitHub's description that the fake has, by its names. Uploads are the server's:
 * they stream.
 */
export const operations: Readonly<Record<string, (call: OperationCall) => Answer>> = {
  "GET /repos/{owner}/{repo}/releases": ({ repository, render, writer, query }) => {
    const seen = repository.releases.filter(({ draft }) => writer || !draft);
    return page(
      [...seen].reverse().map((release) => render.release(repository, release)),
      query,
    );
  },

  "POST /repos/{owner}/{repo}/releases": ({ repository, render, body }) => {
    const tag = String(body.tag_name);
    const errors = fieldErrors(repository, body, undefined);
    if (errors.length > 0) throw invalid(errors);
    const release = repository.release(tag, {
      target: text(body.target_commitish) ?? "main",
      name: text(body.name) ?? null,
      body: text(body.body) ?? null,
      prerelease: body.prerelease === true,
      draft: true,
    });
    if (body.draft !== true) repository.publish(release, body.make_latest as string | undefined);
    return new Answer(201, render.release(repository, release));
  },

  "GET /repos/{owner}/{repo}/releases/latest": ({ repository, render }) => {
    const release = repository.latest();
    if (!release) throw notFound();
    return new Answer(200, render.release(repository, release));
  },

  "GET /repos/{owner}/{repo}/releases/tags/{tag}": ({ repository, render, path }) => {
    const release = repository.published(path.tag ?? "");
    if (!release) throw notFound();
    return new Answer(200, render.release(repository, release));
  },

  "PATCH /repos/{owner}/{repo}/releases/{release_id}": ({ repository, render, path, body }) => {
    const release = releaseOf(repository, path);
    const errors = fieldErrors(repository, { tag_name: release.tag, ...body }, release);
    if (errors.length > 0) throw invalid(errors);
    if (typeof body.name === "string") release.name = body.name;
    if (typeof body.body === "string") release.body = body.body;
    if (typeof body.prerelease === "boolean") release.prerelease = body.prerelease;
    if (typeof body.target_commitish === "string") release.target = body.target_commitish;
    const latest = body.make_latest as string | undefined;
    if (release.draft && body.draft === false) repository.publish(release, latest);
    else if (latest !== undefined) repository.makeLatest(release, latest);
    if (typeof body.discussion_category_name === "string") release.discussion = body.discussion_category_name;
    return new Answer(200, render.release(repository, release));
  },

  "DELETE /repos/{owner}/{repo}/releases/{release_id}": ({ repository, path }) => {
    repository.releases.splice(repository.releases.indexOf(releaseOf(repository, path)), 1);
    return new Answer(204);
  },

  "GET /repos/{owner}/{repo}/releases/{release_id}/assets": ({ repository, render, path, query }) => {
    const release = releaseOf(repository, path);
    return page(
      release.assets.map((asset) => render.asset(repository, release, asset)),
      query,
    );
  },

  "GET /repos/{owner}/{repo}/releases/assets/{asset_id}": ({ repository, render, path, accept }) => {
    const { release, asset } = assetOf(repository, path);
    if (accept.includes("application/octet-stream")) {
      return new Answer(302, undefined, { location: `/storage/${asset.id}` });
    }
    return new Answer(200, render.asset(repository, release, asset));
  },

  "PATCH /repos/{owner}/{repo}/releases/assets/{asset_id}": ({ repository, render, path, body }) => {
    const { release, asset } = assetOf(repository, path);
    refuseImmutable(release);
    if (release.assets.some(({ name, id }) => name === body.name && id !== asset.id)) throw nameIsTaken();
    asset.name = text(body.name) ?? asset.name;
    return new Answer(200, render.asset(repository, release, asset));
  },

  "DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}": ({ repository, path }) => {
    const { release, asset } = assetOf(repository, path);
    refuseImmutable(release);
    release.assets.splice(release.assets.indexOf(asset), 1);
    return new Answer(204);
  },

  "GET /repos/{owner}/{repo}/git/ref/{ref}": ({ repository, render, path }) => {
    const name = path.ref?.replace(/^tags\//, "") ?? "";
    const tag = repository.tags.get(name);
    if (!tag) throw notFound();
    return new Answer(200, render.reference(repository, name, tag));
  },

  "GET /repos/{owner}/{repo}/git/tags/{tag_sha}": ({ repository, render, path }) => {
    const found = [...repository.tags].find(([, { annotated }]) => annotated === path.tag_sha);
    if (!found) throw notFound();
    return new Answer(200, render.annotatedTag(repository, ...found));
  },

  ...pullOperations,
  ...issueOperations,
};

export function nameIsTaken(): Answer {
  return invalid([{ resource: "ReleaseAsset", field: "name", code: "already_exists" }]);
}

export function refuseImmutable(release: FakeRelease): void {
  if (release.immutable) throw failed(422, "Cannot change the assets of an immutable release.");
}

/** @throws Answer 404 */
export function releaseOf(repository: FakeRepository, path: Record<string, string>): FakeRelease {
  const found = repository.releases.find(({ id }) => String(id) === path.release_id);
  if (!found) throw notFound();
  return found;
}

function assetOf(
  repository: FakeRepository,
  path: Record<string, string>,
): { release: FakeRelease; asset: FakeAsset } {
  for (const release of repository.releases) {
    const asset = release.assets.find(({ id }) => String(id) === path.asset_id);
    if (asset) return { release, asset };
  }
  throw notFound();
}

function fieldErrors(
  repository: FakeRepository,
  body: Record<string, unknown>,
  release: FakeRelease | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string, code: string) => errors.push({ resource: "Release", field, code });
  const tag = String(body.tag_name);
  if (/[\s~^:?*[\\]/.test(tag)) refuse("tag_name", "invalid");
  const other = repository.published(tag);
  const visible = body.draft === false || (release ? !release.draft : body.draft !== true);
  if (other && other !== release && visible) refuse("tag_name", "already_exists");
  const target = text(body.target_commitish) ?? release?.target ?? "main";
  const known = repository.branches.has(target) || repository.commits.has(target);
  if (!repository.tags.has(tag) && !known) refuse("target_commitish", "invalid");
  const category = body.discussion_category_name;
  if (category !== undefined && !repository.options.discussionCategories?.includes(category as string)) {
    refuse("discussion_category_name", "invalid");
  }
  const prerelease = body.prerelease ?? release?.prerelease;
  if (body.make_latest === "true" && (prerelease === true || !visible)) refuse("make_latest", "invalid");
  return errors;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
