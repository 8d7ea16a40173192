import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DeclarationError, gitlabCi, type GitlabCiArgs } from "../../components";
import type { DocumentRelease } from "../../components/declaration/document";
import { plain, whole } from "../lib/workflows/cases";

const image = `docker.io/library/node:24-trixie@sha256:${"4".repeat(64)}`;

describe("gitlabCi()", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      { newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }), call: () => ({}) },
      "hello",
      "dev",
      false,
    );
  });
  after(() => pulumi.runtime.disconnect());

  const refused: [reason: RegExp, args: object][] = [
    [
      /image: .*an image by its digest is expected.*docker\.io\/library\/node:24-trixie@sha256:/s,
      { image: "node:24", tags: ["v*"] },
    ],
    [/nothing starts it: mergeRequests, branches, tags, manual, schedules or status is expected/, { image }],
    [/nothing starts it/, { image, schedules: { nightly: false } }],
    [/tags\[0\]: .*a branch, a tag or a pattern is expected/s, { image, tags: ["v$(id)"] }],
    [/comment: .*the name of a secret is expected/s, { image, tags: ["v*"], comment: "note token" }],
    [/file: .*a file of the repository is expected/s, { image, tags: ["v*"], file: "../ci.yml" }],
    [/timeoutMinutes/, { image, tags: ["v*"], timeoutMinutes: 0 }],
    [/mergeRequest\b/, { image, mergeRequest: ["main"] }],
  ];
  for (const [reason, args] of refused) {
    it(`is refused where it is called: ${reason}`, () => {
      assert.throws(
        () => gitlabCi(args as GitlabCiArgs),
        (error: Error) => {
          assert.ok(error instanceof DeclarationError, error.stack);
          assert.match(error.message, reason);
          return true;
        },
      );
    });
  }

  it("is a file for runs of its own stack alone, at the root of the repository", () => {
    assert.deepEqual(gitlabCi({ image, tags: ["v*"] }), []);
    const paths = (more: object) =>
      gitlabCi({ image, tags: ["v*"], stack: "dev", ...more }).map(({ path }) => path);
    assert.deepEqual(paths({}), [".gitlab-ci.yml"]);
    assert.deepEqual(paths({ directory: "deploy/prod" }), ["../../.gitlab-ci.yml"]);
    assert.deepEqual(paths({ directory: "deploy", file: ".gitlab/release.yml" }), ["../.gitlab/release.yml"]);
  });

  it("says what is missing for a declaration that it cannot carry out", () => {
    const found = (facts: typeof plain, more: object = {}) =>
      gitlabCi({ image, tags: ["v*"], stack: "dev", ...more }).flatMap(
        (document) => document.findings?.({ publishing: facts } as DocumentRelease) ?? [],
      );
    assert.deepEqual(found(plain), []);
    assert.deepEqual(
      found(whole).map(({ property }) => property),
      ["docker"],
    );
    assert.deepEqual(found(whole, { docker: image }), []);
    assert.deepEqual(found(plain, { status: true }), []);
    assert.deepEqual(
      found(plain, { status: true, state: "run" }).map(({ property }) => property),
      ["status.releases"],
    );
    const history = { status: { history: true } };
    assert.deepEqual(
      found(plain, history).map(({ property }) => property),
      ["propose"],
    );
    assert.deepEqual(found(plain, { ...history, propose: "PUSH_TOKEN" }), []);
    const [split] = found({ ...whole, split: ["linux/amd64", "linux/arm64"] }, { docker: image });
    assert.match(split?.reason ?? "", /leave out split/);
  });
});
