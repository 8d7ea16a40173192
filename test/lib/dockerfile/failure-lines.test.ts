import assert from "node:assert/strict";
import { failingLines } from "../../../lib/dockerfile/failing-lines";
import { failureLines } from "../../../lib/dockerfile/failure-lines";

/** Errors as BuildKit 0.31 words them, through the official provider. */
const cases: { title: string; dockerfile: string; error: string; lines: number[]; instruction?: string }[] = [
  {
    title: "a RUN with a list",
    dockerfile: `FROM a\nCOPY x /x\nRUN ["/bin/tool", "fail"]\n`,
    error: `failed to solve: process "/bin/tool fail" did not complete successfully: exit code: 7`,
    lines: [3],
    instruction: `RUN ["/bin/tool", "fail"]`,
  },
  {
    title: "a list with flags, a comment and an empty line, quotes and letters that are none of ASCII",
    dockerfile: `FROM a\nRUN --network=none [ "/bin/tool", \\\n # comment\n \n   "fail", "a\\tb\\"é" ]\n`,
    error: `failed to solve: process "/bin/tool fail a\\tb\\"é" did not complete successfully: exit code: 7`,
    lines: [2],
  },
  {
    title: "a command of the shell over several lines",
    dockerfile: `FROM a\nRUN true\nRUN foo "x" \\\n  # comment\n\n    &&  bar\t\\\n && baz\nRUN baz\n`,
    error: `failed to solve: process "/bin/sh -c foo \\"x\\"     &&  bar\\t && baz" did not complete successfully: exit code: 1`,
    lines: [3],
  },
  {
    title: "a command that another one ends with",
    dockerfile: "FROM a\nRUN make\nRUN x && make\n",
    error: `process "/bin/sh -c x && make" did not complete successfully: exit code: 2`,
    lines: [3],
  },
  {
    title: "a here-document, under another shell",
    dockerfile: `FROM a\nSHELL ["/bin/tool", "fail"]\nRUN <<EOF\nset -e\nfoo bar\nEOF\n`,
    error: `failed to solve: process "/bin/tool fail set -e\\nfoo bar\\n" did not complete successfully: exit code: 7`,
    lines: [3],
  },
  {
    title: "another sign that goes on, and a mount",
    dockerfile: "# escape=`\nFROM a\nRUN --mount=type=cache,target=/c `\n  a.exe `\n  /b\n",
    error: `process "/bin/sh -c   a.exe   /b" did not complete successfully: exit code: 1`,
    lines: [3],
  },
  {
    title: "equal instructions, which cannot be told from each other",
    dockerfile: "FROM a AS one\nRUN make\nFROM b\nRUN make\n",
    error: `process "/bin/sh -c make" did not complete successfully: exit code: 2`,
    lines: [2, 4],
  },
  {
    title: "a COPY of several files",
    dockerfile: "FROM a\nCOPY app.txt \\\n  nothing.txt /x/\n",
    error: `failed to solve: failed to compute cache key: failed to calculate checksum of ref odc::z3z: "/nothing.txt": not found`,
    lines: [2],
  },
  {
    title: "a COPY with a variable",
    dockerfile: "FROM a\nARG APP\nCOPY ./${APP}/main.py /\nCOPY other/main.py /\n",
    error: `failed to calculate checksum of ref odc::z3z: "/ui/main.py": not found`,
    lines: [3],
  },
  {
    title: "a COPY of another stage",
    dockerfile: "FROM a AS one\nFROM b\nCOPY --from=one /bin/nope /x\n",
    error: "failed to solve: lstat /bin/nope: no such file or directory",
    lines: [3],
  },
  {
    title: "an image that cannot be had, with a variable",
    dockerfile:
      "ARG TAG=1\nFROM scratch AS one\nFROM --platform=linux/amd64 127.0.0.1:9/acme/base:$TAG AS two\n",
    error: `failed to solve: failed to resolve source metadata for 127.0.0.1:9/acme/base:1: failed to do request: Head "https://127.0.0.1:9/v2/acme/base/manifests/1": dial tcp 127.0.0.1:9: connect: connection refused`,
    lines: [3],
  },
  {
    title: "nothing where an error is about something else",
    dockerfile: "FROM a\nRUN make\n",
    error: `failed to solve: failed to push 127.0.0.1:5000/app: 405`,
    lines: [],
  },
];

describe("lines of a Dockerfile that the builder's errors are about", () => {
  for (const { title, dockerfile, error, lines, instruction } of cases) {
    it(title, () => {
      const found = failingLines(failureLines(dockerfile), error);
      assert.deepEqual(
        found.map(({ line }) => line),
        lines,
      );
      if (instruction !== undefined) assert.equal(found[0]?.instruction, instruction);
    });
  }
});
