import assert from "node:assert/strict";
import { readDockerfile } from "../../policies/reading/dockerfile";
import { matchesPattern } from "../../policies/reading/pattern";
import { isPlainValue, isSecretName, secretForm } from "../../policies/reading/clear-text-secrets";
import { isAllowed } from "../../policies/rules/allowed-licenses";

describe("what the rules read", () => {
  const dockerfiles = [
    { title: "one stage", text: "FROM alpine:3\n", bases: ["alpine:3"], user: undefined },
    {
      title: "stages by name and number",
      text: "FROM --platform=$BUILDPLATFORM golang AS build\nFROM scratch\nCOPY --from=build /a /a\nCOPY --from=0 /b /b\nUSER 65532\n",
      bases: ["golang"],
      user: "65532",
    },
    {
      title: "an image that files are copied from",
      text: "FROM a\nCOPY --from=busybox:1 /bin/sh /\n",
      bases: ["a", "busybox:1"],
      user: undefined,
    },
    {
      title: "arguments with defaults and values",
      text: 'ARG TAG="3.20"\nARG BASE=debian\nFROM ${BASE}:${TAG}\nFROM ${OTHER:-ubuntu}\n',
      bases: ["given:3.20", "ubuntu"],
      user: undefined,
    },
    {
      title: "comments and lines that go on",
      text: "# FROM comment\nFROM \\\n  alpine\n# USER root\nuser app\n",
      bases: ["alpine"],
      user: "app",
    },
    {
      title: "the user of a stage that another one starts from",
      text: "FROM a AS base\nUSER app\nFROM base\n",
      bases: ["a"],
      user: "app",
    },
    { title: "Windows line ends", text: "FROM a\r\nUSER app\r\n", bases: ["a"], user: "app" },
  ];
  for (const { title, text, bases, user } of dockerfiles) {
    it(`Dockerfile: ${title}`, () => {
      assert.deepEqual(readDockerfile(text, { BASE: "given" }), { bases, user });
    });
  }

  const expressions: [string, boolean][] = [
    ["MIT", true],
    ["GPL-3.0-only", false],
    ["MIT OR GPL-3.0-only", true],
    ["MIT AND GPL-3.0-only", false],
    ["GPL-3.0-only OR MIT AND Apache-2.0", true],
    ["(GPL-3.0-only OR MIT) AND GPL-3.0-only", false],
    ["Apache-2.0 WITH LLVM-exception", true],
    ["MIT WITH LLVM-exception", false],
    ["(MIT", false],
    ["MIT MIT", false],
    ["", false],
    ["OR", false],
  ];
  for (const [expression, expected] of expressions) {
    it(`license: ${JSON.stringify(expression)} is ${expected ? "" : "not "}allowed`, () => {
      assert.equal(isAllowed(expression, ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]), expected);
    });
  }

  it("patterns match whole texts, and their other characters are themselves", () => {
    assert.ok(matchesPattern("ghcr.io/acme/*", "ghcr.io/acme/a/b"));
    assert.ok(!matchesPattern("ghcr.io/acme/*", "ghcrxio/acme/a"));
    assert.ok(!matchesPattern("acme", "acme2"));
  });

  for (const name of ["TOKEN", "DB_PASSWORD", "apiKey", "github-token", "aws.secret", "PRIVATE_KEY"]) {
    it(`${name} is the name of a secret`, () => assert.ok(isSecretName(name)));
  }
  for (const name of ["TOKENIZER", "TOKEN_FILE", "PASSWORD_URL", "KEYBOARD", "SECRETARY", "PUBLIC_KEY"]) {
    it(`${name} is none`, () => assert.ok(!isSecretName(name)));
  }

  const forms: [string, string | undefined][] = [
    [`AKIA${"A".repeat(16)}`, "AWS access key"],
    [`glpat-${"a".repeat(20)}`, "GitLab token"],
    ["postgres://me:secret@db/x", "password in an address"],
    ["postgres://me:${PASSWORD}@db/x", undefined],
    ["https://example.com/a:b@c", undefined],
    ["-----BEGIN PUBLIC KEY-----", undefined],
    ["ghp_short", undefined],
  ];
  for (const [text, form] of forms) {
    it(`${text.slice(0, 24)} ${form ? `is a ${form}` : "is ordinary text"}`, () =>
      assert.equal(secretForm(text), form));
  }

  it("a variable, a mount and an empty text are not plain values", () => {
    for (const value of ["", "$TOKEN", "${TOKEN}", "$(cat token)", "/run/secrets/a", "***"]) {
      assert.ok(!isPlainValue(value), value);
    }
    assert.ok(isPlainValue("hunter2"));
  });
});
