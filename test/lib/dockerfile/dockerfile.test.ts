import assert from "node:assert/strict";
import { DockerfileError, readDockerfile, type DockerfileOptions } from "../../../lib/dockerfile/dockerfile";

const platform = "linux/arm64";
const read = (text: string, options: Partial<DockerfileOptions> = {}) =>
  readDockerfile(text, { platform, ...options });
const references = (text: string, options: Partial<DockerfileOptions> = {}) =>
  read(text, options).bases.map(({ reference, line }) => `${reference} ${line}`);

describe("images that a Dockerfile starts from", () => {
  const cases: { title: string; text: string; options?: Partial<DockerfileOptions>; expected: string[] }[] = [
    { title: "one FROM", text: "FROM alpine:3.20.3", expected: ["alpine:3.20.3 1"] },
    { title: "scratch is not an image", text: "FROM scratch", expected: [] },
    {
      title: "arguments with defaults, quotes and braces",
      text: `ARG V="3.12.1"\nARG N=python\nFROM \${N}:$V-slim`,
      expected: ["python:3.12.1-slim 3"],
    },
    {
      title: "a build argument goes before the default",
      text: "ARG V=1\nFROM a:$V",
      options: { buildArgs: { V: "2" } },
      expected: ["a:2 2"],
    },
    { title: "an argument without a value", text: "ARG V\nFROM a:$V", expected: ["undefined 2"] },
    { title: "a default in the expansion", text: "ARG V\nFROM a:${V:-7}", expected: ["a:7 2"] },
    { title: "the platform", text: "FROM a:$TARGETARCH", expected: ["a:arm64 1"] },
    {
      title: "stages are not images, nor are their numbers",
      text: "FROM a AS one\nFROM one AS Two\nCOPY --from=0 /x /\nCOPY --from=two /x /\nFROM two",
      expected: ["a 1"],
    },
    {
      title: "stages that are not needed are left out",
      text: "FROM a AS one\nFROM b AS two\nFROM scratch\nCOPY --from=two /x /",
      expected: ["b 2"],
    },
    {
      title: "a target",
      text: "FROM a AS one\nFROM b AS two",
      options: { stage: "one" },
      expected: ["a 1"],
    },
    {
      title: "COPY --from and a mount name images",
      text: "FROM scratch\nCOPY --from=x:1 /a /\nRUN --mount=type=bind,from=y:2,target=/m true",
      expected: ["x:1 2", "y:2 3"],
    },
    {
      title: "named contexts are not images",
      text: "FROM base\nCOPY --from=files /a /",
      options: { contexts: ["base", "files"] },
      expected: [],
    },
    {
      title: "continued lines, comments, another escape character",
      text: "# escape=`\nFROM `\n# why\n  alpine:3.20.3 AS x",
      expected: ["alpine:3.20.3 2"],
    },
  ];
  for (const { title, text, options, expected } of cases) {
    it(title, () => assert.deepEqual(references(text, options), expected));
  }

  it("refuses a file without a stage, and a target that is not there", () => {
    assert.throws(() => read("# nothing\n"), DockerfileError);
    assert.throws(() => read("FROM a AS one", { stage: "tow" }), /has no stage "tow"; its stages are one/);
  });
});

describe("what a Dockerfile reads of its context", () => {
  const cases: { title: string; text: string; options?: Partial<DockerfileOptions>; expected?: string[] }[] =
    [
      { title: "nothing", text: "FROM a", expected: [] },
      { title: "COPY and ADD", text: "FROM a\nCOPY x y/ /to/\nADD z.tar /", expected: ["x", "y/", "z.tar"] },
      { title: "the JSON form", text: `FROM a\nCOPY ["a b", "c,d", "/to/"]`, expected: ["a b", "c,d"] },
      { title: "flags", text: "FROM a\nCOPY --chmod=0755 --link x /x", expected: ["x"] },
      {
        title: "addresses are not in the context",
        text: "FROM a\nADD https://example.org/x /x",
        expected: [],
      },
      {
        title: "variables of the stage",
        text: "ARG G=g\nFROM a\nARG D=d\nARG G\nENV E=$D/e F f\nCOPY $D $E ${G} /",
        expected: ["d", "d/e", "g"],
      },
      {
        title: "a build argument",
        text: "FROM a\nARG APP_DIR\nCOPY ${APP_DIR} /app",
        options: { buildArgs: { APP_DIR: "ui" } },
        expected: ["ui"],
      },
      { title: "a variable of the base image: cannot be told", text: "FROM a\nCOPY $HOME /x" },
      { title: "another frontend: cannot be told", text: "# syntax=example.org/other:1\nFROM a\nCOPY x /x" },
      {
        title: "the usual frontend",
        text: "# syntax=docker/dockerfile:1.7\nFROM a\nCOPY x /x",
        expected: ["x"],
      },
      {
        title: "mounts",
        text: "FROM a\nRUN --mount=type=bind,source=m,target=/m --mount=type=cache,target=/c true",
        expected: ["m"],
      },
      {
        title: "a mount without a source is the whole",
        text: "FROM a\nRUN --mount=target=/m true",
        expected: ["/"],
      },
      {
        title: "stages that are not needed read nothing",
        text: "FROM a AS x\nCOPY unused /\nFROM a\nCOPY used /",
        expected: ["used"],
      },
    ];
  for (const { title, text, options, expected } of cases) {
    it(title, () => assert.deepEqual(read(text, options).sources, expected));
  }
});

describe("secrets of a Dockerfile", () => {
  it("are named with their line, and whether they are required", () => {
    const text =
      "FROM a\nRUN --mount=type=secret,id=one true\nRUN --mount=type=secret,id=two,required=true --mount=type=secret,target=/run/three true";
    assert.deepEqual(read(text).secrets, [
      { id: "one", required: false, line: 2 },
      { id: "two", required: true, line: 3 },
      { id: "three", required: false, line: 3 },
    ]);
  });
});

describe("the user of an image", () => {
  const cases: { title: string; text: string; options?: Partial<DockerfileOptions>; expected: object }[] = [
    {
      title: "the last USER",
      text: "FROM a\nUSER root\nRUN x\nUSER 65532:65532",
      expected: { name: "65532:65532" },
    },
    {
      title: "a variable of the stage, quoted",
      text: `FROM a\nARG ID=1000\nENV GROUP=7\nUSER "$ID:\${GROUP}"`,
      expected: { name: "1000:7" },
    },
    {
      title: "a build argument",
      text: "FROM a\nARG ID=0\nUSER $ID",
      options: { buildArgs: { ID: "1000" } },
      expected: { name: "1000" },
    },
    { title: "a variable without a value", text: "FROM a\nARG ID\nUSER $ID", expected: { name: undefined } },
    {
      title: "that of the stage it starts from",
      text: "FROM a AS base\nUSER app\nFROM base AS middle\nFROM middle",
      expected: { name: "app" },
    },
    {
      title: "not that of another stage",
      text: "FROM a AS build\nUSER app\nFROM b:1\nCOPY --from=build /x /x",
      expected: { name: undefined, inheritedFrom: "b:1" },
    },
    {
      title: "that of the target",
      text: "FROM a AS one\nUSER app\nFROM b",
      options: { stage: "one" },
      expected: { name: "app" },
    },
    {
      title: "that of a base that an argument names",
      text: "ARG BASE=a:1\nFROM ${BASE}",
      options: { buildArgs: { BASE: "b:2" } },
      expected: { name: undefined, inheritedFrom: "b:2" },
    },
  ];
  for (const { title, text, options, expected } of cases) {
    it(title, () => assert.deepEqual(read(text, options).user, expected));
  }
});
