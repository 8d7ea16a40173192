import { realpath } from "node:fs/promises";
import * as path from "node:path";

/** A path without links, as far as it is there. */
export async function existingPath(absolute: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch {
    const parent = path.dirname(absolute);
    return parent === absolute ? absolute : path.join(await existingPath(parent), path.basename(absolute));
  }
}
