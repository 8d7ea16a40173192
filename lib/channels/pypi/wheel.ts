import { ChannelError } from "../artifact";
import { fileNamePart } from "./name";

/** A program as a wheel that pip, pipx and uv install. */
export interface ProgramWheel {
  readonly project: string;
  /** As Python writes it, e.g. `1.2.0rc1`. */
  readonly version: string;
  /** What the program runs on, e.g. `linux/amd64`. */
  readonly platform: string;
  /** One line. */
  readonly summary: string;
  /** SPDX expression. */
  readonly license?: string | undefined;
  /** Addresses, by their labels, e.g. `Source`. */
  readonly urls?: Readonly<Record<string, string>>;
  /** Markdown, which the index shows. */
  readonly description?: string | undefined;
}

/** Longest summary that PyPI takes, in characters. */
const longestSummary = 512;

/** Tags of Linux by machine: those of glibc 2.17 (PEP 600), and of musl 1.1 (PEP 656). */
const linuxMachines: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
  "386": "i686",
  "arm/v7": "armv7l",
  ppc64le: "ppc64le",
  s390x: "s390x",
};

/** What Go 1.26 makes programs for at least. */
const otherTags: Readonly<Record<string, string>> = {
  "darwin/amd64": "macosx_12_0_x86_64",
  "darwin/arm64": "macosx_12_0_arm64",
  "windows/amd64": "win_amd64",
  "windows/386": "win32",
  "windows/arm64": "win_arm64",
};

/**
 * Tags of a platform, sorted as file names have them (PEP 425): for Linux of any distribution, which a
 * program has to be linked statically for.
 *
 * @throws ChannelError for a platform that PyPI has no wheels for
 */
export function platformTags(platform: string): string[] {
  const machine = linuxMachines[/^linux\/(.+)$/.exec(platform)?.[1] ?? ""];
  if (machine !== undefined) {
    return [`manylinux2014_${machine}`, `manylinux_2_17_${machine}`, `musllinux_1_1_${machine}`];
  }
  const tag = otherTags[platform];
  if (tag !== undefined) return [tag];
  const known = [...Object.keys(linuxMachines).map((name) => `linux/${name}`), ...Object.keys(otherTags)];
  throw new ChannelError("programs", `there are no wheels for ${platform}: PyPI takes ${known.join(", ")}`);
}

/** File name of a wheel (PEP 427). */
export function wheelFileName({ project, version, platform }: ProgramWheel): string {
  return `${fileNamePart(project)}-${version}-py3-none-${platformTags(platform).join(".")}.whl`;
}

/** Path in the wheel of a program, which installers put beside those of Python. */
export function wheelScript(wheel: ProgramWheel, program: string): string {
  return `${prefix(wheel)}.data/scripts/${program}${wheel.platform.startsWith("windows/") ? ".exe" : ""}`;
}

/**
 * The files of a wheel beside its programs, by path.
 *
 * @throws ChannelError for what core metadata cannot carry
 */
export function wheelTexts(wheel: ProgramWheel): Record<string, string> {
  const folder = `${prefix(wheel)}.dist-info`;
  const tags = platformTags(wheel.platform).map((tag) => `Tag: py3-none-${tag}\n`);
  return {
    [`${folder}/METADATA`]: metadata(wheel),
    [`${folder}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: slipway\nRoot-Is-Purelib: false\n${tags.join("")}`,
  };
}

function metadata({ project, version, summary, license, urls = {}, description }: ProgramWheel): string {
  oneLine("summary", summary);
  if (summary.length > longestSummary) {
    throw new ChannelError("summary", `has ${summary.length} characters, and PyPI takes ${longestSummary}`);
  }
  if (license !== undefined) oneLine("license", license);
  for (const [label, url] of Object.entries(urls)) {
    oneLine("urls", `${label}${url}`);
    if (label.length > 32 || label.includes(",")) {
      throw new ChannelError(
        "urls",
        `${JSON.stringify(label)}: a label of at most 32 characters without a comma is expected`,
      );
    }
  }
  const headers = [
    ["Metadata-Version", "2.4"],
    ["Name", project],
    ["Version", version],
    ["Summary", summary],
    ...(license === undefined ? [] : [["License-Expression", license]]),
    ...Object.entries(urls).map(([label, url]) => ["Project-URL", `${label}, ${url}`]),
    ...(description === undefined ? [] : [["Description-Content-Type", "text/markdown"]]),
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\n`).join("");
  return description === undefined ? lines : `${lines}\n${description}`;
}

function oneLine(property: string, text: string): void {
  if (!/[\p{Cc}\u2028\u2029]/u.test(text) && text.trim() !== "") return;
  throw new ChannelError(property, 'one line of text is expected (a valid example: "Greets the world")');
}

function prefix({ project, version }: ProgramWheel): string {
  return `${fileNamePart(project)}-${version}`;
}
