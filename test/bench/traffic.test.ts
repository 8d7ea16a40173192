import assert from "node:assert/strict";
import type { FixtureImage } from "../../bench/mirror/fixture-image";
import { trafficOf } from "../../bench/mirror/traffic";

const a = `sha256:${"a".repeat(64)}`;
const b = `sha256:${"b".repeat(64)}`;
const images: FixtureImage[] = [
  { repository: "one", digest: "", manifests: [], blobs: new Map([[a, 100]]) },
  {
    repository: "two",
    digest: "",
    manifests: [],
    blobs: new Map([
      [a, 100],
      [b, 7],
    ]),
  },
];
const uploads = "/v2/one/blobs/uploads/";

describe("traffic of a mirroring", () => {
  const cases: [what: string, method: string, path: string, status: number, bytes: number, mounts: number][] =
    [
      ["the end of an upload", "PUT", `${uploads}123?_state=x&digest=${a}`, 201, 100, 0],
      ["an escaped digest", "PUT", `${uploads}123?digest=${encodeURIComponent(b)}`, 201, 7, 0],
      ["an upload in one request", "POST", `${uploads}?digest=${b}`, 201, 7, 0],
      ["a mount", "POST", `${uploads}?mount=${a}&from=two`, 201, 0, 1],
      ["a mount that became an upload", "POST", `${uploads}?mount=${a}&from=two`, 202, 0, 0],
      ["an upload that was refused", "PUT", `${uploads}123?digest=${a}`, 400, 0, 0],
      ["a part of an upload", "PATCH", `${uploads}123?_state=x`, 202, 0, 0],
      ["a manifest", "PUT", "/v2/one/manifests/v1", 201, 0, 0],
    ];
  for (const [what, method, path, status, bytes, mounts] of cases) {
    it(`${what}: ${bytes} bytes, ${mounts} mounts`, () => {
      const traffic = trafficOf([{ method, path, status }], images);
      assert.deepEqual(traffic, {
        requests: 1,
        uploads: { count: bytes > 0 ? 1 : 0, bytes },
        mounts,
      });
    });
  }

  it("counts a blob as often as it is uploaded", () => {
    const put = { method: "PUT", path: `${uploads}123?digest=${a}`, status: 201 };
    assert.deepEqual(trafficOf([put, put], images).uploads, { count: 2, bytes: 200 });
  });
});
