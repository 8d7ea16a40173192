/** What a CI job was started for; what it does not say is undefined. */
export interface CiReference {
  tag?: string | undefined;
  branch?: string | undefined;
  /** Number of the pull or merge request. */
  pullRequest?: number | undefined;
  /** Full hash of the commit. */
  commit?: string | undefined;
}

/**
 * Returns what the environment of a CI job says that it builds; undefined outside of one. Known are
 * GitHub Actions, with Forgejo and Gitea, which have its variables
 * (docs.github.com/actions/reference/variables-reference), and GitLab CI/CD
 * (docs.gitlab.com/ci/variables/predefined_variables).
 *
 * @param environment variables of the process
 */
export function ciReference(environment: NodeJS.ProcessEnv): CiReference | undefined {
  if (environment.GITHUB_ACTIONS === "true") return githubReference(environment);
  if (environment.GITLAB_CI === "true") return gitlabReference(environment);
  return undefined;
}

function githubReference({ GITHUB_REF = "", GITHUB_SHA }: NodeJS.ProcessEnv): CiReference {
  const named = (prefix: string) =>
    GITHUB_REF.startsWith(prefix) ? GITHUB_REF.slice(prefix.length) : undefined;
  const request = /^refs\/pull\/(\d+)\//.exec(GITHUB_REF)?.[1];
  return {
    tag: named("refs/tags/"),
    branch: named("refs/heads/"),
    pullRequest: request === undefined ? undefined : Number(request),
    commit: GITHUB_SHA,
  };
}

function gitlabReference(environment: NodeJS.ProcessEnv): CiReference {
  const { CI_COMMIT_TAG, CI_COMMIT_BRANCH, CI_MERGE_REQUEST_IID, CI_COMMIT_SHA } = environment;
  return {
    tag: CI_COMMIT_TAG,
    branch: CI_COMMIT_BRANCH,
    pullRequest: CI_MERGE_REQUEST_IID === undefined ? undefined : Number(CI_MERGE_REQUEST_IID),
    commit: CI_COMMIT_SHA,
  };
}
