import assert from "node:assert/strict";
import { scannerEnvironment } from "../../../lib/scan/scanner-environment";

describe("the environment of a scanner", () => {
  const hiding = [
    ...["TRIVY_SKIP_FILES", "TRIVY_SEVERITY", "TRIVY_IGNOREFILE", "TRIVY_CONFIG", "TRIVY_IGNORE_UNFIXED"],
    ...["GRYPE_CONFIG", "GRYPE_EXCLUDE", "GRYPE_ONLY_FIXED", "GRYPE_IGNORE", "SYFT_EXCLUDE", "OSV_SCANNER_X"],
  ];
  const earlier = { ...process.env };
  before(() => {
    for (const name of [...hiding, "TRIVY_DB_REPOSITORY", "HTTPS_PROXY"]) process.env[name] = "set";
  });
  after(() => {
    for (const name of Object.keys(process.env)) if (!(name in earlier)) delete process.env[name];
    Object.assign(process.env, earlier);
  });

  for (const prefix of ["TRIVY_", "GRYPE_", "SYFT_", "OSV_"]) {
    it(`has none of the settings of ${prefix} that can hide findings`, () => {
      const names = Object.keys(scannerEnvironment(prefix, ["DB_REPOSITORY"], { [`${prefix}GIVEN`]: "1" }));
      assert.deepEqual(
        names.filter((name) => name.startsWith(prefix)),
        [...(prefix === "TRIVY_" ? ["TRIVY_DB_REPOSITORY"] : []), `${prefix}GIVEN`],
      );
      assert.ok(names.includes("HTTPS_PROXY"));
    });
  }
});
