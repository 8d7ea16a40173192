import assert from "node:assert/strict";
import { newerVersions } from "../../../lib/bases/newer-versions";

const python = [
  ...["3.12.0-slim", "3.12.1-slim", "3.12.1", "3.12.9", "3.12.9-slim", "3.12.11-slim", "3.12-slim", "slim"],
  ...["3.13.1-slim-trixie", "3.14.0-slim", "3.15.0a1-slim", "3.15.0-rc1", "latest", "v4.0.0-slim", "4-slim"],
];

describe("TINY-34: newer versions of a base", () => {
  const cases: [what: string, tag: string, tags: readonly string[], newer: string[]][] = [
    ["the newest of its minor version, and of all", "3.12.1-slim", python, ["3.12.11-slim", "3.14.0-slim"]],
    ["written alike: without a suffix", "3.12.1", python, ["3.12.9"]],
    ["one where both are the same", "1.26.7", ["1.26.8", "1.26.7", "1.25.9"], ["1.26.8"]],
    ["none above the newest", "3.14.0-slim", python, []],
    ["a v before it", "v0.139.0", ["v0.139.1", "0.140.0", "v0.138.9"], ["v0.139.1"]],
    ["none for a tag that moves by itself", "3.12-slim", python, []],
    ["none for another kind of name", "bookworm-20260101", ["bookworm-20260201"], []],
    ["none where no tags are told", "3.12.1-slim", [], []],
  ];
  for (const [what, tag, tags, newer] of cases) {
    it(`${what}: ${tag}`, () => assert.deepEqual(newerVersions(tag, tags), newer));
  }
});
