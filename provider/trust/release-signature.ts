import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { DownloadError } from "../../lib/release/download";
import { parseBundle, signedByText, VerificationError, type SignatureVerifier } from "../../lib/sigstore";

/** A signature of a file of a release: where it is, and who is trusted to have made it. */
export interface ReleaseSignature {
  /** Location of the Sigstore bundle. */
  readonly location: string;
  readonly verifier: SignatureVerifier;
}

/** Reads a small file of a release. */
export type ReadReleased = (location: string) => Promise<string>;

/**
 * Verifies the signature of a file. Returns who signed.
 *
 * @param signed location of what is signed, for messages
 * @throws Error that says what is not as it should be, and what to do
 */
export async function verifyReleased(
  { location, verifier }: ReleaseSignature,
  signed: string,
  file: string,
  read: ReadReleased,
): Promise<string> {
  try {
    return signedByText(
      await verifier.verifyFile(parseBundle(Buffer.from(await read(location), "utf8")), file),
    );
  } catch (error) {
    if (error instanceof DownloadError && error.missing) {
      throw new Error(
        `${signed} is not signed: ${error.message}. Nothing of it is used. Declare the name of its bundle ` +
          `(a valid example: bundle: "SHA256SUMS.sigstore.json"), or ask whoever released it`,
        { cause: error },
      );
    }
    if (!(error instanceof VerificationError)) throw error;
    const reason = error.message.replaceAll(file, signed);
    throw new Error(
      `${signed} is not signed by a trusted signer: ${location} ${reason}. Nothing of it is ` +
        "used. Compare the declared key or identity with the one that its publisher names",
      { cause: error },
    );
  }
}

/** The same for a text that is not a file yet. */
export async function verifyReleasedText(
  signature: ReleaseSignature,
  signed: string,
  text: string,
  read: ReadReleased,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-verify-"));
  try {
    const file = path.join(folder, "content");
    await writeFile(file, text);
    return await verifyReleased(signature, signed, file, read);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
