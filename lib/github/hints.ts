import type { GitHubFieldError } from "./errors";

/** Facts about a failed request, for {@link hintFor}. */
export interface FailureFacts {
  status: number;
  method: string;
  /** GitHub's own words. */
  said: string;
  errors: readonly GitHubFieldError[];
  /** Response headers by lower-case name. */
  headers: Readonly<Record<string, string | number | undefined>>;
  /** Whether the request had a token. */
  authenticated: boolean;
  /** Repository that the request was about, as `owner/name`. */
  repository: string;
  /** What a token needs for it, in words. Default: what writing releases needs. */
  permission?: string | undefined;
}

/** How a token gets to this provider. */
export const tokenHint =
  'Set it as a secret (pulumi config set --secret slipway:github \'{"token": "…"}\') or in the ' +
  "environment as GITHUB_TOKEN.";

/** Permission that writing releases needs, for each kind of token. */
export const writePermission =
  'A fine-grained token or an app needs the repository permission "Contents: write", a classic ' +
  'token the scope "repo" ("public_repo" for a public repository), and a GitHub Actions ' +
  'workflow "permissions: contents: write".';

/** Permission that pull requests need. */
export const pullRequestPermission =
  'A classic token needs the scope "public_repo" ("repo" for a private repository); a fine-grained one ' +
  '"Contents: write" and "Pull requests: write" on a repository of its own owner, and is no use for those of others.';

/** Permission that issues need. */
export const issuePermission =
  'A fine-grained token or an app needs the repository permission "Issues: write", a classic token the scope "repo" ' +
  '("public_repo" for a public repository), and a GitHub Actions workflow "permissions: issues: write".';

/**
 * Returns what to do about a failed request, for a person; undefined where GitHub's own words say
 * it.
 */
export function hintFor(facts: FailureFacts): string | undefined {
  switch (facts.status) {
    case 401:
      return facts.authenticated
        ? `The token is refused: it is wrong, expired or revoked. ${tokenHint}`
        : `The request needs a token. ${tokenHint}`;
    case 403:
      return forbidden(facts);
    case 404:
      return notFound(facts);
    case 422:
      if (facts.permission !== undefined) return undefined;
      return facts.errors.map((error) => fieldHint(error)).find(Boolean) ?? saidHint(facts.said);
    default:
      return undefined;
  }
}

function forbidden(facts: FailureFacts): string {
  const { headers, said, repository } = facts;
  const sso = headers["x-github-sso"];
  if (typeof sso === "string") {
    const url = /url=(\S+)/.exec(sso)?.[1];
    return `The organization asks for single sign-on: authorize the token for it${url ? ` at ${url}` : ""}.`;
  }
  if (/archived/i.test(said)) return `${repository} is archived, and nothing can be published there.`;
  const accepted = headers["x-accepted-github-permissions"];
  const asked = accepted === undefined ? "" : ` GitHub asks for "${String(accepted)}" here.`;
  return `The token may not do this in ${repository}.${asked} ${facts.permission ?? writePermission}`;
}

function notFound(facts: FailureFacts): string {
  const { method, repository, authenticated, permission } = facts;
  if (!authenticated) {
    return `${repository} does not exist, or is private and the request has no token. ${tokenHint}`;
  }
  const read = `${repository} does not exist, or the token may not see it: ${permission ?? writePermission}`;
  if (method === "GET" || permission !== undefined) return read;
  return (
    `${read} GitHub also answers so where the commit of \`target\` changes files under ` +
    '.github/workflows and the token may not: then it needs "Workflows: write" (classic: the ' +
    'scope "workflow"), or push the tag with git first.'
  );
}

const fieldHints: Readonly<Record<string, string>> = {
  target_commitish:
    "`commit` has to be a commit (40 hexadecimal digits) or a branch that is in the " +
    "repository: push it first.",
  tag_name:
    "`tag` is not a tag that GitHub takes, or a rule of the repository forbids creating it; " +
    "see its settings for tags.",
  name: "An asset of this name already exists.",
  body: "`notes` are not accepted: GitHub takes up to 125000 characters.",
  discussion_category_name:
    "`discussionCategory` has to be a category that the repository's discussions have; turn " +
    "discussions on in its settings.",
  make_latest: "A pre-release or a draft cannot be the latest release.",
};

function fieldHint({ field, message }: GitHubFieldError): string | undefined {
  return (
    (field !== undefined && Object.hasOwn(fieldHints, field) ? fieldHints[field] : undefined) ??
    saidHint(message ?? "")
  );
}

function saidHint(said: string): string | undefined {
  if (/immutable/i.test(said)) {
    return (
      "The release is immutable: its assets and its tag can no longer change. Publish the change " +
      "as a new version."
    );
  }
  if (/discussion/i.test(said)) return fieldHints.discussion_category_name;
  if (/target_commitish/i.test(said)) return fieldHints.target_commitish;
  return undefined;
}
