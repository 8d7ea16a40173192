import assert from "node:assert/strict";
import { refreshedMarkdown, refreshedText, type RefreshedLock } from "../../../lib/bases/refreshed-lock";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const lock: RefreshedLock = {
  file: "slipway.lock.json",
  refreshed: "2026-03-31",
  before: "2025-12-30",
  images: [
    { reference: "docker.io/library/alpine:3.20", digest: digest("a"), before: digest("a"), newer: [] },
    { reference: "docker.io/library/golang:1.26.7", digest: digest("b"), newer: ["1.26.8"] },
    { reference: "docker.io/library/python:3.12-slim", digest: digest("c"), before: digest("d"), newer: [] },
    { reference: "docker.io/library/redis:7", before: digest("e"), newer: [] },
  ],
};

describe("TINY-34: what has moved in a lock", () => {
  it("is a line each, and newer versions after that", () => {
    assert.equal(
      refreshedText([lock]),
      `slipway.lock.json, taken anew on 2026-03-31: 3 of 4 have moved since 2025-12-30
  docker.io/library/golang:1.26.7: new, sha256:bbbbbbbbbbbb
  docker.io/library/python:3.12-slim: sha256:dddddddddddd → sha256:cccccccccccc
  docker.io/library/redis:7: not used any more
  docker.io/library/golang:1.26.7: newer versions are 1.26.8
`,
    );
  });

  it("is a table of Markdown, in which names are no markup", () => {
    const text = refreshedMarkdown([
      { ...lock, images: [...lock.images, { reference: "a_*b*|c:1", digest: digest("f"), newer: [] }] },
    ]);
    assert.ok(
      text.startsWith("### Bases\n\nslipway.lock.json, taken anew on 2026-03-31: 4 of 5 have moved"),
      text,
    );
    assert.ok(
      text.includes("| docker.io/library/python:3.12-slim | sha256:dddddddddddd → sha256:cccccccccccc |"),
      text,
    );
    assert.ok(text.includes("| docker.io/library/golang:1.26.7 | 1.26.8 |"), text);
    assert.ok(text.includes("a\\_\\*b\\*\\|c:1"), text);
  });

  it("says so where nothing has", () => {
    const still = { ...lock, images: lock.images.slice(0, 1) };
    assert.equal(
      refreshedText([still]),
      "slipway.lock.json, taken anew on 2026-03-31: nothing has moved since 2025-12-30\n",
    );
    assert.equal(
      refreshedMarkdown([still]),
      "### Bases\n\nslipway.lock.json, taken anew on 2026-03-31: nothing has moved since 2025-12-30\n",
    );
  });
});
