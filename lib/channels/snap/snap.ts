import { parseVersion, bareVersion } from "../../version/version";
import { architectureName } from "../linux/platforms";
import { ChannelError } from "../artifact";

/** Bases that a snap runs on, which are those that `platforms` of a snapcraft.yaml goes with. */
export const snapBases = ["core24", "core26"] as const;

/** How far a snap is kept from the system. */
export const snapConfinements = ["strict", "classic", "devmode"] as const;

/** How systemd starts a service, of those that need no more than their command. */
export const snapDaemons = ["simple", "forking", "oneshot", "notify"] as const;

/** A program or a service of a snap. */
export interface SnapApp {
  /** File of the snap by its path in it, with arguments. */
  readonly command: string;
  /** How systemd starts it; absent for a program that users start. */
  readonly daemon?: (typeof snapDaemons)[number] | undefined;
  /** Interfaces that it asks for, e.g. `network`. */
  readonly plugs?: readonly string[] | undefined;
}

/** A snap as it is declared, for every architecture. */
export interface Snap {
  readonly name: string;
  /** Version of the release. */
  readonly version: string;
  readonly title?: string | undefined;
  /** What it is, in one line. */
  readonly summary: string;
  readonly description: string;
  /** SPDX expression. */
  readonly license?: string | undefined;
  readonly base: (typeof snapBases)[number];
  readonly confinement: (typeof snapConfinements)[number];
  readonly apps: Readonly<Record<string, SnapApp>>;
}

/**
 * Longest texts, in characters: snapd's `snap/validate.go` and `snap/naming/validate.go`, and for the
 * summary snapcraft's schema.
 */
const longest = { name: 40, version: 32, title: 40, summary: 78, description: 4096 } as const;

/** Architectures of snaps, which are Debian's (snapd, `arch/arch.go`). */
const architectures = {
  family: "snaps",
  byArchitecture: {
    "386": "i386",
    amd64: "amd64",
    "arm/v7": "armhf",
    arm64: "arm64",
    "arm64/v8": "arm64",
    ppc64le: "ppc64el",
    riscv64: "riscv64",
    s390x: "s390x",
  },
};

/** @throws ChannelError for a platform that there are no snaps for */
export function snapArchitecture(platform: string): string {
  return architectureName(architectures, platform, "platforms");
}

/** The version as a snap has it: a label, which nothing is ordered by. */
export function snapVersion(version: string): string {
  return bareVersion(version);
}

/** Name of the file, as `snap pack` gives it. */
export function snapFileName(
  { name, version }: Pick<Snap, "name" | "version">,
  architecture: string,
): string {
  return `${name}_${snapVersion(version)}_${architecture}.snap`;
}

/** Fields that `meta/snap.yaml` and `snapcraft.yaml` have in common, as lines of YAML. */
export function aboutLines(snap: Snap): string[] {
  const { name, version, title, summary, description, license, base, confinement } = snap;
  return [
    `name: ${yaml(name)}`,
    `version: ${yaml(snapVersion(version))}`,
    ...(title === undefined ? [] : [`title: ${yaml(title)}`]),
    `summary: ${yaml(summary)}`,
    `description: ${yaml(description)}`,
    ...(license === undefined ? [] : [`license: ${yaml(license)}`]),
    `base: ${base}`,
    `grade: ${parseVersion(version)?.stable === false ? "devel" : "stable"}`,
    `confinement: ${confinement}`,
  ];
}

/** The apps, as lines of YAML. */
export function appLines({ apps }: Snap): string[] {
  return [
    "apps:",
    ...Object.entries(apps).flatMap(([name, { command, daemon, plugs = [] }]) => [
      `  ${yaml(name)}:`,
      `    command: ${yaml(command)}`,
      ...(daemon === undefined ? [] : [`    daemon: ${daemon}`]),
      ...(plugs.length === 0 ? [] : ["    plugs:", ...plugs.map((plug) => `      - ${plug}`)]),
    ]),
  ];
}

/** A string of YAML: JSON's are. */
export function yaml(value: string): string {
  return JSON.stringify(value);
}

/**
 * Refuses what snapd and snapcraft refuse of a snap.
 *
 * @param contents paths of its files and folders
 * @throws ChannelError with the rule
 */
export function checkSnap(snap: Snap, contents: readonly string[]): void {
  const { name, version, title, summary, description, license, apps } = snap;
  const isName = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
  if (!isName || name.length < 2 || name.length > longest.name) {
    refuse(
      "name",
      name,
      `small letters and digits, words joined by -, with a letter, 2 to ${longest.name} characters`,
      "hello-world",
    );
  }
  const own = snapVersion(version);
  if (!/^[a-zA-Z0-9](?:[a-zA-Z0-9:.+~-]{0,30}[a-zA-Z0-9+~])?$/.test(own)) {
    refuse(
      "version",
      own,
      `at most ${longest.version} letters, digits and : . + ~ -, of which the first is a letter or digit`,
      "1.2.0-rc.1",
    );
  }
  checkLength("title", title, longest.title);
  checkLength("summary", summary, longest.summary);
  checkLength("description", description, longest.description);
  if (/[\r\n]/.test(summary)) refuse("summary", summary, "one line", "Greets the world");
  if (license !== undefined && /\bLicenseRef-/.test(license))
    refuse("license", license, "licenses of the SPDX list only", "Apache-2.0");
  for (const [app, { command, plugs = [] }] of Object.entries(apps)) {
    if (!/^[a-zA-Z0-9](?:-?[a-zA-Z0-9])*$/.test(app))
      refuse(`apps.${app}`, app, "letters and digits, words joined by -", "hello-server");
    checkCommand(`apps.${app}.command`, command, contents);
    for (const [index, plug] of plugs.entries()) {
      if (!/^[a-z](?:-?[a-z0-9])*$/.test(plug))
        refuse(`apps.${app}.plugs[${index}]`, plug, "the name of an interface", "network-bind");
    }
  }
}

function checkLength(field: string, text: string | undefined, most: number): void {
  if (text === undefined) return;
  const { length } = [...text];
  if (length > most) refuse(field, text, `at most ${most} characters, not ${length}`, "Greets the world");
}

/** snapd takes no other characters, and `snap pack` looks for the file. */
function checkCommand(field: string, command: string, contents: readonly string[]): void {
  if (!/^[A-Za-z0-9/. _#:$-]+$/.test(command))
    refuse(field, command, "letters, digits, spaces and / . _ # : $ - only", "bin/hello --serve");
  const [file = ""] = command.split(" ");
  if (contents.some((path) => path === file || file.startsWith(`${path}/`))) return;
  throw new ChannelError(
    field,
    `${JSON.stringify(file)} is not a file of the snap: it has ${contents.join(", ")} (a valid example: ` +
      `${JSON.stringify(contents[0] ?? "bin/hello")})`,
  );
}

/** @throws ChannelError always */
function refuse(field: string, value: string, rule: string, example: string): never {
  throw new ChannelError(
    field,
    `${JSON.stringify(value)}: the rule of snaps: ${rule} (a valid example: ${JSON.stringify(example)})`,
  );
}
