import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";

/** As much as the hash that it keys has (RFC 2104 section 3), in bytes. */
const saltBytes = 32;

/**
 * A random secret of the project's folder, made once and readable by its user alone. It is in no
 * repository: `.slipway` is for this machine.
 */
export async function projectSalt(project: string): Promise<string> {
  const file = path.join(project, ".slipway", "digest-salt");
  const read = () => readFile(file, "utf8").then((text) => text.trim());
  const known = await read().catch(() => "");
  if (known !== "") return known;
  await mkdir(path.dirname(file), { recursive: true });
  const own = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await writeFile(own, randomBytes(saltBytes).toString("hex"), { mode: 0o600, flag: "wx" });
  try {
    // Whole or not there, and the first of two processes wins.
    await link(own, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(own, { force: true });
  }
  return read();
}
