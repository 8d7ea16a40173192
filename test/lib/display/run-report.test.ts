import assert from "node:assert/strict";
import type { EngineEvent, Step } from "../../../lib/display/engine-event";
import { RunReport } from "../../../lib/display/run-report";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const urn = (type: string, name: string) =>
  `urn:pulumi:dev::test::slipway:components:Distribution$${type}::${name}`;
const step = (op: string, type: string, name: string, rest: Partial<Step> = {}): EngineEvent => ({
  resOutputsEvent: { metadata: { op, type, urn: urn(type, name), ...rest } },
});
const said = (message: string, severity = "info", rest: object = {}): EngineEvent => ({
  diagnosticEvent: { message, severity, ...rest },
});
const summary = (resourceChanges: Record<string, number>, isPreview = true): EngineEvent => ({
  summaryEvent: { durationSeconds: 2, isPreview, resourceChanges, PolicyPacks: {} },
});

function reportOf(...events: EngineEvent[]): string[] {
  const report = new RunReport();
  return [...events.flatMap((event) => report.take(event)), ...report.end()];
}

describe("the report of a run", () => {
  it("has one line where nothing changes", () => {
    const events = [
      step("refresh", "slipway:oci:Tags", "hello:aliases"),
      step("same", "slipway:oci:Index", "hello"),
    ];
    assert.deepEqual(reportOf(...events, summary({ same: 30 })), ["no changes, 30 unchanged (2 s)"]);
  });

  it("has the versions above what changes, whenever they are told", () => {
    const ledger = { urn: urn("slipway:release:Ledger", "hello") };
    const headline = said("hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello", "info", ledger);
    const change = step("create", "slipway:oci:Tags", "hello:aliases");
    assert.deepEqual(
      reportOf(change, headline, said("a note", "info", ledger), headline, summary({ create: 1 })),
      [
        "a note",
        "hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello",
        "  + oci:Tags  hello:aliases",
        "1 to create (2 s)",
      ],
    );
  });

  it("tells once what a run says of its plan and of what it does", () => {
    const of = (type: string, name: string) => ({ urn: urn(type, name) });
    const aliases = of("slipway:oci:Tags", "hello:aliases");
    const mirror = of("slipway:oci:Mirror", "hello@mirror");
    const plan = [
      said("hello:latest will move", "info", aliases),
      said("hello:v0.1 stays", "warning", mirror),
      said("8 rules passed (1 for what is known)"),
    ];
    const report = new RunReport({ plansFirst: true });
    const lines = plan.flatMap((event) => report.take(event));
    assert.deepEqual(lines, []);
    report.begin();
    const done = [
      said("hello:latest moves", "info", aliases),
      said("8 rules passed"),
      summary({ update: 1 }, false),
    ];
    assert.deepEqual(
      [...done.flatMap((event) => report.take(event)), ...report.end()],
      ["hello:latest moves", "8 rules passed", "warning: hello:v0.1 stays", "1 updated (2 s)"],
    );
  });

  it("tells what was said of a plan that is not carried out", () => {
    const report = new RunReport({ plansFirst: true });
    const events = [said("a note"), said("it cannot be", "error"), summary({ create: 1 })];
    assert.deepEqual(
      [...events.flatMap((event) => report.take(event)), ...report.end()],
      ["a note", "error: it cannot be", "preview failed, 1 to create (2 s)"],
    );
  });

  it("leaves out the stages of a release, which make nothing, where something else changes", () => {
    const stage = step("create", "slipway:release:Stage", "hello-proven");
    const tags = step("create", "slipway:oci:Tags", "hello:aliases");
    assert.deepEqual(reportOf(stage, tags, summary({ create: 2 })), [
      "  + oci:Tags  hello:aliases",
      "2 to create (2 s)",
    ]);
    assert.deepEqual(reportOf(stage, summary({ create: 1, same: 29 })), [
      "  + release:Stage  hello-proven",
      "1 to create, 29 unchanged (2 s)",
    ]);
  });

  it("has a line a resource, in one order whichever was first, with short digests", () => {
    const image = step("update", "slipway:oci:Image", "hello-linux-arm64", {
      old: { outputs: { digest: digest("a"), layers: [] } },
      new: { inputs: { digest: digest("b"), layers: [{}] } },
      detailedDiff: { layers: {}, digest: {} },
    });
    const tags = step("update", "slipway:oci:Tags", "hello:aliases", {
      old: { outputs: { pointers: { latest: digest("a"), "v0.1": digest("a") } } },
      new: { inputs: { pointers: { latest: digest("b"), "v0.2": digest("b") } } },
      detailedDiff: { 'pointers["v0.1"]': {}, 'pointers["v0.2"]': {}, "pointers.latest": {} },
    });
    const archive = [
      step("create-replacement", "slipway:build:Archive", "hello", {}),
      step("replace", "slipway:build:Archive", "hello", {
        old: { outputs: { path: "a.zip" } },
        new: { inputs: { path: "b.zip" } },
        diffs: ["path"],
      }),
      step("delete-replaced", "slipway:build:Archive", "hello"),
    ];
    const expected = [
      "  ± build:Archive  hello              path a.zip → b.zip",
      "  ~ oci:Image      hello-linux-arm64  digest sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb, layers",
      "  ~ oci:Tags       hello:aliases      + v0.2 sha256:bbbbbbbbbbbb, - v0.1 sha256:aaaaaaaaaaaa, latest sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
      "2 to update, 1 to replace (2 s)",
    ];
    const end = summary({ update: 2, replace: 1 });
    assert.deepEqual(reportOf(image, tags, ...archive, end), expected);
    assert.deepEqual(reportOf(...archive, tags, image, end), expected);
  });

  it("shows progress with the resource that it is of", () => {
    const progress = said("pushing", "info", { ephemeral: true, urn: urn("slipway:oci:Image", "hello") });
    assert.deepEqual(reportOf(progress, progress), ["  … hello: pushing", "  … hello: pushing"]);
  });

  it("ends with the reason where a plan is refused, without the engine's frame, and with no change", () => {
    const frame = `slipway:oci:Tags resource 'hello:version-tags': property digest value {${digest("d")}} has a problem: `;
    const reason = `v0.1.0 is published as ${digest("e")}, and\nthis is another`;
    const refused = said(`${frame}${reason}\n`, "error", {
      urn: urn("slipway:oci:Tags", "hello:version-tags"),
    });
    const lines = reportOf(
      refused,
      step("update", "slipway:oci:Image", "hello"),
      said("preview failed\n", "error"),
      summary({ update: 1 }),
    );
    assert.deepEqual(lines, [
      `error: hello:version-tags: digest: v0.1.0 is published as ${digest("e")}, and`,
      "  this is another",
      "preview failed, 1 to update (2 s)",
    ]);
  });

  it("tells what an update has done before it failed", () => {
    const lines = reportOf(
      step("create", "slipway:oci:Image", "hello"),
      said("no space left", "error", { urn: urn("slipway:oci:Index", "hello") }),
      said("update failed", "error"),
      summary({ create: 1 }, false),
    );
    assert.deepEqual(lines, [
      "  + oci:Image  hello",
      "error: hello: no space left",
      "update failed, 1 created (2 s)",
    ]);
  });

  it("has what leaves the program in two lines, with what stays", () => {
    const references = ["localhost/hello:v1", "localhost/hello:latest"];
    const lines = reportOf(
      step("delete", "slipway:components:MultiArchImage", "hello"),
      ...["linux-amd64", "linux-arm64"].map((name) => step("delete", "slipway:oci:Image", `hello-${name}`)),
      step("delete", "slipway:trust:Sbom", "hello"),
      step("delete", "slipway:oci:Tags", "hello:aliases", { old: { outputs: { references } } }),
      summary({ delete: 5 }),
    );
    assert.deepEqual(lines, [
      "  - hello, hello-linux-amd64, hello-linux-arm64: 4 resources leave the program",
      "    what is published stays: localhost/hello:latest, localhost/hello:v1; delete it where it is, if nobody needs it",
      "5 to leave the state (2 s)",
    ]);
  });

  it("leaves out what another resource has instead", () => {
    const state = { directory: "public", name: "hello", tag: "v1" };
    const lines = reportOf(
      step("create", "slipway:release:Directory", "new@public", { new: { inputs: state } }),
      step("delete", "slipway:release:Directory", "old@public", { old: { outputs: state } }),
      step("delete", "slipway:release:Directory", "other", { old: { outputs: { ...state, name: "other" } } }),
      summary({ create: 1, delete: 2 }),
    );
    assert.equal(lines.at(-1), "1 to create, 2 to leave the state (2 s)");
    const foreign = step("delete", "aws:s3:Bucket", "pages");
    assert.equal(reportOf(foreign, summary({ delete: 1 })).at(-1), "1 to delete (2 s)");
    assert.deepEqual(lines.slice(-3, -1), [
      "  - old, other: 2 resources leave the program",
      "    what is published stays: public/other: release v1; delete it where it is, if nobody needs it",
    ]);
  });

  it("has outputs that differ, a line each", () => {
    const of = (op: string, before: object, outputs: object): EngineEvent => ({
      resOutputsEvent: {
        metadata: {
          op,
          type: "pulumi:pulumi:Stack",
          urn: "urn:pulumi:dev::test::pulumi:pulumi:Stack::test-dev",
          old: { outputs: before as Record<string, unknown> },
          new: { outputs: outputs as Record<string, unknown> },
        },
      },
    });
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const before = {
      proven: { hello: { sbom: "passed" } },
      published: { digest: digest("a"), pull: ["a", "b"] },
    };
    const after = { proven: unknown, published: { pull: ["a", "c", "d"], digest: digest("b") } };
    assert.deepEqual(reportOf(of("same", before, after), summary({ same: 1 })), [
      "outputs:",
      "  proven: not known yet",
      "  published.digest: sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
      "  published.pull[1]: b → c",
      "  published.pull[2]: d",
      "no changes, 1 unchanged (2 s)",
    ]);
  });

  it("has each violation once, with the resources that have it", () => {
    const violation = (name: string): EngineEvent => ({
      policyEvent: {
        policyName: "signed",
        enforcementLevel: "mandatory",
        message: `no signature\nTo do: sign ${digest("a")}\n`,
        resourceUrn: urn("slipway:oci:Tags", name),
      },
    });
    assert.deepEqual(reportOf(violation("b"), violation("a"), violation("a")), [
      "refused by signed (a, b): no signature",
      "  To do: sign sha256:aaaaaaaaaaaa",
    ]);
  });
});
