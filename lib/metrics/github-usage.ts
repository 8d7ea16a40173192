import { GitHubEndpoint } from "../github/endpoint";
import { platformInName } from "../target/name-words";
import type { AskedGitHub } from "./asked";
import { countOf, fieldOf, itemsOf, NotTold, type JsonService } from "./json-service";
import { notAvailable, row, type MetricRow } from "./row";
import { dayOf } from "../text/day";

/** Files beside others: sums, signatures and statements. What they are about is another file. */
const aside = /\.(asc|crt|json|jsonl|md5|pem|sha\d+|sig|sigstore|txt)$/i;

/** Entries of a page, which is the most that GitHub gives. */
const perPage = 100;

/** Pages of a list that are read. GitHub gives no more than a thousand runs of a search. */
const mostPages = 10;

/** Days whose runs of CI are counted. */
const runDays = 30;

/** How a run of CI ended that counts, by GitHub's `conclusion`. What was canceled or skipped is neither. */
const conclusions: Readonly<Record<string, "failed" | "passed">> = {
  failure: "failed",
  startup_failure: "failed",
  success: "passed",
  timed_out: "failed",
};

/**
 * What GitHub tells of a repository: downloads of its releases' files, runs of CI that failed, open issues. Source: REST API
 * 2022-11-28, "List releases", "List workflow runs for a repository" (and "for a workflow"), "List repository issues",
 * https://docs.github.com/rest (read 2026-11-30). Without a token GitHub answers 60 requests an hour.
 */
export class GitHubUsage {
  private readonly endpoint: GitHubEndpoint;

  /**
   * @param tokenFor the token for an endpoint, which goes nowhere else
   * @throws Error for what is no endpoint
   */
  constructor(
    private readonly service: JsonService,
    private readonly asked: AskedGitHub,
    /** Time of the look, and of how many of the newest releases downloads are told: at most a page of them. */
    private readonly look: { readonly now: Date; readonly versions: number },
    private readonly tokenFor: (endpoint: GitHubEndpoint) => string | undefined,
  ) {
    this.endpoint = new GitHubEndpoint(asked.endpoint);
  }

  async rows(): Promise<MetricRow[]> {
    const { repository, workflows, feedback } = this.asked;
    const runs = workflows.length === 0 ? [undefined] : workflows;
    const rows = await Promise.all([
      this.told("downloads", repository, () => this.downloads()),
      ...runs.map((workflow) =>
        this.told("failures", [repository, workflow].filter(Boolean).join(" "), (of) =>
          this.failures(of, workflow),
        ),
      ),
      ...feedback.map((label) =>
        this.told("feedback", `${repository} ${label}`, (of) => this.feedback(of, label)),
      ),
    ]);
    return rows.flat();
  }

  private async told(
    metric: "downloads" | "failures" | "feedback",
    of: string,
    read: (of: string) => Promise<MetricRow[]>,
  ): Promise<MetricRow[]> {
    try {
      return await read(of);
    } catch (error) {
      if (!(error instanceof NotTold)) throw error;
      return [notAvailable(metric, of, error.message)];
    }
  }

  /** By version and platform, as names of files tell it. What names no platform, such as sums, has a row of its own. */
  private async downloads(): Promise<MetricRow[]> {
    const { repository } = this.asked;
    const { items } = await this.list("releases", {}, (page) => page, 1);
    const published = items.filter((release) => fieldOf(release, "draft") !== true);
    const rows = published.slice(0, this.look.versions).flatMap((release) => {
      const tag = fieldOf(release, "tag_name");
      if (typeof tag !== "string") return [];
      const byPlatform = new Map<string, number>();
      for (const asset of itemsOf(fieldOf(release, "assets"))) {
        const [name, count] = [fieldOf(asset, "name"), countOf(fieldOf(asset, "download_count"))];
        if (typeof name !== "string" || count === undefined) continue;
        const platform = aside.test(name) ? "" : (platformInName(name) ?? "");
        byPlatform.set(platform, (byPlatform.get(platform) ?? 0) + count);
      }
      return [...byPlatform].map(([platform, count]) =>
        row("downloads", repository, count, { version: tag, platform }),
      );
    });
    if (rows.length === 0) throw new NotTold("it has no releases with files");
    return rows;
  }

  private async failures(of: string, workflow: string | undefined): Promise<MetricRow[]> {
    const since = dayOf(new Date(this.look.now.getTime() - runDays * 86_400_000));
    const query = {
      status: "completed",
      created: `>=${since}`,
      ...(this.asked.branch !== undefined && { branch: this.asked.branch }),
    };
    const place =
      workflow === undefined ? "actions/runs" : `actions/workflows/${encodeURIComponent(workflow)}/runs`;
    const { items } = await this.list(place, query, (page) => fieldOf(page, "workflow_runs"));
    const ended = items.map((run) => conclusions[String(fieldOf(run, "conclusion"))]);
    const failed = ended.filter((end) => end === "failed").length;
    const all = failed + ended.filter((end) => end === "passed").length;
    if (all === 0) throw new NotTold(`no run has passed or failed in ${runDays} days`);
    return [row("failures", of, failed / all, { period: `${runDays} days` })];
  }

  /** Open issues with a label; pull requests, which the list has too, are none. */
  private async feedback(of: string, label: string): Promise<MetricRow[]> {
    const { items, isWhole } = await this.list("issues", { state: "open", labels: label }, (page) => page);
    if (!isWhole) throw new NotTold(`there are more than ${mostPages * perPage}`);
    return [
      row("feedback", of, items.filter((issue) => fieldOf(issue, "pull_request") === undefined).length),
    ];
  }

  /** @returns the entries, the newest first, and whether these are all */
  private async list(
    place: string,
    query: Readonly<Record<string, string>>,
    entriesOf: (page: unknown) => unknown,
    pages = mostPages,
  ): Promise<{ items: unknown[]; isWhole: boolean }> {
    const token = this.tokenFor(this.endpoint);
    const headers = {
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const items: unknown[] = [];
    for (let page = 1; page <= pages; page++) {
      const url = new URL(`${this.endpoint.url}/repos/${this.asked.repository}/${place}`);
      url.search = new URLSearchParams({
        ...query,
        per_page: String(perPage),
        page: String(page),
      }).toString();
      const entries = itemsOf(entriesOf(await this.service.read(url, headers)));
      items.push(...entries);
      if (entries.length < perPage) return { items, isWhole: true };
    }
    return { items, isWhole: false };
  }
}
