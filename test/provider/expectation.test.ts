import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { machinePlatform } from "../../lib/command/executable-format";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, secret } from "../support/provider-process";
import { requirement } from "../support/requirement";
import { useProviders } from "./workbench";

const command = "slipway:build:Command";
const here = machinePlatform();
const elsewhere = here === "darwin/arm64" ? "linux/amd64" : "darwin/arm64";

describe("what is expected of built files", () => {
  let project: string;
  const startIn = useProviders();

  const start = (config?: Properties) => startIn(project, config);

  before(function () {
    requirement(this, existsSync("/bin/echo"), "there is no /bin/echo");
  });
  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-expectation-"));
    // A real program of this machine, and the header of one for another.
    await writeFile(path.join(project, "theirs"), Buffer.from("cffaedfe0c000001", "hex"));
    await writeFile(path.join(project, "source.txt"), "1");
  });
  afterEach(async () => {
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const native: Properties = {
    command: `cp /bin/echo "{output}/echo"`,
    sources: ["source.txt"],
    outputs: ["echo"],
  };
  const foreign: Properties = {
    command: `echo run >> runs.log; cp theirs "{output}/echo"`,
    sources: ["theirs"],
    outputs: ["echo"],
  };

  it("MESH-12: a native binary is checked for its format and run", async () => {
    const provider = await start();
    const test = { command: ["{file}", "version", "v1.0.0"], prints: "v1\\.0\\.0$" };
    const held = await provider.create(command, { ...native, expect: { platform: here, tests: [test] } });
    const { digest } = (held.state.files as Record<string, Properties>).echo ?? {};
    assert.deepEqual(held.state.evidence, [
      { kind: "check", subject: digest, result: "passed", by: "executable format", detail: `echo: ${here}` },
      {
        kind: "check",
        subject: digest,
        result: "passed",
        by: "echo version v1.0.0",
        detail: "version v1.0.0",
      },
    ]);
  });

  it("MESH-12: G-52: a binary for another platform is checked for its format, and its test is reported as not executed", async function () {
    requirement(this, here !== "darwin/arm64", "the foreign platform is this machine's");
    const provider = await start();
    const expect = { platform: "darwin/arm64", tests: [{ command: ["{file}", "version"] }] };
    const held = await provider.create(command, { ...foreign, expect });
    const evidence = held.state.evidence as Properties[];
    assert.deepEqual(
      evidence.map(({ by, result }) => [by, result]),
      [
        ["executable format", "passed"],
        ["echo version", "not executed"],
      ],
    );
    assert.equal(evidence[1]?.detail, `a darwin/arm64 program does not run on ${here}`);
    assert.deepEqual(provider.messages, [], "what is so in every run is an output only");
  });

  it("CORE-16: a binary with the wrong machine is refused, at preview already, and the build is not repeated", async () => {
    const provider = await start();
    const inputs = {
      ...foreign,
      expect: { platform: elsewhere === "darwin/arm64" ? "linux/arm64" : elsewhere },
    };
    for (const preview of [true, false]) {
      await assert.rejects(provider.create(command, inputs, preview), (error: Error) => {
        assert.match(
          error.message,
          /echo is not for the declared platform: it is a Mach-O file for darwin\/arm64, and linux\/a\w+64 was declared/,
        );
        return true;
      });
    }
    assert.equal(await readFile(path.join(project, "runs.log"), "utf8"), "run\n");
  });

  it("a failed function test tells its command, exit code and last lines; a wrong output is shown", async () => {
    const provider = await start();
    const shell = { ...native, command: `cp /bin/sh "{output}/echo"` };
    const failing = { command: ["{file}", "-c", "echo broken; exit 3"] };
    await assert.rejects(
      provider.create(command, { ...shell, expect: { tests: [failing] } }),
      (error: Error) => {
        assert.match(error.message, /command failed: .*echo -c echo broken; exit 3\nexit code 3/);
        assert.match(error.message, / {2}broken/);
        return true;
      },
    );
    const wrong = { command: ["{file}", "v0.9.0"], prints: "v1\\.0" };
    await assert.rejects(
      provider.create(command, { ...native, expect: { tests: [wrong] } }),
      /the test of echo failed: echo v0\.9\.0 printed no line that matches \/v1\\\.0\/; it printed\n {2}v0\.9\.0/,
    );
  });

  it("CORE-12: size and time are checked against their budgets, and the figures recorded", async () => {
    const provider = await start();
    const test = { command: ["{file}", "v1"], withinSeconds: 20 };
    const expect = { maximumBytes: 10_000_000, tests: [test] };
    const { state } = await provider.create(command, { ...native, expect });
    const { size } = (state.files as Record<string, Properties>).echo ?? {};
    const evidence = state.evidence as Properties[];
    assert.deepEqual(
      evidence.map(({ by, result }) => [by, result]),
      [
        ["size", "passed"],
        ["echo v1", "passed"],
        ["time of echo v1", "passed"],
      ],
    );
    assert.equal(evidence[0]?.detail, `echo: ${String(size)} of at most 10000000 bytes`);
    assert.match(String(evidence[2]?.detail), /^\d+\.\d{3} s of at most 20 s$/);
  });

  it("CORE-12: what is larger or slower than its budget is refused, at preview already", async () => {
    const provider = await start();
    for (const preview of [true, false]) {
      await assert.rejects(
        provider.create(command, { ...native, expect: { maximumBytes: 1000 } }, preview),
        /echo has \d+ bytes, and at most 1000 are declared; make it smaller/,
      );
      const tests = [{ command: ["{file}", "v1"], withinSeconds: 0.000001 }];
      await assert.rejects(
        provider.create(command, { ...native, expect: { tests } }, preview),
        /time of echo v1: the fastest of 10 runs took \d\.\d{3} s, and at most 0\.000001 s are declared/,
      );
    }
  });

  it("the time of a program for another platform is not executed", async function () {
    requirement(this, here !== "darwin/arm64", "the foreign platform is this machine's");
    const provider = await start();
    const tests = [{ command: ["{file}"], withinSeconds: 1 }];
    const held = await provider.create(command, { ...foreign, expect: { platform: "darwin/arm64", tests } });
    assert.deepEqual(
      (held.state.evidence as Properties[]).map(({ by, result }) => [by, result]),
      [
        ["executable format", "passed"],
        ["echo", "not executed"],
        ["time of echo", "not executed"],
      ],
    );
  });

  it("a new expectation is checked without another build", async () => {
    const provider = await start();
    const held = await provider.create(command, foreign);
    assert.deepEqual(held.state.evidence, []);
    const inputs = { ...foreign, expect: { platform: "darwin/arm64" } };
    assert.deepEqual((await provider.diff(held, inputs)).changes, ["expect"]);
    const updated = await provider.update(held, inputs);
    assert.equal((updated.state.evidence as unknown[]).length, 1);
    assert.equal(await readFile(path.join(project, "runs.log"), "utf8"), "run\n");
  });

  it("what a test prints is no secret in the state", async () => {
    const provider = await start();
    const password = "correct horse battery";
    const held = await provider.create(command, {
      ...native,
      env: { PASSWORD: secret(password) },
      expect: { tests: [{ command: ["{file}", password] }] },
    });
    assert.equal((held.state.evidence as Properties[])[0]?.detail, "[secret]");
  });

  it("results are unknown where nothing is built at preview", async () => {
    const provider = await start({ buildAtPreview: false });
    const preview = await provider.create(command, { ...native, expect: { platform: here } }, true);
    assert.equal(preview.state.evidence, unknown);
  });

  for (const [what, expect, property, reason] of [
    ["an unknown platform", { platform: "linux/x64" }, "expect.platform", /did you mean "linux\/amd64"/],
    [
      "no regular expression",
      { tests: [{ command: ["x"], prints: "(" }] },
      "expect.tests[0].prints",
      /is not a regular/,
    ],
    [
      "a file that is not an output",
      { tests: [{ file: "b", command: ["x"] }] },
      "expect.tests[0].file",
      /not one of the outputs/,
    ],
    [
      "an empty command",
      { tests: [{ command: [] }] },
      "expect.tests[0].command",
      /\["\{file\}","--version"\]/,
    ],
  ] as [string, Properties, string, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      const provider = await start();
      await assert.rejects(provider.check(command, { ...native, expect }), (error: Error) => {
        assert.ok(error instanceof CheckFailed, error.message);
        assert.equal(error.failures[0]?.property, property);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    });
  }

  it("CAP-09: commands run in parallel up to the declared limit", async () => {
    const provider = await start({ parallelBuilds: 2 });
    const counted = (name: string): Properties => ({
      command: `touch "running-${name}"; ls -d running-* | wc -l >> counts.log; sleep 0.4; rm "running-${name}"; echo ${name} > "{output}/out"`,
      sources: ["source.txt"],
      outputs: ["out"],
    });
    await Promise.all(["a", "b", "c", "d", "e"].map((name) => provider.create(command, counted(name))));
    const counts = (await readFile(path.join(project, "counts.log"), "utf8")).trim().split("\n").map(Number);
    assert.equal(counts.length, 5);
    assert.equal(Math.max(...counts), 2);
  });
});
