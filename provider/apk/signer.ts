import { ApkKey, ApkKeyError } from "../../lib/channels/apk/key";
import type { ApkSigner } from "../../lib/channels/apk/package";
import { InputError } from "../../resources/definitions/input-findings";

/** Who signs, of what is declared. @throws InputError for what is no key that signs */
export function signerOf({
  key,
  passphrase,
  keyName,
}: {
  readonly key: string;
  readonly passphrase?: string | undefined;
  readonly keyName: string;
}): ApkSigner {
  try {
    return { key: ApkKey.read(key, passphrase), keyName };
  } catch (error) {
    if (!(error instanceof ApkKeyError)) throw error;
    throw new InputError([{ property: "key", reason: error.message }]);
  }
}
