import type { GitHubClient } from "./client";
import { GitHubError } from "./errors";
import { pullRequestPermission } from "./hints";
import { formatGitHubRepository, type GitHubRepository } from "./names";

/** A pull request as GitHub has it. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  /** `closed` is closed without a merge. */
  readonly state: "open" | "merged" | "closed";
  readonly title: string;
  readonly body: string;
}

/** A branch that a pull request is made of. */
export interface PullRequestHead {
  /** The repository that has the branch: the one that is asked to take it, or a fork. */
  readonly repository: GitHubRepository;
  readonly branch: string;
}

/** What GitHub tells of a pull request, as far as it is read. */
interface PullRequestData {
  number: number;
  html_url: string;
  state: string;
  title: string;
  body: string | null;
  merged_at: string | null;
}

/** Pull requests to one repository: each method is one operation of the API. */
export class PullRequests {
  constructor(
    readonly client: GitHubClient,
    readonly repository: GitHubRepository,
  ) {}

  /**
   * Those of a branch to a base, whatever became of them, the newest first.
   *
   * @throws GitHubError
   */
  async of(head: PullRequestHead, base: string): Promise<PullRequest[]> {
    const label = labelOf(head);
    const found = await this.client.call(
      `looking for pull requests of ${label} to ${this.name}`,
      this.repository,
      (api) => api.rest.pulls.list({ ...this.place, head: label, base, state: "all", per_page: 100 }),
      pullRequestPermission,
    );
    return found
      .filter((one) => one.head.label.toLowerCase() === label.toLowerCase())
      .map(read)
      .sort((a, b) => b.number - a.number);
  }

  /**
   * Opens one.
   *
   * @returns undefined where there is nothing to take, or one is open for the branch already, because
   * somebody was faster
   * @throws GitHubError
   */
  async open(
    head: PullRequestHead,
    base: string,
    words: { readonly title: string; readonly body: string },
  ): Promise<PullRequest | undefined> {
    const label = labelOf(head);
    const { owner, name } = head.repository;
    // Two repositories of one owner are told apart by their names.
    const isBeside = owner === this.repository.owner && name !== this.repository.name;
    try {
      const made = await this.client.call(
        `opening a pull request of ${label} to ${this.name}`,
        this.repository,
        (api) =>
          api.rest.pulls.create({
            ...this.place,
            ...words,
            head: label,
            base,
            ...(isBeside ? { head_repo: name } : {}),
          }),
        pullRequestPermission,
      );
      return read(made);
    } catch (error) {
      if (error instanceof GitHubError && error.errors.some(({ message = "" }) => overtaken.test(message))) {
        return undefined;
      }
      throw error;
    }
  }

  /** Changes its words, or closes it. @throws GitHubError */
  async change(
    number: number,
    fields: { title?: string; body?: string; state?: "closed" },
  ): Promise<PullRequest> {
    const what = fields.state === undefined ? "changing" : "closing";
    const changed = await this.client.call(
      `${what} the pull request #${number} of ${this.name}`,
      this.repository,
      (api) => api.rest.pulls.update({ ...this.place, pull_number: number, ...fields }),
      pullRequestPermission,
    );
    return read(changed);
  }

  /**
   * Brings a branch of a fork to where that of its parent is, as far as that needs no merge.
   *
   * @throws GitHubError
   */
  async sync(fork: GitHubRepository, branch: string): Promise<void> {
    await this.client.call(
      `bringing ${branch} of ${formatGitHubRepository(fork)} to where ${this.name} is`,
      fork,
      (api) => api.rest.repos.mergeUpstream({ owner: fork.owner, repo: fork.name, branch }),
      pullRequestPermission,
    );
  }

  private get place(): { owner: string; repo: string } {
    return { owner: this.repository.owner, repo: this.repository.name };
  }

  private get name(): string {
    return formatGitHubRepository(this.repository);
  }
}

/** What GitHub says where one is open already, or where the base has everything. */
const overtaken = /^(A pull request already exists for|No commits between)/;

function labelOf({ repository, branch }: PullRequestHead): string {
  return `${repository.owner}:${branch}`;
}

function read({ number, html_url, state, title, body, merged_at }: PullRequestData): PullRequest {
  return {
    number,
    url: html_url,
    state: state === "open" ? "open" : merged_at === null ? "closed" : "merged",
    title,
    body: body ?? "",
  };
}
