import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import { diffText } from "../../lib/display/diff-text";
import { EventLog } from "../../lib/display/event-log";
import { ReleaseDiffReader } from "../../lib/display/release-diff";
import type { CliResult } from "../support/engine";
import { ownPlatform, type ExampleProject } from "./example-project";

/** Variable with which the tests write what they find, for somebody to look at and commit. */
const approving = "SLIPWAY_APPROVE_DIFFS";

/** Texts that somebody has approved, a file an example. */
const folder = path.join(__dirname, "diffs");

/** Runs a preview, and returns beside what it prints the text of `slipway diff` about it. */
export async function previewWithDiff(project: ExampleProject): Promise<CliResult & { diff: string }> {
  const log = path.join(project.workspace.root, `events-${path.basename(project.directory)}.jsonl`);
  project.env.PULUMI_DEBUG_COMMANDS = "true";
  const ended = await project.run(["preview", "--stack", project.stack, "--diff", "--event-log", log]);
  const reader = new ReleaseDiffReader();
  await new EventLog(
    log,
    (event) => reader.take(event),
    () => undefined,
  ).read();
  return { ...ended, diff: diffText(reader.diff()) };
}

/**
 * Requires that a text of `slipway diff` is what was approved, but for what differs from machine to
 * machine, and for the resources that carry it: other tests are about those.
 */
export async function assertApproved(name: string, project: ExampleProject, diff: string): Promise<void> {
  const paragraphs = diff.split("\n\n").filter((text) => !/^resources:$|^\d+ to /m.test(text));
  const found = `${comparable(project, paragraphs.join("\n\n"))}\n`;
  const file = path.join(folder, `${name}.txt`);
  if (process.env[approving] !== undefined) {
    await mkdir(folder, { recursive: true });
    writeFileSync(file, found);
  }
  assert.equal(
    found,
    readFileSync(file, "utf8"),
    `slipway diff tells something else than ${file}: where that is right, run the test with ${approving}=1 and commit the file`,
  );
}

/**
 * Digests and sizes follow compilers and packages of the machine: which digests are the same stays,
 * by numbers in the order of the text. So do addresses and this machine's platform.
 */
function comparable({ workspace, directory }: ExampleProject, diff: string): string {
  const numbers = new Map<string, number>();
  const numbered = (digest: string) => {
    if (!numbers.has(digest)) numbers.set(digest, numbers.size + 1);
    return `sha256:#${numbers.get(digest)}`;
  };
  const [, architecture = ""] = ownPlatform.split("/");
  const size = String.raw`\d+(?:\.\d)? (?:B|kB|MB|GB)`;
  return diff
    .replaceAll(/^ *warning: using pulumi-\S+ from \$PATH .*\n/gm, "")
    .replaceAll(directory, "PROJECT")
    .replaceAll(workspace.root, "WORKSPACE")
    .replaceAll(workspace.host, "REGISTRY")
    .replaceAll(new RegExp(String.raw`\blinux([-_/])${architecture}\b`, "g"), "linux$1OWN")
    .replaceAll(new RegExp(String.raw`${size}(?= →|$)|(?<=→ )${size}`, "gm"), "SIZE")
    .replaceAll(/ \([+-][^()]*%\)$| \(as large as before\)$/gm, " (GROWTH)")
    .replaceAll(/\bsha256:[0-9a-f]{12,64}/g, numbered);
}
