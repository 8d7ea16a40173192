import { SigningKeyError } from "../../lib/channels/openpgp/private-key";
import { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { InputError } from "../../resources/definitions/input-findings";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";

/** A key as resources that sign declare it. */
interface DeclaredKey {
  readonly key: string;
  readonly passphrase?: string | undefined;
  /** A key that this one is about to replace. */
  readonly formerKey?:
    | { readonly key: string; readonly passphrase?: string | undefined; readonly until?: string | undefined }
    | undefined;
}

/**
 * Refuses a key in clear text, which would be in the state.
 *
 * @param prefix of the example's configuration key, e.g. `apt`
 * @throws InputError
 */
export function refuseClearKey(context: ResourceContext, declared: DeclaredKey, prefix: string): void {
  const { key, passphrase, formerKey } = declared;
  refuseClear(
    context,
    { key, passphrase, "formerKey.key": formerKey?.key, "formerKey.passphrase": formerKey?.passphrase },
    {
      key: `${prefix}Key`,
      passphrase: `${prefix}Passphrase`,
      "formerKey.key": `${prefix}FormerKey`,
      "formerKey.passphrase": `${prefix}FormerPassphrase`,
    },
  );
}

/**
 * The key that signs, and beside it a former one until its day.
 *
 * @throws InputError for what is no key that signs
 */
export async function keyOf(declared: DeclaredKey): Promise<SigningKey> {
  const { key, passphrase, formerKey } = declared;
  if (formerKey !== undefined && stillSigns(formerKey, new Date())) return packageKeyOf(declared);
  return readKey("key", key, passphrase);
}

/**
 * The same where packages have signatures of their own: those of a former key stay, so that it is
 * known as long as it is declared. It signs lists until its day, and may have expired after that.
 *
 * @throws InputError for what is no key that signs
 */
export async function packageKeyOf({ key, passphrase, formerKey }: DeclaredKey): Promise<SigningKey> {
  const own = await readKey("key", key, passphrase);
  if (formerKey === undefined) return own;
  const now = new Date();
  const signs = stillSigns(formerKey, now);
  const former = await readKey("formerKey.key", formerKey.key, formerKey.passphrase, signs ? now : null);
  if (former.fingerprint !== own.fingerprint) return own.beside(former, signs);
  const reason = `${own.fingerprint} is the key itself: give the one that clients have from before`;
  throw new InputError([{ property: "formerKey.key", reason }]);
}

/** Whether a former key signs: until its day begins, in UTC. */
export function stillSigns({ until }: { readonly until?: string | undefined }, now: Date): boolean {
  return until === undefined || now < new Date(until);
}

async function readKey(
  property: string,
  key: string,
  passphrase: string | undefined,
  now: Date | null = new Date(),
): Promise<SigningKey> {
  try {
    return await SigningKey.read(key, passphrase, now);
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}
