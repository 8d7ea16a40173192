import { parsePlatform, PlatformError } from "../../oci/platform";
import { ChannelError } from "../artifact";

/** Platform of packages that run on any. */
export const anyPlatform = "all";

/** What a family of Linux distributions calls its architectures. */
export interface ArchitectureNames {
  /** The family, in words, e.g. `Debian`. */
  readonly family: string;
  /** Its architectures, by ours with their variants. */
  readonly byArchitecture: Readonly<Record<string, string>>;
}

/**
 * The name of a platform's architecture.
 *
 * @param field of the declaration, for what is refused
 * @throws ChannelError for a platform that the family has no name for
 */
export function architectureName(
  { family, byArchitecture }: ArchitectureNames,
  platform: string,
  field: string,
): string {
  const { os, architecture, variant } = platformOf(platform, field);
  const name = variant === undefined ? architecture : `${architecture}/${variant}`;
  const found = os === "linux" ? byArchitecture[name] : undefined;
  if (found !== undefined) return found;
  throw new ChannelError(
    field,
    `${JSON.stringify(platform)} is not an architecture of ${family}: linux with one of ` +
      `${Object.keys(byArchitecture).join(", ")} is expected (a valid example: "linux/amd64")`,
  );
}

function platformOf(platform: string, field: string) {
  try {
    return parsePlatform(platform);
  } catch (error) {
    throw error instanceof PlatformError ? new ChannelError(field, error.message) : error;
  }
}
