import assert from "node:assert/strict";
import { checklist } from "../../components/versions";

describe("the checklist of results", () => {
  const at = (second: number) => ({ checkedAt: `2026-01-31T12:00:0${second}Z` });

  it("is in the order in which the checks ran, and what has not passed is open", async () => {
    const text = await new Promise((resolve) =>
      checklist({
        feedback: { result: "failed", detail: "nobody has said how it went", ...at(2) },
        reachable: { result: "passed", detail: "3 manifests can be pulled", ...at(1) },
      }).apply(resolve),
    );
    assert.equal(
      text,
      "- [x] reachable: 3 manifests can be pulled\n- [ ] feedback: nobody has said how it went\n",
    );
  });

  it("of nothing is empty", async () => {
    assert.equal(await new Promise((resolve) => checklist({}).apply(resolve)), "");
  });
});
