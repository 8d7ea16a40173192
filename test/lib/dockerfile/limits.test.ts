import assert from "node:assert/strict";
import { DockerfileError, readDockerfile } from "../../../lib/dockerfile/dockerfile";
import { expand } from "../../../lib/dockerfile/expansion";
import { failureLines } from "../../../lib/dockerfile/failure-lines";
import { assertLinear } from "../../support/growth";

const options = { platform: "linux/amd64" };

describe("the limits of a Dockerfile", () => {
  it("refuse one that is too long, or has too many instructions", () => {
    for (const text of [
      `FROM scratch\n#${"x".repeat(600_000)}`,
      `FROM scratch\n${"ENV A=1\n".repeat(5_000)}`,
    ]) {
      assert.throws(() => readDockerfile(text, options), DockerfileError);
    }
  });

  it("take a chain of stages as long as a Dockerfile can be", () => {
    const stages = Array.from(
      { length: 4_999 },
      (_, index) => `FROM ${index === 0 ? "alpine" : `s${index - 1}`} AS s${index}`,
    );
    const { bases, user } = readDockerfile(stages.join("\n"), options);
    assert.deepEqual([bases.map(({ reference }) => reference), user.inheritedFrom], [["alpine"], "alpine"]);
  });

  it("cannot tell a variable that doubles with each line", () => {
    const doubling = Array.from(
      { length: 60 },
      (_, index) => `ARG V${index + 1}=$V${index}$V${index}\n`,
    ).join("");
    const { bases } = readDockerfile(`ARG V0=x\n${doubling}FROM $V60\n`, options);
    assert.deepEqual(
      bases.map(({ reference }) => reference),
      [undefined],
    );
  });

  it("cannot tell a default inside of a thousand others", () => {
    assert.equal(expand(`${"${A:-".repeat(1000)}x${"}".repeat(1000)}`, new Map()), undefined);
    assert.equal(expand("${A:-${B:-x}}", new Map()), "x");
  });

  const texts: { title: string; text: (size: number) => string; read: (text: string) => unknown }[] = [
    {
      title: "lists that do not end",
      text: (size) => `FROM scratch\nRUN ${" [".repeat(size)}x\n`,
      read: (text) => readDockerfile(text, options),
    },
    { title: "braces that do not end", text: (size) => `FROM ${"${".repeat(size)}\n`, read: failureLines },
    {
      title: "paths of slashes",
      text: (size) => `FROM scratch\nCOPY ${"/".repeat(size)}x ${"/".repeat(size)}x y\n`,
      read: failureLines,
    },
  ];
  for (const { title, text, read } of texts) {
    it(`are not needed for ${title}`, () => assertLinear(5_000, text, read));
  }
});
