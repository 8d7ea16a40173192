import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, writeFileAtomically } from "../machine/atomic-file";
import { KeyError } from "./errors";
import { generateKeyPairFiles, publicKeyOf, publicKeyPem, readPrivateKey } from "./key";

/**
 * First line of both files of a throw-away key pair. Text before a PEM block is passed over by
 * whoever reads it (RFC 7468, section 2), cosign and OpenSSL too.
 */
const throwAwayMark =
  "Throw-away key of Slipway, for development: a signature with it says nothing about who signed.";

/** Returns whether the text of a key file is that of a throw-away key. */
export function isThrowAwayKey(text: string): boolean {
  return text.startsWith(throwAwayMark);
}

/** The file of the public key that belongs to a private one: `cosign.pub` beside `cosign.key`. */
export function publicKeyFile(privateKeyFile: string): string {
  const { dir, name } = path.parse(privateKeyFile);
  return path.join(dir, `${name}.pub`);
}

/** Text of a key file. @throws KeyError where it cannot be read */
export async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (!isMissingFile(error)) throw new KeyError(`${file} cannot be read: ${(error as Error).message}`);
    throw new KeyError(`${file} does not exist. Make a key pair with \`cosign generate-key-pair\`.`);
  }
}

/**
 * Makes sure that there is a throw-away key pair: `file`, readable by its owner only, and the
 * public key beside it. Of several processes at once, one makes it and the others take it.
 */
export async function ensureKeyPair(file: string, password: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const publicFile = publicKeyFile(file);
  if ((await readIfThere(file)) === undefined) {
    const { privateKey } = await generateKeyPairFiles(password);
    const temporary = `${file}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
    try {
      await writeFile(temporary, `${throwAwayMark}\n${privateKey}`, { flag: "wx", mode: 0o600 });
      // Unlike a rename, a link does not replace what another process has made meanwhile.
      await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    } finally {
      await rm(temporary, { force: true });
    }
  }
  if ((await readIfThere(publicFile)) !== undefined) return;
  const key = await readPrivateKey(await readFile(file, "utf8"), password, file);
  await writeFileAtomically(publicFile, `${throwAwayMark}\n${publicKeyPem(publicKeyOf(key))}`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
