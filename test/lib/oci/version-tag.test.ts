import assert from "node:assert/strict";
import { highestStable, parseVersionTag } from "../../../lib/oci/version-tag";

describe("version tags", () => {
  const cases: { title: string; tags: string[]; within: string; highest: string | undefined }[] = [
    { title: "no tags", tags: [], within: "", highest: undefined },
    {
      title: "numbers, not texts, are compared",
      tags: ["v1.9.0", "v1.10.0"],
      within: "",
      highest: "v1.10.0",
    },
    { title: "pre-releases do not count", tags: ["v1.0.0", "v1.1.0-rc.1"], within: "", highest: "v1.0.0" },
    {
      title: "aliases and branches do not count",
      tags: ["latest", "v9", "v9.1", "main", "1.0.0"],
      within: "",
      highest: "1.0.0",
    },
    {
      title: "commit forms do not count",
      tags: ["1.0.0", "1.0.1-abc1234", "1.0.1-1234567"],
      within: "",
      highest: "1.0.0",
    },
    {
      title: "a rebuild is after its version",
      tags: ["v2.0.0-20250116", "v2.0.0", "v2.0.0-20250301"],
      within: "",
      highest: "v2.0.0-20250301",
    },
    {
      title: "a rebuild is before the next version",
      tags: ["v2.0.0-20250116", "v2.0.1"],
      within: "",
      highest: "v2.0.1",
    },
    {
      title: "within a major version",
      tags: ["v1.9.0", "v2.0.0", "v10.0.0"],
      within: "1",
      highest: "v1.9.0",
    },
    {
      title: "within a minor version",
      tags: ["v1.1.9", "v1.11.0", "v1.1.10"],
      within: "1.1",
      highest: "v1.1.10",
    },
    { title: "nothing within", tags: ["v1.0.0"], within: "2", highest: undefined },
  ];
  for (const { title, tags, within, highest } of cases) {
    it(title, () => assert.equal(highestStable(tags, within)?.tag, highest));
  }

  it("is no version", () => {
    for (const tag of ["latest", "v1", "v1.2", "1.2.3.4", "release-1.2.3", "x1.2.3", "01.2.3"]) {
      assert.equal(parseVersionTag(tag), undefined, tag);
    }
  });
});
