import type { Finding } from "../../resources/definitions/input-findings";
import type { ChannelRelease } from "./channel-target";

/** An image of the release, as an installer pulls it. */
export interface InstalledImage {
  /** `host/path` of each registry that has it, the first one first. */
  readonly repositories: readonly string[];
  /** Tag of the version. */
  readonly tag: string;
  /** Tag that is always the latest version, where one is declared. */
  readonly latest?: string | undefined;
}

/** What is released, as installers are asked whether they can say it. */
export interface InstallerRelease extends ChannelRelease {
  /** Addresses that the files of the release are below, in the order of the release targets. */
  readonly hosts: readonly string[];
  readonly images: Readonly<Record<string, InstalledImage>>;
  /** Address of the sources, where the distribution declares one. */
  readonly source?: string | undefined;
}

/** What is known of the release once its archives are made. */
export interface InstallerFacts {
  /** Digest of an archive's file for a platform. */
  readonly digestOf: (archive: string, platform: string) => string;
  /** Public key (PEM) that the sums of every version are signed with, where a key signs. */
  readonly publicKey?: string | undefined;
}

/**
 * A script that installs what was released. `shellInstaller` makes one; so does any program, with an
 * object that has these properties.
 */
export interface Installer {
  /** Returns what it cannot say; looked at before any resource is registered. Default: nothing. */
  findings?(release: InstallerRelease): Finding[];
  /** Its text. */
  render(release: InstallerRelease, facts: InstallerFacts): string;
}

/** Returns whether a value is an installer, whoever made it. */
export function isInstaller(value: unknown): value is Installer {
  if (typeof value !== "object" || value === null) return false;
  const { findings, render } = value as Partial<Record<keyof Installer, unknown>>;
  return typeof render === "function" && (findings === undefined || typeof findings === "function");
}
