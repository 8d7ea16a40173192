import { Answer, failed, invalid, notFound } from "./answer";
import type { OperationCall } from "./operation-call";
import { now, type FakePull, type FakeRepository } from "./repository";

/** The operations on pull requests that the fake has, by the names of GitHub's description. */
export const pullOperations: Readonly<Record<string, (call: OperationCall) => Answer>> = {
  "GET /repos/{owner}/{repo}/pulls": ({ repository, query, render }) => {
    const state = query.get("state") ?? "open";
    const [head, base] = [query.get("head"), query.get("base")];
    const found = repository.pulls.filter(
      (pull) =>
        (state === "all" || pull.state === state) &&
        (head === null || pull.label === head) &&
        (base === null || pull.base === base),
    );
    return new Answer(
      200,
      [...found].reverse().map((pull) => render.pull(repository, pull)),
    );
  },

  "POST /repos/{owner}/{repo}/pulls": ({ repository, body, path, render, git }) => {
    const label = String(body.head).includes(":") ? String(body.head) : `${path.owner}:${String(body.head)}`;
    const [owner = "", branch = ""] = label.split(":");
    const base = String(body.base);
    const name = typeof body.head_repo === "string" ? body.head_repo : (path.repo ?? "");
    const from = owner === path.owner ? `${owner}/${name}` : `${owner}/${path.repo}`;
    const sha = git?.commit(from, branch);
    if (!git || sha === undefined) throw refused({ field: "head", code: "invalid" });
    if (git.commit(repository.fullName, base) === undefined)
      throw refused({ field: "base", code: "invalid" });
    if (
      repository.pulls.some((pull) => pull.label === label && pull.base === base && pull.state === "open")
    ) {
      throw refused({ code: "custom", message: `A pull request already exists for ${label}.` });
    }
    if (git.isContained(from, branch, repository.fullName, base)) {
      throw refused({ code: "custom", message: `No commits between ${base} and ${label}` });
    }
    const pull: FakePull = {
      number: repository.pulls.length + 1,
      title: String(body.title),
      body: typeof body.body === "string" ? body.body : null,
      label,
      sha,
      base,
      state: "open",
      mergedAt: null,
    };
    repository.pulls.push(pull);
    return new Answer(201, render.pull(repository, pull));
  },

  "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": ({ repository, body, path, render }) => {
    const pull = repository.pulls.find(({ number }) => String(number) === path.pull_number);
    if (!pull) throw notFound();
    if (typeof body.title === "string") pull.title = body.title;
    if (typeof body.body === "string") pull.body = body.body;
    if (body.state === "closed" || body.state === "open") pull.state = body.state;
    return new Answer(200, render.pull(repository, pull));
  },

  "POST /repos/{owner}/{repo}/merge-upstream": ({ repository, body, git }) => {
    const { forkOf } = repository.options;
    const branch = String(body.branch);
    if (forkOf === undefined || !git) throw failed(422, "This repository is not a fork.");
    if (!git.fastForward(repository.fullName, forkOf, branch))
      throw failed(409, "There are merge conflicts.");
    return new Answer(200, {
      merge_type: "fast-forward",
      base_branch: branch,
      message: "Successfully fetched.",
    });
  },
};

/** Says of a pull request what somebody has done with it by hand: merged it, or declined it. */
export function decide(repository: FakeRepository, number: number, what: "merged" | "closed"): void {
  const pull = repository.pulls.find((one) => one.number === number);
  if (!pull) throw new Error(`there is no pull request #${number}`);
  pull.state = "closed";
  if (what === "merged") pull.mergedAt = now();
}

function refused(error: { field?: string; code: string; message?: string }): Answer {
  return invalid([{ resource: "PullRequest", field: "", ...error }]);
}
