import assert from "node:assert/strict";
import type { StatusRow } from "../../../lib/display/release-status";
import { statusAnnotations } from "../../../lib/display/status-annotations";

const row = (more: Partial<StatusRow>): StatusRow => ({
  kind: "tag",
  place: "ghcr.io/acme/app",
  name: "v1",
  declared: "",
  served: "",
  state: "drifted",
  reason: "`pulumi up` puts it back",
  ...more,
});

describe("annotations of GitHub Actions", () => {
  it("are warnings with what is wrong, where, and what to do", () =>
    assert.equal(
      statusAnnotations([row({})], 0),
      "::warning title=drifted%3A tag v1::ghcr.io/acme/app: `pulumi up` puts it back\n",
    ));

  it("end at no line of others, and begin no command of theirs", () =>
    assert.equal(
      statusAnnotations([row({ name: "a,b:c", place: "", reason: "100%\r\n::error::x" })], 0),
      "::warning title=drifted%3A tag a%2Cb%3Ac::100%25%0D%0A::error::x\n",
    ));

  it("are as many as GitHub shows; the last one says how many more there are", () => {
    const lines = (count: number, unseen = 0) =>
      statusAnnotations(
        Array.from({ length: count }, (_, index) => row({ name: `v${index}` })),
        unseen,
      ).split("\n");
    assert.equal(lines(10).length, 11);
    const many = lines(25);
    assert.equal(many.length, 11);
    assert.equal(many.at(-2), "::warning title=more::16 more are not as they should be");
    assert.deepEqual(lines(25, 3).slice(-3), [
      "::warning title=more::17 more are not as they should be",
      "::warning title=unknown::3 could not be looked at",
      "",
    ]);
  });

  it("are nothing where nothing is wrong", () => assert.equal(statusAnnotations([], 0), ""));
});
