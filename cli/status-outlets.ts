import { statusAnnotations } from "../lib/display/status-annotations";
import { GitHubClient } from "../lib/github/client";
import { environmentToken, GitHubEndpoint } from "../lib/github/endpoint";
import { Issues } from "../lib/github/issues";
import { parseGitHubRepository, type GitHubRepository } from "../lib/github/names";
import { SetupError } from "../lib/machine/setup-error";
import { keepIssue } from "../lib/served/status-issue";
import { badRows, type StatusReport } from "../lib/served/status-report";
import { tellWebhook, webhookAddress } from "../lib/served/status-webhook";
import { UsageError, type Command, type Values } from "./command";

/** Options of `slipway status` that say who is told. */
export const outletOptions: Command["options"] = {
  issue: {
    type: "string",
    value: "OWNER/NAME",
    help: "Repository of GitHub with one issue about what is bad: opened, kept up to date and closed. Needs GITHUB_TOKEN.",
  },
  webhook: {
    type: "string",
    value: "URL",
    help: "Address that gets the status as JSON. Default: SLIPWAY_STATUS_WEBHOOK of the environment, where it is set.",
  },
  annotations: {
    type: "boolean",
    help: "Prints a warning of GitHub Actions for each thing that is bad, after the text.",
  },
};

/** Who is told of a status beside who reads the text. */
export interface Outlets {
  readonly issue:
    { readonly repository: GitHubRepository; readonly endpoint: string; readonly token: string } | undefined;
  readonly webhook: URL | undefined;
  readonly annotations: boolean;
}

/**
 * Reads the options, before anything is looked at.
 *
 * @throws UsageError for what is none
 * @throws SetupError without a token for an issue
 */
export function outletsOf(values: Values, isTextPrinted: boolean, env = process.env): Outlets {
  const { issue, annotations = false } = values;
  if (annotations === true && !isTextPrinted && values.output === undefined)
    throw new UsageError("--annotations: they would be in the middle of what is printed; add --output FILE");
  const webhook = values.webhook ?? env.SLIPWAY_STATUS_WEBHOOK;
  return {
    issue: typeof issue === "string" ? issueOutlet(issue, env) : undefined,
    webhook:
      typeof webhook === "string" && webhook !== ""
        ? read(values.webhook === undefined ? "SLIPWAY_STATUS_WEBHOOK" : "--webhook", () =>
            webhookAddress(webhook),
          )
        : undefined,
    annotations: annotations === true,
  };
}

/**
 * Tells everybody. One who cannot be told does not keep the others from it.
 *
 * @throws SetupError with what went wrong, when all others were told
 */
export async function tellOutlets(
  { issue, webhook, annotations }: Outlets,
  report: StatusReport,
): Promise<void> {
  if (annotations) {
    const unseen = report.status.rows.filter(
      ({ state }) => state === "unknown" && !report.bad.includes(state),
    );
    process.stdout.write(statusAnnotations(badRows(report), unseen.length));
  }
  const told = await Promise.allSettled([
    issue === undefined ? undefined : tellIssue(issue, report),
    webhook === undefined ? undefined : tellWebhook(webhook, report),
  ]);
  const failures = told.flatMap((one) =>
    one.status === "rejected" ? [(one.reason as Error).message.trimEnd()] : [],
  );
  if (failures.length > 0) throw new SetupError(failures.join("\n"), "");
}

/** GitHub Actions names the API of the server that it runs on. */
function issueOutlet(text: string, env: NodeJS.ProcessEnv): NonNullable<Outlets["issue"]> {
  const repository = read("--issue", () => parseGitHubRepository(text));
  const endpoint = read(
    "GITHUB_API_URL",
    () => new GitHubEndpoint(env.GITHUB_API_URL === "" ? undefined : env.GITHUB_API_URL),
  );
  const token = environmentToken(endpoint, env);
  if (token !== undefined) return { repository, endpoint: endpoint.url, token };
  throw new SetupError(
    `The issue in ${text} cannot be kept: there is no token of GitHub.`,
    'Set GITHUB_TOKEN to one that may write issues; in GitHub Actions, give the job "permissions: issues: write".',
  );
}

async function tellIssue(
  { repository, endpoint, token }: NonNullable<Outlets["issue"]>,
  report: StatusReport,
): Promise<void> {
  const client = new GitHubClient({ endpoint, token, onWait: (message) => console.error(message) });
  try {
    const issues = new Issues(client, repository);
    const { done, issue } = await keepIssue(issues, report);
    console.error(
      issue === undefined
        ? `No issue in ${issues.name}: ${done}.`
        : `Issue #${issue.number} of ${issues.name}: ${done} (${issue.url}).`,
    );
  } finally {
    await client.close();
  }
}

function read<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}
