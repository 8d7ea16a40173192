import { bareVersion, parseVersion } from "../../version/version";
import { ChannelError } from "../artifact";

/** Longest name and description that the AUR takes, in characters (`max_len` of aurweb's update hook). */
const longestField = 255;

/**
 * Checks the name of a package by the rules of the AUR: those of its update hook, and that a package
 * with released programs ends with `-bin` (https://wiki.archlinux.org/title/AUR_submission_guidelines).
 *
 * @throws ChannelError with the rule
 */
export function checkPackageName(name: string): void {
  const refuse = (rule: string): never => {
    const given = JSON.stringify(name);
    throw new ChannelError("name", `${given}: the AUR's rule: ${rule} (a valid example: "hello-bin")`);
  };
  if (!/^[a-z0-9][a-z0-9.+_-]*$/.test(name)) {
    refuse("small letters, digits and . + _ -, a letter or a digit first");
  }
  if (!name.endsWith("-bin")) refuse("a package that installs released programs ends with -bin");
  if (name.length > longestField) refuse(`at most ${longestField} characters, not ${name.length}`);
}

/** @throws ChannelError with the AUR's rule */
export function checkPackageDescription(description: string): void {
  const refuse = (rule: string): never => {
    const given = JSON.stringify(description);
    throw new ChannelError(
      "description",
      `${given}: the AUR's rule: ${rule} (a valid example: "Greets the world")`,
    );
  };
  if (description.trim() !== description || /\s{2}/.test(description)) {
    refuse("no space at the beginning or the end, and no two together");
  }
  // The package's name is beside it wherever it is shown (PKGBUILD, `pkgdesc`).
  if ([...description].length > longestField) {
    refuse(`at most ${longestField} characters, not ${[...description].length}`);
  }
}

/**
 * The version as pacman has it: without `-`, which comes before the release of the package, and such
 * that a pre-release is older than its release (vercmp(8)): `1.2.0-rc.1` is `1.2.0rc1`.
 */
export function packageVersion(version: string): string {
  const parsed = parseVersion(version);
  if (parsed === undefined) return bareVersion(version);
  const [release = "", ...prerelease] = parsed.version.split("-");
  const attached = prerelease.join("_").replace(/^([A-Za-z]+)\./, "$1");
  const build = parsed.build.length === 0 ? "" : `+${parsed.build.join(".").replaceAll("-", "_")}`;
  // Digits behind the release would be a higher version than the release itself.
  return `${release}${/^\d/.test(attached) ? "pre" : ""}${attached}${build}`;
}

/**
 * Checks that pacman orders a pre-release as semantic versioning does, which it does for a word and
 * numbers.
 *
 * @throws ChannelError for another one
 */
export function checkPrereleaseOrder(version: string): void {
  const parsed = parseVersion(version);
  if (!parsed || parsed.stable) return;
  if (/^[A-Za-z]+\d*(\.\d+)*$/.test(parsed.prerelease.join("."))) return;
  throw new ChannelError(
    "prereleases",
    `${version}: pacman would order it in another way than semantic versioning does: a pre-release is a word, and ` +
      "numbers behind it (a valid example: 1.2.0-rc.1)",
  );
}
