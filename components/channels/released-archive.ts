import { ChannelError, type ChannelArtifact } from "../../lib/channels/artifact";
import type { Finding } from "../../resources/definitions/input-findings";
import type { ChannelRelease } from "../declaration/channel-target";

/** What a channel finds where no host of the release says where its files are downloaded from. */
export function addressFindings({ downloadUrl }: ChannelRelease): Finding[] {
  if (downloadUrl("file") !== undefined) return [];
  const reason =
    "no host of the release says where its files are downloaded from: declare a release with githubRelease(), " +
    'or a folder with its address (a valid example: directoryRelease({ directory: "public", baseUrl: ' +
    '"https://downloads.example.com" }))';
  return [{ property: "", reason }];
}

/**
 * The name of the archive that a channel installs.
 *
 * @param declared the channel's own choice
 * @throws ChannelError where it is not clear which archive is meant
 */
export function installedArchive({ archives }: ChannelRelease, declared: string | undefined): string {
  const names = Object.keys(archives);
  const archive = declared ?? names[0];
  const known = names.length === 0 ? "no archives are declared" : `declared are ${names.join(", ")}`;
  if (archive === undefined || !names.includes(archive)) {
    throw new ChannelError(
      "archive",
      archive === undefined ? known : `there is no archive ${archive}; ${known}`,
    );
  }
  if (declared === undefined && names.length > 1) {
    throw new ChannelError("archive", `it is not said which archive is installed; ${known}`);
  }
  return archive;
}

/** Files of an archive as they are before there is any content: what a sum is of is not known. */
export function withoutContent({ archives }: ChannelRelease, archive: string): ChannelArtifact[] {
  return (archives[archive] ?? []).map((artifact) => ({ ...artifact, digest: `sha256:${"0".repeat(64)}` }));
}
