import { ChannelError, type PlannedArtifact } from "../../lib/channels/artifact";
import type { InstallerArtifact } from "../../lib/installers/installer";

/** What an installer has to know of a file, once it is made. */
export function installedFile(
  { name, format, root, programs }: PlannedArtifact,
  digest: string,
): Omit<InstallerArtifact, "platform" | "musl"> {
  return { name, digest, format, root, programs };
}

/**
 * The one that is installed: the declared one, or the only one that there is.
 *
 * @param field argument that says it
 * @param many what it is one of, e.g. `archives`
 * @throws ChannelError where it is not clear which one is meant
 */
export function onlyOne(field: string, many: string, names: readonly string[], declared?: string): string {
  const known = names.length === 0 ? `no ${many} are declared` : `declared are ${names.join(", ")}`;
  const [first] = names;
  if (declared !== undefined && names.includes(declared)) return declared;
  if (declared !== undefined)
    throw new ChannelError(field, `there is no ${JSON.stringify(declared)}; ${known}`);
  if (first !== undefined && names.length === 1) return first;
  throw new ChannelError(field, `it is not said which one is installed; ${known}`);
}
