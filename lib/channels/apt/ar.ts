/** The archive around a Debian package (deb(5)): the common format of ar(1), without long names. */

/** Starts every archive. */
export const arMagic: Buffer = Buffer.from("!<arch>\n", "latin1");

/** Most bytes of a member: its size has ten decimal digits. */
export const largestArMember = 9_999_999_999;

/**
 * Header of a member, 60 bytes; its time is 0 and its owner root.
 *
 * @param name up to 15 ASCII characters
 * @param size of the content in bytes
 * @throws RangeError for a size that the header cannot hold
 */
export function arHeader(name: string, size: number): Buffer {
  if (size > largestArMember)
    throw new RangeError(`${name} has ${size} bytes: a package holds ${largestArMember}`);
  const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
  return Buffer.from(`${fields.join("")}${String(size).padEnd(10)}\`\n`, "latin1");
}

/** What fills a member to an even size. */
export function arPadding(size: number): Buffer {
  return Buffer.from(size % 2 === 0 ? "" : "\n", "latin1");
}
