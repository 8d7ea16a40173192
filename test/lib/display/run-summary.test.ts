import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { EngineEvent, Step } from "../../../lib/display/engine-event";
import { RunSteps } from "../../../lib/display/run-steps";
import { summaryLines, summaryMarkdown } from "../../../lib/display/run-summary";
import { readSentRecord, recordSent, sentRecordVariable } from "../../../lib/display/sent-record";
import { addStepSummary } from "../../../lib/display/step-summary";

const urnOf = (type: string, name: string) =>
  `urn:pulumi:dev::test::slipway:components:Distribution$${type}::${name}`;

/** A run whose clock goes on as the steps say. */
function run({
  plansFirst = false,
  sent = {},
}: { plansFirst?: boolean; sent?: Record<string, number> } = {}) {
  let now = 0;
  const bytes = () => new Map(Object.entries(sent));
  const steps = new RunSteps({ plansFirst }, bytes, () => now);
  const event = (
    op: string,
    type: string,
    name: string,
    seconds: number,
    { failed = false, ...more }: Partial<Step> & { failed?: boolean } = {},
  ): string[] => {
    const metadata: Step = { op, type, urn: urnOf(type, name), ...more };
    const before = steps.take({ resourcePreEvent: { metadata } });
    now += seconds * 1000;
    const ended: EngineEvent = failed
      ? { resOpFailedEvent: { metadata } }
      : { resOutputsEvent: { metadata } };
    return [...before, ...steps.take(ended)];
  };
  return { steps, event, lines: () => summaryLines(steps.facts()) };
}

const pointers = (repository: string, tags: Record<string, string>) => ({
  outputs: { repository, pointers: tags },
});

describe("the summary of a run", () => {
  it("says what was made, moved, kept and refused, how long stages took, and the three slowest", () => {
    const { event, lines } = run({ sent: { [urnOf("slipway:oci:Image", "app")]: 2_500_000 } });
    assert.deepEqual(event("create", "slipway:oci:Image", "app", 3), []);
    event("same", "slipway:oci:Image", "other", 0);
    event("create", "slipway:oci:Index", "app", 1);
    assert.deepEqual(event("same", "slipway:release:Stage", "app-proven", 0), [
      "stage app-proven: 2 made, 1 kept, 2.5 MB sent, 4.0 s",
    ]);
    event("update", "slipway:oci:Tags", "app:aliases", 0.5, {
      old: pointers("ghcr.io/acme/app", { latest: "one", v1: "one" }),
      new: pointers("ghcr.io/acme/app", { latest: "two", v1: "one", edge: "two" }),
    });
    event("create", "slipway:components:Distribution", "app", 60);
    event("delete", "slipway:oci:Signature", "old", 0);
    event("update", "slipway:oci:Mirror", "quay", 9, { failed: true });
    assert.deepEqual(lines(), [
      "summary:",
      "  made     1 oci:Image, 1 oci:Index",
      "  changed  1 oci:Tags",
      "  moved    ghcr.io/acme/app:latest",
      "  removed  1 oci:Signature",
      "  kept     1 as they were",
      "  refused  oci:Mirror quay",
      "  sent     2.5 MB",
      "  stages   app-proven 4.0 s",
      "  slowest  oci:Mirror quay 9.0 s, oci:Image app 3.0 s (2.5 MB), oci:Index app 1.0 s",
    ]);
  });

  it("says nothing where nothing was done, nor of a plan", () => {
    const same = run();
    same.event("same", "slipway:oci:Image", "app", 1);
    assert.deepEqual(same.event("same", "slipway:release:Stage", "app-proven", 0), []);
    assert.deepEqual([same.lines(), summaryMarkdown(same.steps.facts())], [[], ""]);
    const planned = run({ plansFirst: true });
    planned.event("create", "slipway:oci:Image", "app", 1);
    assert.deepEqual(planned.event("create", "slipway:release:Stage", "app-proven", 0), []);
    assert.deepEqual(planned.lines(), []);
    planned.steps.begin();
    planned.event("create", "slipway:oci:Image", "app", 1);
    assert.deepEqual(planned.lines()[1], "  made     1 oci:Image");
  });

  it("counts what is replaced once", () => {
    const { event, lines } = run();
    for (const op of ["create-replacement", "replace", "delete-replaced"])
      event(op, "slipway:oci:Image", "app", 1);
    assert.equal(lines()[1], "  made     1 oci:Image");
  });

  it("names some of what was moved and refused, and how many more", () => {
    const { event, lines } = run();
    const tags = (digest: string) =>
      pointers(
        "ghcr.io/acme/app",
        Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`t${at}`, digest])),
      );
    event("update", "slipway:oci:Tags", "app", 1, { old: tags("one"), new: tags("two") });
    assert.match(lines().join("\n"), /\n {2}moved +ghcr\.io\/acme\/app:t0, .*:t5 and 3 more\n/);
  });

  it("has words of others that are no markup", () => {
    const { event, steps } = run();
    event("create", "slipway:oci:Image", "a|b <img>", 1);
    assert.doesNotMatch(summaryMarkdown(steps.facts()), /[^\\]<img>|[^\\]\|b/);
  });
});

describe("what was sent in a run", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "slipway-sent-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is handed over by a file, which may be under way", () => {
    const file = path.join(folder, "sent");
    assert.deepEqual(readSentRecord(file), new Map());
    const env = { [sentRecordVariable]: file };
    recordSent("one", 5, env);
    recordSent("two", 0, env);
    recordSent("one", 6, env);
    recordSent("three", 7, {});
    writeFileSync(file, `${readFileSync(file, "utf8")}["four", 1`);
    assert.deepEqual(readSentRecord(file), new Map([["one", 11]]));
  });

  it("does not fail a release where the summary of the step cannot be written", async () => {
    const env = { GITHUB_STEP_SUMMARY: path.join(folder, "none", "step.md") };
    assert.match(
      (await addStepSummary("text", env)) ?? "",
      /^warning: the summary of the step was not written: /,
    );
    assert.equal(await addStepSummary("text", {}), undefined);
  });
});
