import assert from "node:assert/strict";
import { overdueBuilds, overdueLock } from "../../../lib/release/overdue";

const now = new Date("2026-03-31T12:00:00Z");
const build = (name: string, tag: string, built?: string) => ({
  repository: `ghcr.io/acme/${name}`,
  tag,
  built,
});

describe("TINY-34: what is overdue", () => {
  it("is an image that is older than it may be, those of one version and day together", () => {
    assert.deepEqual(
      overdueBuilds(
        [
          build("ui", "v2.0.0", "2026-02-01"),
          build("api", "v2.0.0", "2026-02-01"),
          build("base", "v2.0.0-20260301", "2026-03-01"),
          build("old", "v1.0.0", "2025-12-24"),
        ],
        "31d",
        now,
      ),
      [
        "v2.0.0 of ghcr.io/acme/ui, ghcr.io/acme/api was built on 2026-02-01, and was to be built again by 2026-03-04: " +
          "publish it again with `rebuilt`",
        "v1.0.0 of ghcr.io/acme/old was built on 2025-12-24, and was to be built again by 2026-01-24: " +
          "publish it again with `rebuilt`",
      ],
    );
  });

  it("is none on the last day, and one on the next", () => {
    const at = (time: string) =>
      overdueBuilds([build("ui", "v1.0.0", "2026-02-01")], "31d", new Date(time)).length;
    assert.deepEqual([at("2026-03-04T00:00:00Z"), at("2026-03-04T00:00:01Z")], [0, 1]);
  });

  it("is an image of which nothing says when it was built", () => {
    assert.deepEqual(overdueBuilds([build("ui", "v1.0.0")], "31d", now), [
      "v1.0.0 of ghcr.io/acme/ui: nothing says when it was built, so that it is overdue: publish it again with `rebuilt`",
    ]);
  });

  it("is a lock that is older than it may be, or does not say how old it is", () => {
    const lock = (refreshed?: string) => overdueLock("slipway.lock.json", refreshed, "92d", now);
    assert.deepEqual(lock("2025-12-30"), []);
    assert.deepEqual(lock("2025-12-28"), [
      "the digests of slipway.lock.json were taken on 2025-12-28, and were to be taken again by 2026-03-30: " +
        "`npx slipway refresh` takes them anew",
    ]);
    assert.match(lock()[0] ?? "", /does not say when its digests were taken/);
  });
});
