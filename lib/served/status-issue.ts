import type { Issue, Issues } from "../github/issues";
import { closingText, issueMark, issueText, unresolved } from "./issue-text";
import type { StatusReport } from "./status-report";

/** Label of the issue, by which it is found again when it is closed. */
export const statusLabel = "slipway-status";

/** What was done, in words, and the issue that it was done to. */
export interface KeptIssue {
  readonly done: "opened" | "opened again" | "updated" | "closed" | "left as it is" | "none is needed";
  readonly issue?: Issue;
}

/**
 * Keeps one issue about what is published and not as it should be: opens it, brings it up to date, and closes it when all
 * that it is about was seen to be served. What nobody could look at neither opens nor closes it.
 *
 * @throws GitHubError
 */
export async function keepIssue(issues: Issues, report: StatusReport): Promise<KeptIssue> {
  const found = await ownIssues(issues, report.subject);
  const issue = found.find(({ isOpen }) => isOpen) ?? found[0];
  const wanted = issueText(report, issue?.isOpen === true ? issue.body : "");
  const kept = await (wanted === undefined
    ? closed(issues, report, issue)
    : shown(issues, report.subject, issue, wanted));
  for (const other of found) if (other.isOpen && other !== issue) await closeDouble(issues, other);
  return kept;
}

/** Issues about a subject, the oldest first; more than one where somebody was faster, or has copied it. */
async function ownIssues(issues: Issues, subject: string): Promise<Issue[]> {
  const mark = issueMark(subject);
  const labeled = (await issues.marked(mark, statusLabel)).filter(({ isOwn }) => isOwn);
  // Somebody may have taken the label away.
  const open = labeled.some(({ isOpen }) => isOpen)
    ? []
    : (await issues.marked(mark)).filter(({ isOwn }) => isOwn);
  return [...labeled, ...open].sort((one, other) => one.number - other.number);
}

async function shown(
  issues: Issues,
  subject: string,
  issue: Issue | undefined,
  wanted: { title: string; body: string },
): Promise<KeptIssue> {
  if (issue === undefined) {
    const opened = await issues.open({ ...wanted, labels: [statusLabel] });
    const [first] = (await ownIssues(issues, subject)).filter(({ isOpen }) => isOpen);
    if (first === undefined || first.number === opened.number) return { done: "opened", issue: opened };
    await closeDouble(issues, opened);
    return { done: "updated", issue: await issues.change(first.number, wanted) };
  }
  if (!issue.isOpen) {
    const change = { ...wanted, state: "open", state_reason: "reopened" } as const;
    return { done: "opened again", issue: await issues.change(issue.number, change) };
  }
  if (isSame(issue, wanted)) return { done: "left as it is", issue };
  return { done: "updated", issue: await issues.change(issue.number, wanted) };
}

async function closed(issues: Issues, report: StatusReport, issue: Issue | undefined): Promise<KeptIssue> {
  if (issue === undefined || !issue.isOpen) return { done: "none is needed" };
  if (unresolved(report, issue.body).length > 0) return { done: "left as it is", issue };
  const change = { ...closingText(report), state: "closed", state_reason: "completed" } as const;
  return { done: "closed", issue: await issues.change(issue.number, change) };
}

async function closeDouble(issues: Issues, { number }: Issue): Promise<void> {
  await issues.change(number, { state: "closed", state_reason: "not_planned" });
}

/** GitHub may store line ends as a browser sends them. */
function isSame({ title, body }: Issue, wanted: { title: string; body: string }): boolean {
  return title === wanted.title && body.replaceAll("\r\n", "\n") === wanted.body;
}
