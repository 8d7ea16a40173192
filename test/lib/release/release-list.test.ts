import assert from "node:assert/strict";
import {
  parseReleaseList,
  releaseListBytes,
  withOthers,
  type ListedVersion,
} from "../../../lib/release/release-list";

const digest = `sha256:${"a".repeat(64)}`;

function listed(
  version: string,
  published: string,
  tag = version,
  repository = "ghcr.io/acme/hello",
): ListedVersion {
  return { version, published, images: [{ repository, digest, tags: [tag] }], releases: [] };
}

const versions = [
  listed("v1.9.0", "2026-01-31T00:00:00Z"),
  listed("v1.10.0", "2026-01-31T00:00:00Z"),
  listed("v1.8.1", "2026-02-01T00:00:00Z"),
];

describe("the list of what was published", () => {
  it("has the newest first, and the same bytes in whatever order", () => {
    const bytes = releaseListBytes(versions);
    const read = parseReleaseList(bytes);
    assert.deepEqual(
      read?.map(({ version }) => version),
      ["v1.8.1", "v1.10.0", "v1.9.0"],
    );
    assert.ok(releaseListBytes([...versions].reverse()).equals(bytes));
    assert.ok(releaseListBytes(read ?? []).equals(bytes));
  });

  it("keeps the versions of others, and none that an own one is a newer form of", () => {
    const own = [
      { ...listed("v1.9.0", "2026-03-01T00:00:00Z"), releases: [{ tag: "v1.9.0", folder: "x", assets: [] }] },
    ];
    // Of another component, under the same version in another repository.
    const component = listed("v1.9.0", "2026-01-31T00:00:00Z", "v1.9.0", "ghcr.io/acme/other");
    const whole = withOthers(own, [...versions, component]);
    assert.deepEqual(
      whole.map(({ version, images }) => [version, images[0]?.repository]),
      [
        ["v1.9.0", "ghcr.io/acme/hello"],
        ["v1.10.0", "ghcr.io/acme/hello"],
        ["v1.8.1", "ghcr.io/acme/hello"],
        ["v1.9.0", "ghcr.io/acme/other"],
      ],
    );
    assert.equal(whole[0]?.published, "2026-03-01T00:00:00Z");
    const nowhere = { version: "v0.1.0", published: "2026-01-01T00:00:00Z", images: [], releases: [] };
    for (const all of [whole, [...whole, nowhere]]) assert.deepEqual(withOthers(all, all), all);
  });

  for (const [what, text] of Object.entries({
    "no JSON": "releases",
    "another form": `{"releases":[]}`,
    "a later format": releaseListBytes([]).toString("utf8").replace("1", "2"),
    "a field of somebody": releaseListBytes([]).toString("utf8").replace("{", `{"x":1,`),
    "what is no digest": releaseListBytes(versions).toString("utf8").replaceAll(digest, "latest"),
  })) {
    it(`is not ${what}`, () => assert.equal(parseReleaseList(Buffer.from(text)), undefined));
  }
});
