import { plainText } from "../../text/xml";

/** A version of a package, as a feed has it. */
export interface FeedEntry {
  /** `sha512:` and hex digits. */
  readonly digest: string;
  /** What moderators make of it, where the feed has any. */
  readonly moderation: "approved" | "waiting" | "rejected";
}

/** Bytes of a SHA-512, the hash of NuGet 2. */
const hashBytes = 64;

/**
 * Reads an entry of a feed of NuGet 2: an Atom entry with OData properties. `IsApproved` and
 * `PackageStatus` are Chocolatey's own.
 *
 * @throws Error for what says no version, or no hash of it
 */
export function parseFeedEntry(text: string, version: string): FeedEntry {
  const named = propertyOf(text, "Version");
  if (named === undefined) throw new Error("it is not an entry of a package");
  if (named !== version && propertyOf(text, "NormalizedVersion") !== version) {
    throw new Error(`it is of the version ${JSON.stringify(named)}`);
  }
  const algorithm = propertyOf(text, "PackageHashAlgorithm") ?? "";
  const bytes = Buffer.from(propertyOf(text, "PackageHash") ?? "", "base64");
  if (algorithm.toUpperCase() !== "SHA512" || bytes.length !== hashBytes) {
    throw new Error("it says no SHA-512 of the package");
  }
  const status = propertyOf(text, "PackageStatus") ?? "";
  const isApproved = propertyOf(text, "IsApproved") !== "false" || /^(?:approved|exempted)$/i.test(status);
  const moderation = isApproved ? "approved" : /^rejected$/i.test(status) ? "rejected" : "waiting";
  return { digest: `sha512:${bytes.toString("hex")}`, moderation };
}

/** A property with text, whatever the prefix of its namespace. */
function propertyOf(text: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`).exec(text)?.[1];
  return found === undefined ? undefined : plainText(found).trim();
}
