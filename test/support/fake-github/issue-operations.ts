import { Answer, invalid, notFound } from "./answer";
import type { OperationCall } from "./operation-call";
import { page } from "./page";

/** Characters that the text of an issue may have on GitHub. */
const longestBody = 65_536;

/** The operations on issues that the fake has, by the names of GitHub's description. */
export const issueOperations: Readonly<Record<string, (call: OperationCall) => Answer>> = {
  "GET /repos/{owner}/{repo}/issues": ({ repository, query, render }) => {
    const state = query.get("state") ?? "open";
    const label = query.get("labels");
    const found = repository.issues.filter(
      (issue) =>
        (state === "all" || issue.state === state) && (label === null || issue.labels.includes(label)),
    );
    return page(
      [...found].reverse().map((issue) => render.issue(repository, issue)),
      query,
    );
  },

  "POST /repos/{owner}/{repo}/issues": ({ repository, body, render }) => {
    refuseLong(body.body);
    const issue = repository.issue({
      title: String(body.title),
      body: typeof body.body === "string" ? body.body : null,
      labels: Array.isArray(body.labels) ? body.labels.map(String) : [],
      author: "github-actions[bot]",
      association: "NONE",
    });
    return new Answer(201, render.issue(repository, issue));
  },

  "PATCH /repos/{owner}/{repo}/issues/{issue_number}": ({ repository, path, body, render }) => {
    const issue = repository.issues.find(({ number }) => String(number) === path.issue_number);
    if (!issue) throw notFound();
    refuseLong(body.body);
    if (typeof body.title === "string") issue.title = body.title;
    if (typeof body.body === "string") issue.body = body.body;
    if (body.state === "closed" || body.state === "open") {
      issue.state = body.state;
      issue.reason =
        typeof body.state_reason === "string"
          ? body.state_reason
          : body.state === "open"
            ? "reopened"
            : "completed";
    }
    return new Answer(200, render.issue(repository, issue));
  },
};

function refuseLong(body: unknown): void {
  if (typeof body === "string" && body.length > longestBody)
    throw invalid([{ resource: "Issue", field: "body", code: "custom" }]);
}
