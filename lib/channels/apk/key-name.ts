/**
 * Why a key cannot follow a former one; undefined where it can. apk finds the key of a signature by the
 * name of its file, so that of two of one name clients have one.
 *
 * @param keyName of the key, without `.rsa.pub`
 * @param former that of the former key
 */
export function sameKeyName(keyName: string, former: string): string | undefined {
  if (keyName !== former) return undefined;
  return (
    `${JSON.stringify(former)} is the name of the new key too, and clients tell keys apart by their names: give the new ` +
    `one another (a valid example: keyName: ${JSON.stringify(`${former}-2`)})`
  );
}
