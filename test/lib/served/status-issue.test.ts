import assert from "node:assert/strict";
import type { ServedState } from "../../../lib/display/served-state";
import { badStates } from "../../../lib/display/served-state";
import type { StatusRow } from "../../../lib/display/release-status";
import { GitHubClient } from "../../../lib/github/client";
import { Issues } from "../../../lib/github/issues";
import { parseGitHubRepository } from "../../../lib/github/names";
import { issueMark } from "../../../lib/served/issue-text";
import { keepIssue, statusLabel } from "../../../lib/served/status-issue";
import { FakeGitHub, type FakeRepository } from "../../support/fake-github";

const row = (name: string, state: ServedState, more: Partial<StatusRow> = {}): StatusRow => ({
  kind: "tag",
  place: "ghcr.io/acme/app",
  name,
  declared: "1.0.0",
  served: "",
  state,
  reason: "",
  ...more,
});

describe("CAP-22: one issue about what is published and not as it should be", () => {
  let fake: FakeGitHub;
  let repository: FakeRepository;
  const clients: GitHubClient[] = [];

  before(async () => {
    fake = await FakeGitHub.start();
  });
  beforeEach(() => {
    fake.forget();
    repository = fake.repository("acme/app");
  });
  afterEach(() => assert.deepEqual(fake.violations, [], "GitHub's OpenAPI description is kept to"));
  after(async () => {
    for (const client of clients) await client.close();
    await fake?.stop();
  });

  const keep = async (
    rows: StatusRow[],
    { isWhole = true, subject = "app/prod", token = fake.token } = {},
  ) => {
    const client = new GitHubClient({ endpoint: fake.url, token, patience: { baseDelayMs: 5 } });
    clients.push(client);
    const issues = new Issues(client, parseGitHubRepository("acme/app"));
    const status = { rows, errors: [], looked: rows.length };
    const { done } = await keepIssue(issues, { subject, status, isWhole, bad: badStates });
    const writes = fake.writes();
    fake.forget();
    return { done, writes };
  };

  const states = () => repository.issues.map(({ number, state, reason }) => `#${number} ${state} ${reason}`);

  it("is opened, left alone, brought up to date, closed, and opened again: never a second one", async () => {
    assert.deepEqual(await keep([row("v1", "served")]), { done: "none is needed", writes: [] });
    assert.equal((await keep([row("v1", "missing"), row("v2", "served")])).done, "opened");
    const [issue] = repository.issues;
    assert.deepEqual(issue?.labels, [statusLabel]);
    assert.equal(issue?.title, "Published and not served: 1 missing (app/prod)");
    assert.match(issue?.body ?? "", /^Of 2 things that app\/prod has published, 1 is not as it should be:$/m);
    assert.match(
      issue?.body ?? "",
      /^\| tag \| ghcr\.io\/acme\/app \| v1 \| 1\.0\.0 \| {2}\| missing \| {2}\|$/m,
    );

    assert.deepEqual(await keep([row("v1", "missing"), row("v2", "served")]), {
      done: "left as it is",
      writes: [],
    });
    assert.equal((await keep([row("v1", "missing"), row("v2", "drifted")])).done, "updated");
    assert.match(repository.issues[0]?.title ?? "", /: 1 missing, 1 drifted /);
    assert.equal((await keep([row("v1", "served"), row("v2", "served")])).done, "closed");
    assert.deepEqual(states(), ["#1 closed completed"]);
    assert.deepEqual(await keep([row("v1", "served")]), { done: "none is needed", writes: [] });
    assert.equal((await keep([row("v2", "behind")])).done, "opened again");
    assert.deepEqual(states(), ["#1 open reopened"]);
  });

  it("is neither opened nor closed by what nobody could look at", async () => {
    assert.equal((await keep([row("v1", "unknown")])).done, "none is needed");
    await keep([row("v1", "missing"), row("v2", "drifted")]);
    assert.equal((await keep([row("v1", "unknown"), row("v2", "served")])).done, "left as it is");
    // What it is about stays known while another thing is told.
    assert.equal((await keep([row("v1", "unknown"), row("v3", "failed")])).done, "updated");
    assert.match(repository.issues[0]?.body ?? "", /^1 more that were named here could not be looked at/m);
    assert.equal((await keep([row("v1", "unknown"), row("v3", "served")])).done, "left as it is");
    assert.equal((await keep([row("v3", "served")], { isWhole: false })).done, "left as it is");
    assert.deepEqual(states(), ["#1 open null"]);
    // What is published no more is nobody's loss.
    assert.equal((await keep([row("v3", "served")])).done, "closed");
  });

  it("is found again without its label, and after another one of another stack", async () => {
    await keep([row("v1", "missing")], { subject: "app/next" });
    await keep([row("v1", "missing")]);
    for (const issue of repository.issues) issue.labels = [];
    for (let index = 0; index < 120; index++) repository.issue({ title: "other", body: "words" });
    assert.equal((await keep([row("v1", "drifted")])).done, "updated");
    assert.equal((await keep([row("v1", "served")])).done, "closed");
    assert.deepEqual(states().slice(0, 2), ["#1 open null", "#2 closed completed"]);
    assert.equal(repository.issues.length, 122);
  });

  it("is not an issue of a stranger who has copied the mark, nor changes it", async () => {
    const theirs = repository.issue({ title: "mine", body: issueMark("app/prod"), labels: [statusLabel] });
    assert.equal((await keep([row("v1", "missing")])).done, "opened");
    assert.deepEqual([theirs.title, theirs.body, theirs.state], ["mine", issueMark("app/prod"), "open"]);
    assert.equal((await keep([row("v1", "served")])).done, "closed");
    assert.equal(theirs.state, "open");
  });

  it("is one where the answer to its opening was lost, and where somebody was faster", async () => {
    fake.faults.push({ method: "POST", path: /\/issues$/, loseAnswer: true, times: 1 });
    assert.equal((await keep([row("v1", "missing")])).done, "updated");
    assert.deepEqual(states(), ["#1 open null", "#2 closed not_planned"]);
    const body = repository.issues[0]?.body ?? "";
    repository.issue({ body, labels: [statusLabel], author: "bot[bot]" });
    assert.equal((await keep([row("v1", "missing")])).done, "left as it is");
    assert.deepEqual(states(), ["#1 open null", "#2 closed not_planned", "#3 closed not_planned"]);
  });

  it("stays within what GitHub takes, says nothing to others, and has no markup of theirs", async () => {
    const reason = `@acme/owners <img src=x> ${"long ".repeat(2_000)}`;
    const rows = Array.from({ length: 2_000 }, (_, index) => row(`v${index}`, "failed", { reason }));
    assert.equal((await keep(rows)).done, "opened");
    const body = repository.issues[0]?.body ?? "";
    assert.match(body, /… and \d+ more\./);
    assert.doesNotMatch(body, /(?<!\w)@acme|(?<!\\)<img/);
    assert.equal((await keep(rows)).done, "left as it is");
  });

  it("says what a token needs that may not write issues", async () => {
    await assert.rejects(
      keep([row("v1", "missing")], { token: fake.readOnlyToken }),
      /opening an issue in acme\/app: .*Issues: write.*permissions: issues: write/s,
    );
  });
});
