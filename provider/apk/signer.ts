import { ApkKey, ApkKeyError } from "../../lib/channels/apk/key";
import { sameKeyName } from "../../lib/channels/apk/key-name";
import type { ApkSigner } from "../../lib/channels/apk/package";
import { InputError } from "../../resources/definitions/input-findings";
import { stillSigns } from "../linux/repository-key";

interface DeclaredSigner {
  readonly key: string;
  readonly passphrase?: string | undefined;
  readonly keyName: string;
}

/** Who signs, as resources declare it. */
export interface DeclaredSigners extends DeclaredSigner {
  readonly formerKey?: (DeclaredSigner & { readonly until?: string | undefined }) | undefined;
}

/**
 * Who signs, and beside it a former one until its day.
 *
 * @throws InputError for what is no key that signs
 */
export function signerOf(declared: DeclaredSigners): ApkSigner {
  const own = readSigner("key", declared);
  const former = formerOf(declared);
  if (former === undefined) return own;
  const { fingerprint } = own.key;
  if (former.key.fingerprint === fingerprint) {
    const reason = `${fingerprint} is the key itself: give the one that clients have from before`;
    throw new InputError([{ property: "formerKey.key", reason }]);
  }
  const reason = sameKeyName(own.keyName, former.keyName);
  if (reason !== undefined) throw new InputError([{ property: "formerKey.keyName", reason }]);
  return stillSigns(declared.formerKey ?? {}, new Date()) ? { ...own, former } : own;
}

/**
 * The former one, whether it still signs or not; undefined where none is declared.
 *
 * @throws InputError for what is no key that signs
 */
export function formerOf({ formerKey }: DeclaredSigners): ApkSigner | undefined {
  return formerKey && readSigner("formerKey.key", formerKey);
}

function readSigner(property: string, { key, passphrase, keyName }: DeclaredSigner): ApkSigner {
  try {
    return { key: ApkKey.read(key, passphrase), keyName };
  } catch (error) {
    if (!(error instanceof ApkKeyError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}
