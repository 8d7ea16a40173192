import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import type { Finding } from "../../resources/definitions/input-findings";
import type { ChannelContent, ChannelRelease } from "../declaration/channel-target";

/** Programs that a package for Linux has, and what for. */
export interface PackagedPrograms {
  readonly programs: readonly string[];
  readonly platforms?: readonly string[];
}

/** What every declaration of a package for Linux says of its programs. */
export const programArguments = {
  programs: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["hello"]] }),
  platforms: z
    .array(z.string())
    .min(1)
    .meta({ examples: [["linux/amd64"]] })
    .optional(),
};

/** Packages of a repository, by name. */
export function packagesByName<T extends z.ZodType>(declared: T) {
  return z
    .record(z.string(), declared)
    .refine((packages) => Object.keys(packages).length > 0, "at least one package is expected");
}

/**
 * What is wrong with the packages of a repository.
 *
 * @param refuse throws what the rules of a family refuse of one, a ChannelError
 */
export function packageFindings<T extends PackagedPrograms>(
  packages: Readonly<Record<string, T>>,
  release: ChannelRelease,
  refuse: (name: string, declared: T, platforms: readonly string[]) => void,
): Finding[] {
  return Object.entries(packages).flatMap(([name, declared]) => {
    const at = `packages.${name}`;
    const unknown = programFindings(at, declared, release);
    if (unknown.length > 0) return unknown;
    try {
      refuse(name, declared, platformsOf(declared, release));
      return [];
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: `${at}.${error.field}`, reason: error.reason }];
    }
  });
}

/** Makes each package of a repository for each of its platforms. */
export function madePackages<T extends PackagedPrograms, R>(
  packages: Readonly<Record<string, T>>,
  content: ChannelContent,
  make: (name: string, declared: T, platform: string) => R,
): R[] {
  return Object.entries(packages).flatMap(([name, declared]) =>
    platformsOf(declared, content).map((platform) => make(name, declared, platform)),
  );
}

/** A signing key as resources take it: a secret, also where the program gives it in clear. */
export function signingSecrets({
  key,
  passphrase,
}: {
  readonly key: pulumi.Input<string>;
  readonly passphrase?: pulumi.Input<string> | undefined;
}) {
  return {
    key: pulumi.secret(key),
    passphrase: passphrase === undefined ? undefined : pulumi.secret(passphrase),
  };
}

/** A key that another one is about to replace, which clients have from before. */
export interface FormerSigningKey {
  /** As the repository's own is; kept a secret. */
  key: pulumi.Input<string>;
  /** Passphrase of it; kept a secret. Default: it has none. */
  passphrase?: pulumi.Input<string>;
  /** Day from which it signs no more (`2027-06-30`, UTC). Default: it signs as long as it is declared. */
  until?: string;
}

/** The same of Alpine, which finds a key by its name. */
export interface FormerApkSigningKey extends FormerSigningKey {
  /** Its name in `/etc/apk/keys`, without `.rsa.pub`. Default: the distribution's. */
  keyName?: string;
}

/** The same as a secret; what a program does not declare stays undeclared. */
export function formerSecrets<T extends FormerSigningKey>(formerKey: T | undefined) {
  return formerKey && { ...formerKey, ...signingSecrets(formerKey) };
}

/** Platforms of a package: those that are declared, or those of Linux that all of its programs have. */
export function platformsOf({ programs, platforms }: PackagedPrograms, release: ChannelRelease): string[] {
  const [first = [], ...others] = programs.map((program) => release.programs[program] ?? []);
  const common = first.filter((platform) => others.every((other) => other.includes(platform)));
  return [...(platforms ?? common.filter((platform) => platform.startsWith("linux/")))];
}

/**
 * Platforms of programs that a channel packs for any system: those that are declared, or all that
 * each of them is built for.
 *
 * @throws ChannelError for programs that are not built, or for no platform together
 */
export function commonPlatforms(
  {
    programs,
    platforms: declared,
  }: { readonly programs: readonly string[]; readonly platforms?: readonly string[] | undefined },
  release: ChannelRelease,
): readonly string[] {
  const known = `declared are ${Object.keys(release.programs).join(", ") || "none"}`;
  if (programs.length === 0) throw new ChannelError("programs", `there is no program; ${known}`);
  for (const program of programs) {
    if (release.programs[program] === undefined)
      throw new ChannelError("programs", `there is no program ${JSON.stringify(program)}; ${known}`);
  }
  const isBuilt = (platform: string) =>
    programs.every((program) => release.programs[program]?.includes(platform));
  const platforms = declared ?? (release.programs[programs[0] ?? ""] ?? []).filter(isBuilt);
  const missing = platforms.filter((platform) => !isBuilt(platform));
  if (missing.length > 0)
    throw new ChannelError("platforms", `not all of the programs are built for ${missing.join(", ")}`);
  if (platforms.length === 0) throw new ChannelError("programs", "are built for no platform together");
  return platforms;
}

/** What of a package the distribution does not have. @param at of its declaration, for what is found */
function programFindings(at: string, declared: PackagedPrograms, release: ChannelRelease): Finding[] {
  const unknown = declared.programs.flatMap((program, index): Finding[] => {
    const platforms = release.programs[program];
    if (platforms === undefined) return [notDeclared(`${at}.programs[${index}]`, program, release)];
    const missing = (declared.platforms ?? []).filter((platform) => !platforms.includes(platform));
    return missing.map((platform) => ({
      property: `${at}.platforms`,
      reason: `${program} is not there for ${platform}: it is for ${platforms.join(", ")}`,
    }));
  });
  if (unknown.length > 0 || platformsOf(declared, release).length > 0) return unknown;
  const reason = `${declared.programs.join(", ")} have no platform of Linux in common`;
  return [{ property: `${at}.programs`, reason }];
}

/**
 * Refuses two platforms that a family of distributions does not tell apart.
 *
 * @param architectures of the platforms, in their order
 * @throws ChannelError
 */
export function checkArchitectures(
  platforms: readonly string[],
  architectures: readonly string[],
  family: string,
): void {
  const twice = architectures.find((one, index) => architectures.indexOf(one) < index);
  if (twice === undefined) return;
  const reason = `two of ${platforms.join(", ")} are ${twice} in ${family}: name the one that it is for`;
  throw new ChannelError("platforms", reason);
}

/** The programs as files of a package, in `/usr/bin`. */
export function programFiles(programs: readonly string[], platform: string, content: ChannelContent) {
  return programs.map((program) => ({
    to: `/usr/bin/${program}`,
    mode: "0755",
    ...content.programOf(program, platform),
  }));
}

function notDeclared(property: string, program: string, { programs }: ChannelRelease): Finding {
  const known = Object.keys(programs);
  return {
    property,
    reason:
      `there is no program ${JSON.stringify(program)}; ` +
      (known.length === 0 ? "none is declared in binaries or downloads" : `declared are ${known.join(", ")}`),
  };
}
