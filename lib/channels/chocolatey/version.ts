import { parseCalendarVersion, parseVersion } from "../../version/version";
import { ChannelError } from "../artifact";

/** Largest number in a version: NuGet reads each as an `Int32`. */
const largestNumber = 2 ** 31 - 1;

/** Digits that a number of a pre-release is filled up to, because NuGet 2 compares it as text. */
const sortableDigits = 4;

/** Longest label of a pre-release that feeds of NuGet 2 take, in characters. */
const longestLabel = 20;

/**
 * A version as Chocolatey takes it (NuGet 2, SemVer 1.0): numbers without leading zeros, and a
 * pre-release as one word that begins with a letter, whose numbers sort as text. So `v1.2.0-rc.1` is
 * `1.2.0-rc0001`.
 *
 * @throws ChannelError
 */
export function chocolateyVersion(text: string): string {
  const parsed = parseVersion(text) ?? parseCalendarVersion(text);
  const example = 'a valid example: "1.2.0", or "1.2.0-rc.1", which Chocolatey gets as 1.2.0-rc0001';
  const refuse = (reason: string) =>
    new ChannelError("version", `${JSON.stringify(text)} ${reason} (${example})`);
  if (parsed === undefined) throw refuse("is not a semantic version");
  if (parsed.build.length > 0) {
    throw refuse(
      `has build metadata (+${parsed.build.join(".")}), by which Chocolatey does not tell versions apart`,
    );
  }
  const [numbers = ""] = parsed.version.split("-");
  const large = numbers.split(".").find((number) => Number(number) > largestNumber);
  if (large !== undefined) throw refuse(`has ${large} in it, and Chocolatey counts up to ${largestNumber}`);
  if (parsed.prerelease.length === 0) return numbers;
  const label = parsed.prerelease.map(sortable).join("");
  if (!/^[A-Za-z][0-9A-Za-z-]*$/.test(label)) {
    throw refuse(`has the pre-release ${label}, and one of Chocolatey begins with a letter`);
  }
  if (label.length > longestLabel) {
    throw refuse(`would have the pre-release ${label}, and Chocolatey takes ${longestLabel} characters`);
  }
  return `${numbers}-${label}`;
}

/** `rc.1`, `rc1` and `rc-1` are the same word; 10 comes after 9 in it. */
function sortable(identifier: string | number): string {
  return String(identifier).replaceAll(/\d+/g, (digits) => digits.padStart(sortableDigits, "0"));
}
