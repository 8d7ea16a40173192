import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";

/**
 * Writes a key pair of the kind that cosign makes into a folder: `STEM.key`, which the password
 * opens, and `STEM.pub`.
 */
export async function writeKeyPair(folder: string, stem: string, password: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPairFiles(password);
  await writeFile(join(folder, `${stem}.key`), privateKey, { mode: 0o600 });
  await writeFile(join(folder, `${stem}.pub`), publicKey);
}
