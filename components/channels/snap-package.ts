import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import {
  checkSnap,
  snapArchitecture,
  snapBases,
  snapConfinements,
  snapDaemons,
  snapFileName,
  type Snap,
  type SnapApp,
} from "../../lib/channels/snap/snap";
import { renderSnapYaml } from "../../lib/channels/snap/snap-yaml";
import { renderSnapcraftYaml, snapcraftVersionPattern } from "../../lib/channels/snap/snapcraft-yaml";
import { checkGitRemote } from "../../lib/git/remote";
import { archiveFile } from "../../resources/definitions/archive";
import { checked, prose } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type {
  ChannelAssetFile,
  ChannelContent,
  ChannelRelease,
  ChannelTarget,
} from "../declaration/channel-target";
import type { InstallWay } from "../declaration/install-way";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";
import { checkArchitectures, commonPlatforms, programArguments } from "./packaged-programs";

/** A file of a snap, from the project or as it is written. */
export interface SnapFile {
  /** Path in the snap, e.g. `config/hello.yaml`. */
  path: string;
  /** File or folder, relative to the project's folder. */
  source?: string;
  /** Content, as text. */
  content?: string;
  /** Octal mode. Default: `0755` for an executable file, otherwise `0644`. */
  mode?: string;
}

/** Where a project keeps the snapcraft.yaml, which makes the same snap of the released archives. */
export interface SnapcraftFileArgs extends Omit<GitChannelArgs, "name" | "asset"> {
  /** Git repository, or a folder. */
  repository: string;
}

/** Arguments of {@link snapPackage}. */
export interface SnapPackageArgs {
  /** Name of the snap. Default: the distribution's. */
  name?: string;
  /** Programs of the distribution, which get into `bin` of the snap. */
  programs: string[];
  /** Platforms. Default: those of Linux that all of its programs have. */
  platforms?: string[];
  /** Name for people, of at most 40 characters. Default: the name. */
  title?: string;
  /** What it is, in one line of at most 78 characters. */
  summary: string;
  /** What it does and for whom; several lines. */
  description: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Default: `core24`. */
  base?: (typeof snapBases)[number];
  /** Default: `strict`. */
  confinement?: (typeof snapConfinements)[number];
  /** Programs and services by name. Default: each program under its name, without interfaces. */
  apps?: Record<string, { command: string; daemon?: (typeof snapDaemons)[number]; plugs?: string[] }>;
  /** Further files. */
  files?: SnapFile[];
  /** Keeps a snapcraft.yaml in a git repository. Default: there is none. */
  snapcraft?: SnapcraftFileArgs;
}

const text = prose(z.string().min(1));
/** Several lines. */
const lines = z
  .string()
  .min(1)
  .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected");

const { path, source, content, mode } = archiveFile.shape;

const snapArguments = z.strictObject({
  name: gitChannelArguments.name,
  ...programArguments,
  title: text.meta({ examples: ["Hello"] }).optional(),
  summary: text.meta({ examples: ["Greets the world"] }),
  description: lines.meta({ examples: ["Greets the world, in as many languages as it knows."] }),
  license: text.meta({ examples: ["Apache-2.0"] }).optional(),
  base: z.enum(snapBases).optional(),
  confinement: z.enum(snapConfinements).optional(),
  apps: z
    .record(
      z.string(),
      z.strictObject({
        command: text.meta({ examples: ["bin/hello --serve"] }),
        daemon: z.enum(snapDaemons).optional(),
        plugs: z
          .array(text)
          .min(1)
          .meta({ examples: [["network"]] })
          .optional(),
      }),
    )
    .refine((apps) => Object.keys(apps).length > 0, "at least one app is expected")
    .meta({ examples: [{ hello: { command: "bin/hello" } }] })
    .optional(),
  files: z
    .array(
      z
        .strictObject({ path, source, content, mode })
        .refine((file) => (file.source === undefined) !== (file.content === undefined), {
          message: "exactly one of source and content is expected",
        }),
    )
    .min(1)
    .optional(),
  snapcraft: z
    .strictObject({
      ...gitChannelArguments,
      repository: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/hello-snap.git"] }),
    })
    .omit({ name: true, asset: true })
    .optional(),
});

/**
 * A snap of released programs for each architecture of Linux, as files of the release: users install
 * them with `snap install`. It is not given to the Snap Store, which takes an account.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function snapPackage(args: SnapPackageArgs): ChannelTarget {
  checkArguments("snapPackage()", snapArguments, args);
  const { name, snapcraft } = args;
  const files: ChannelTarget = {
    kind: "Snap package",
    name: name ?? snapcraft?.repository ?? "release",
    findings: (release) => findingsOf(() => checkedSnap(args, release)),
    assetNames: (release) => {
      const { snap, platforms } = checkedSnap(args, release);
      return platforms.map((platform) => snapFileName(snap, snapArchitecture(platform)));
    },
    assetFiles: (content) => snapFiles(args, content),
    install: (release) => installWay(args, release),
  };
  if (snapcraft === undefined) return files;
  const kept = snapcraftFile(args, snapcraft);
  return {
    ...files,
    grace: snapcraft.grace,
    findings: (release) => {
      const found = files.findings?.(release) ?? [];
      return found.length > 0 ? found : kept.findings(release).map(ofSnapcraft);
    },
    create: (content, options) => kept.create(content, options),
  };
}

function ofSnapcraft({ property, reason }: Finding): Finding {
  // What the snap itself says of its files is found in its own fields.
  if (/^files\b/.test(property)) return { property, reason };
  return { property: property === "" ? "snapcraft" : `snapcraft.${property}`, reason };
}

function findingsOf(check: () => unknown): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return [{ property: error.field, reason: error.reason }];
  }
}

/** The snap, and the platforms that it is made for. @throws ChannelError for what snaps cannot be */
function checkedSnap(args: SnapPackageArgs, release: ChannelRelease): { snap: Snap; platforms: string[] } {
  const { distribution, version, licenses } = release;
  const {
    name = distribution,
    license = licenses,
    base = "core24",
    confinement = "strict",
    programs,
    apps = Object.fromEntries(
      programs.map((program): [string, SnapApp] => [program, { command: `bin/${program}` }]),
    ),
    title,
    summary,
    description,
    files = [],
  } = args;
  const common = commonPlatforms(args, release);
  const platforms = args.platforms ?? common.filter((platform) => platform.startsWith("linux/"));
  if (platforms.length === 0)
    throw new ChannelError("programs", "are built for no platform of Linux together");
  checkArchitectures(platforms, platforms.map(snapArchitecture), "snaps");
  const snap = { name, version, title, summary, description, license, base, confinement, apps };
  checkSnap(snap, [...programs.map((program) => `bin/${program}`), ...files.map((file) => file.path)]);
  return { snap, platforms };
}

function snapFiles(args: SnapPackageArgs, content: ChannelContent): Record<string, ChannelAssetFile> {
  const { snap, platforms } = checkedSnap(args, content);
  const { programs, files = [] } = args;
  return Object.fromEntries(
    platforms.map((platform) => {
      const architecture = snapArchitecture(platform);
      const entries = [
        { path: "meta/snap.yaml", content: renderSnapYaml(snap, architecture), mode: "0644" },
        ...programs.map((program) => ({
          path: `bin/${program}`,
          mode: "0755",
          ...content.programOf(program, platform),
        })),
        ...files,
      ];
      // The name has the version in it, and the resource is that of the next one too.
      const resource = `${snap.name}-${platform.replaceAll("/", "-")}-snap`;
      return [snapFileName(snap, architecture), { resource, entries }];
    }),
  );
}

function snapcraftFile(
  { programs, files = [], ...args }: SnapPackageArgs,
  { repository, ...kept }: SnapcraftFileArgs,
): GitChannel {
  return new GitChannel(
    { ...kept, ...(args.name !== undefined && { name: args.name }) },
    {
      kind: "Snap package",
      place: repository,
      versionFile: () => snapcraftPath,
      versionPattern: snapcraftVersionPattern,
      render: (release, _name, artifacts) => {
        const { snap, platforms } = checkedSnap({ programs, files, ...args }, release);
        const contents = { programs, files: files.map((file) => file.path) };
        return { [snapcraftPath]: renderSnapcraftYaml(snap, contents, platforms, artifacts) };
      },
    },
  );
}

/** Where snapcraft looks for it. */
const snapcraftPath = "snap/snapcraft.yaml";

/** The file is not signed by a store, so users say that they know where it is from. */
function installWay(args: SnapPackageArgs, release: ChannelRelease): InstallWay | undefined {
  const { snap, platforms } = checkedSnap(args, release);
  const architectures = platforms.map(snapArchitecture);
  const [architecture = ""] = architectures;
  const name = (of: string) => snapFileName(snap, of);
  const url = release.downloadUrl(name(architecture));
  if (url === undefined) return undefined;
  const written = architectures.length === 1 ? architecture : "$(dpkg --print-architecture)";
  const address = url.slice(0, url.lastIndexOf("/") + 1);
  const confined = snap.confinement === "strict" ? "" : ` --${snap.confinement}`;
  return {
    with: "Snap",
    on: "Ubuntu and others with snapd",
    commands: [
      `curl -fLO "${address}${name(written)}"`,
      `sudo snap install --dangerous${confined} "./${name(written)}"`,
    ],
  };
}
