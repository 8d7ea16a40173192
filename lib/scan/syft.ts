import * as path from "node:path";
import { readWhole } from "./report-file";
import { runProgram } from "./run-program";
import { ScanError, type ScanTarget } from "./scanner";
import { scannerEnvironment } from "./scanner-environment";

const remedy =
  "Declare the SBOM of the image (`sboms`), or install syft, which makes one: `brew install syft`, or " +
  "`curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin`.";

/**
 * The SBOM of an image, by syft, as CycloneDX.
 *
 * @throws ScannerMissing where there is no syft
 * @throws ScanError where it fails
 */
export async function sbomBySyft(target: ScanTarget): Promise<unknown> {
  const written = path.join(target.work, "syft.cdx.json");
  await runProgram({
    program: "syft",
    arguments: ["scan", `oci-dir:${target.layout}`, "--quiet", "--output", `cyclonedx-json=${written}`],
    directory: target.work,
    environment: scannerEnvironment("SYFT_", [], { SYFT_CHECK_FOR_APP_UPDATE: "false" }),
    timeoutSeconds: target.timeoutSeconds,
    accepts: [0],
    remedy,
    signal: target.signal,
  });
  try {
    return JSON.parse(await readWhole(written));
  } catch (error) {
    throw new ScanError(`the SBOM that syft made cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
