import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A directory of its own for each test of the suite that calls this, removed after the test.
 * @param finish ends what still uses the directory, before it is removed
 */
export function temporaryDirectory(finish?: (directory: string) => Promise<unknown>): () => string {
  let directory = "";
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), "slipway-test-")));
  });
  afterEach(async () => {
    await finish?.(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => directory;
}
