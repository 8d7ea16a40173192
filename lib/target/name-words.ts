import type { TargetPlatform } from "./triple";

/** Words in names of files that say for which system or processor they are, as projects write them. */
const systems: Readonly<Record<string, string>> = {
  aix: "aix",
  android: "android",
  apple: "darwin",
  darwin: "darwin",
  dragonfly: "dragonfly",
  freebsd: "freebsd",
  illumos: "illumos",
  ios: "ios",
  linux: "linux",
  linux32: "linux",
  linux64: "linux",
  macos: "darwin",
  netbsd: "netbsd",
  openbsd: "openbsd",
  osx: "darwin",
  plan9: "plan9",
  solaris: "solaris",
  win32: "windows",
  win64: "windows",
  windows: "windows",
};

const architectures: Readonly<Record<string, string>> = {
  "386": "386",
  aarch64: "arm64",
  amd64: "amd64",
  arm64: "arm64",
  armhf: "arm",
  armv5: "arm",
  armv6: "arm",
  armv6l: "arm",
  armv7: "arm",
  armv7l: "arm",
  i386: "386",
  i686: "386",
  loong64: "loong64",
  mips64le: "mips64le",
  ppc64: "ppc64",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
  x64: "amd64",
  x86_64: "amd64",
};

/**
 * Returns the word in a file's name that plainly says another system or architecture than a
 * platform's; undefined where none does, or another word says the platform's own: a file can be for
 * several.
 *
 * @param pattern by which the file was found; what it says itself was declared
 */
export function otherPlatformWord(
  name: string,
  { os, architecture }: TargetPlatform,
  pattern = "*",
): string | undefined {
  const declared = wordsOf(pattern);
  const words = wordsOf(name);
  return [otherWord(words, systems, os), otherWord(words, architectures, architecture)].find(
    (word) => word !== undefined && !declared.includes(word),
  );
}

/** Endings of packages for one system, whose names have its processor alone. */
const packageSystems: readonly (readonly [ending: RegExp, os: string])[] = [
  [/\.(apk|appimage|deb|flatpak|rpm|snap)$/i, "linux"],
  [/\.(exe|msi)$/i, "windows"],
  [/\.(dmg|pkg)$/i, "darwin"],
];

/**
 * Returns the platform that a file's name says that it is for, as `linux/amd64`, or a system alone where it names no
 * processor; undefined where it says none, or several, as sums do.
 */
export function platformInName(name: string): string | undefined {
  const words = wordsOf(name);
  const said = (meanings: Readonly<Record<string, string>>) => [
    ...new Set(words.flatMap((word) => (Object.hasOwn(meanings, word) ? (meanings[word] ?? []) : []))),
  ];
  const ending = packageSystems.find(([pattern]) => pattern.test(name))?.[1];
  const [[os = ending, ...otherSystems], [architecture, ...others]] = [said(systems), said(architectures)];
  if (os === undefined || otherSystems.length > 0 || others.length > 0) return undefined;
  return architecture === undefined ? os : `${os}/${architecture}`;
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .replaceAll(/x86[_-]64/g, "x86_64")
    .replaceAll(/\d+(?:\.\d+)+/g, "")
    .split(/[^a-z0-9_]+|_(?!64)/);
}

function otherWord(
  words: readonly string[],
  meanings: Readonly<Record<string, string>>,
  wanted: string,
): string | undefined {
  const said = words.filter((word) => Object.hasOwn(meanings, word));
  return said.some((word) => meanings[word] === wanted) ? undefined : said[0];
}
