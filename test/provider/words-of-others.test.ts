import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ProviderProcess } from "../support/provider-process";
import { useProviders } from "./workbench";

/** What a terminal, or the engine's display, would obey. */
const obeyed = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|<\{%/u;

/**
 * A text that takes over a terminal: colors, a title, a line that is written over, another
 * direction, a directive.
 */
const taking = "\u001b[2J\u001b]0;owned\u0007all is well\rno: \u009b31m\u202eback\u202c <{%fg 1%}>";

describe("words of others in the engine's display", () => {
  let project: string;
  const startIn = useProviders();

  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-words-"));
    await writeFile(path.join(project, "package.json"), "{}");
  });
  afterEach(() => rm(project, { recursive: true, force: true, maxRetries: 3 }));

  const printed = (text: string, exit = 0, seconds = 0) => ({
    command: [
      "node",
      "-e",
      `console.log(${JSON.stringify(text)}); setTimeout(() => process.exit(${exit}), ${seconds * 1000})`,
    ],
    sources: ["package.json"],
    outputs: ["out"],
  });

  async function refusal(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => assert.fail("it did not fail"),
      (reason: Error) => reason,
    );
    return error.message;
  }

  const clean = (text: string) => assert.doesNotMatch(text, obeyed, JSON.stringify(text));
  const cleanMessages = (provider: ProviderProcess) => provider.messages.forEach(clean);

  it("of a command: in its status and in the error", async () => {
    const provider = await startIn(project);
    const text = await refusal(provider.create("slipway:build:Command", printed(taking, 3, 2.5)));
    assert.match(text, /all is well/);
    clean(text);
    assert.ok(provider.messages.some((message) => message.includes("all is well")));
    cleanMessages(provider);
  });

  it("of a release host: the names that its sums list", async () => {
    const folder = path.join(project, "served/releases/download/v1.0.0");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "SHA256SUMS"), `${"0".repeat(64)}  ${taking.replace("\r", "")}\n`);
    const provider = await startIn(project);
    const inputs = { from: "served", tag: "v1.0.0", asset: "hello" };
    const text = await refusal(provider.create("slipway:release:Asset", inputs));
    assert.match(text, /it lists all is well/);
    clean(text);
  });

  it("of a check that is advisory: in the warning and in the state", async () => {
    const provider = await startIn(project);
    const { command } = printed(taking);
    const held = await provider.create("slipway:gate:Check", {
      command: { command, expect: "^never$" },
      advisory: true,
    });
    assert.match(String(held.state.output), /all is well/);
    clean(String(held.state.output));
    cleanMessages(provider);
  });

  it("arrive, though no header could hold them as they are", async () => {
    const provider = await startIn(project);
    const script = `console.log(("日".repeat(400) + "\\n").repeat(25)); process.exit(1)`;
    const inputs = { ...printed(""), command: ["node", "-e", script] };
    const text = await refusal(provider.create("slipway:build:Command", inputs));
    assert.ok(/exit code 1[^]*日{400}/.test(text) && text.endsWith("…"), text.slice(0, 500));
  });
});
