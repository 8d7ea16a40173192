import type { GitHubClient } from "./client";
import { issuePermission } from "./hints";
import { formatGitHubRepository, type GitHubRepository } from "./names";

/** An issue as GitHub has it. */
export interface Issue {
  readonly number: number;
  readonly url: string;
  readonly isOpen: boolean;
  readonly title: string;
  readonly body: string;
  /**
   * Whether an app or somebody of the repository has opened it: who has opened an issue may edit it, and what others say in
   * theirs is not to be taken for one's own.
   */
  readonly isOwn: boolean;
}

/** What GitHub tells of an issue, as far as it is read. */
interface IssueData {
  number: number;
  html_url: string;
  state: string;
  title: string;
  body?: string | null;
  user: { type: string } | null;
  author_association?: string;
  pull_request?: unknown;
}

/** Issues of one repository: each method is one operation of the API. */
export class Issues {
  constructor(
    private readonly client: GitHubClient,
    private readonly repository: GitHubRepository,
  ) {}

  /** `owner/name`. */
  get name(): string {
    return formatGitHubRepository(this.repository);
  }

  /**
   * Those with a label, or all that are open, whose text has a mark.
   *
   * @param label those with it, open or closed; all open ones without
   * @throws GitHubError
   */
  async marked(mark: string, label?: string): Promise<Issue[]> {
    const which = label === undefined ? { state: "open" as const } : { state: "all" as const, labels: label };
    return this.client.call(
      `looking for the issue about the status in ${this.name}`,
      this.repository,
      async (api) => ({
        data: await api.paginate(
          api.rest.issues.listForRepo,
          { ...this.place, ...which, per_page: 100 },
          ({ data }) =>
            data
              .filter((one) => one.pull_request === undefined && one.body?.includes(mark) === true)
              .map(read),
        ),
      }),
      issuePermission,
    );
  }

  /** Opens one. @throws GitHubError */
  async open(words: { title: string; body: string; labels: string[] }): Promise<Issue> {
    const made = await this.client.call(
      `opening an issue in ${this.name}`,
      this.repository,
      (api) => api.rest.issues.create({ ...this.place, ...words }),
      issuePermission,
    );
    return read(made);
  }

  /** Changes its words, opens it again or closes it. @throws GitHubError */
  async change(
    number: number,
    fields: {
      title?: string;
      body?: string;
      state?: "open" | "closed";
      state_reason?: "completed" | "reopened" | "not_planned";
    },
  ): Promise<Issue> {
    const changed = await this.client.call(
      `changing the issue #${number} of ${this.name}`,
      this.repository,
      (api) => api.rest.issues.update({ ...this.place, issue_number: number, ...fields }),
      issuePermission,
    );
    return read(changed);
  }

  private get place(): { owner: string; repo: string } {
    return { owner: this.repository.owner, repo: this.repository.name };
  }
}

/** Relations to a repository that give a right to change its issues (GitHub: "CommentAuthorAssociation"). */
const insiders = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

function read({
  number,
  html_url,
  state,
  title,
  body,
  user,
  author_association: relation,
}: IssueData): Issue {
  return {
    number,
    url: html_url,
    isOpen: state === "open",
    title,
    body: body ?? "",
    isOwn: user?.type === "Bot" || insiders.has(relation ?? ""),
  };
}
