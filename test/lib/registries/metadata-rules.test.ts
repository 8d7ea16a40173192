import assert from "node:assert/strict";
import { holdsTag, metadataProblems } from "../../../lib/registries/metadata-rules";

describe("what services take of a repository", () => {
  const of = (...args: Parameters<typeof metadataProblems>) =>
    metadataProblems(...args).map(({ field, reason }) => `${field}: ${reason}`);

  it("takes texts up to the bytes that Docker Hub has for them, and not one more", () => {
    const metadata = { description: "ä".repeat(50), fullDescription: "x".repeat(25_000) };
    assert.deepEqual(of("docker-hub", metadata), []);
    assert.deepEqual(of("docker-hub", { description: "ä".repeat(51), fullDescription: "x".repeat(25_001) }), [
      "description: has 102 bytes, and Docker Hub takes 100 at most: shorten it",
      "fullDescription: has 25001 bytes, and Docker Hub takes 25000 at most: shorten it",
    ]);
    assert.match(of("docker-hub", { description: "a\nb" })[0] ?? "", /several lines/);
    assert.deepEqual(of("quay", { fullDescription: "x".repeat(25_001) }), []);
  });

  it("says which fields a service does not have, and what to declare instead", () => {
    const metadata = { description: "a", categories: ["databases"] };
    for (const kind of ["quay", "harbor"] as const) {
      assert.match(
        of(kind, metadata).join("\n"),
        /description: .*set fullDescription\ncategories: .*it has none/,
      );
    }
    assert.deepEqual(of("docker-hub", metadata), []);
  });

  it("refuses patterns that a service could not read, with a valid one", () => {
    assert.match(
      of("docker-hub", { immutableTags: ["v("] })[0] ?? "",
      /"v\(" is not a regular expression \(a valid example: "\^v\[0-9\]/,
    );
    for (const pattern of ["^(?!latest)", "(?<=v)1", "(a)\\1"]) {
      assert.match(of("quay", { immutableTags: [pattern] })[0] ?? "", /looks around or back/, pattern);
    }
    assert.match(
      of("docker-hub", { immutableTags: ["1", "2", "3", "4", "5", "6"] })[0] ?? "",
      /takes 5 at most/,
    );
    assert.deepEqual(of("harbor", { immutableTags: ["v(*"] }), []);
  });

  it("tells which tags a pattern holds, in the language of the service", () => {
    const version = "^v[0-9]+\\.[0-9]+\\.[0-9]+";
    const held = ["v1.2.3", "v1.2", "latest"].map((tag) => holdsTag("docker-hub", version, tag));
    assert.deepEqual(held, [true, false, false]);
    // Who does not anchor a pattern may hold more than is meant.
    assert.equal(holdsTag("quay", "v1", "dev1"), true);
    const globs: [string, string, boolean][] = [
      ["v*.*.*", "v1.2.3", true],
      ["v*.*.*", "v1.2", false],
      ["{v1,v2}.*", "v2.0", true],
      ["{v1,v2}.*", "v3.0", false],
      ["**", "latest", true],
      ["v1.2", "v1.2.3", false],
    ];
    for (const [pattern, tag, expected] of globs)
      assert.equal(holdsTag("harbor", pattern, tag), expected, pattern);
  });
});
