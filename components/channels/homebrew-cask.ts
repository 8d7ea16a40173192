import * as z from "zod";
import { ChannelError, fileName } from "../../lib/channels/artifact";
import { caskArtifacts, renderCask } from "../../lib/channels/homebrew/cask";
import { checkGitRemote } from "../../lib/git/remote";
import { CodeSignatures } from "../../resources";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelRelease, ChannelTarget } from "../declaration/channel-target";
import { extraFilesArguments, type ExtraFilesArgs } from "./extra-files";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";
import { homebrewCounted, homebrewInstall } from "./homebrew-install";
import { installedArchive } from "./released-archive";

/** Arguments of {@link homebrewCask}. Paths are those in the archive, below its root. */
export interface HomebrewCaskArgs extends GitChannelArgs, ExtraFilesArgs {
  /** Git repository of the tap, which GitHub has as `owner/homebrew-NAME`, or a folder. */
  tap: string;
  /**
   * Whether Apple has notarized the programs, which nobody but Apple can tell. Whether they are signed is read
   * in them; the policy `casks-are-signed` finds those that macOS will not start.
   */
  notarized: boolean;
  /** What it is, in one line by Homebrew's rules: at most 80 characters, without the name or an article. */
  description: string;
  homepage: string;
  /** What a user has to know after the installation. */
  caveats?: string;
}

const text = prose(z.string().min(1));

const caskArguments = z.strictObject({
  ...gitChannelArguments,
  ...extraFilesArguments,
  tap: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/homebrew-tap.git"] }),
  notarized: z.boolean().meta({ examples: [true] }),
  description: text.meta({ examples: ["Greets the world"] }),
  homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
  caveats: z
    .string()
    .min(1)
    .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected")
    .optional(),
});

/**
 * A Homebrew cask in a tap of the project, for programs for macOS that are signed and notarized: users
 * install it with `brew install --cask OWNER/TAP/NAME`. It has no hooks. For programs that are not signed
 * there is `homebrewFormula`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function homebrewCask(args: HomebrewCaskArgs): ChannelTarget {
  checkArguments("homebrewCask()", caskArguments, args);
  return new GitChannel(args, {
    kind: "Homebrew cask",
    place: args.tap,
    versionFile: caskFile,
    versionPattern: '^ *version "(.+)"$',
    install: (name) => homebrewInstall(args.tap, name, "macOS", "--cask"),
    counted: (name) => homebrewCounted(args.tap, name, "homebrew-cask"),
    render: (release, name, artifacts) => {
      macPrograms(release, args.archive);
      return { [caskFile(name)]: renderCask({ ...args, name, version: release.version }, artifacts) };
    },
    checks: (content, name, options) => {
      const programs = macPrograms(content, args.archive).map(({ program, platform }) => {
        const { source, digest } = content.programOf(program, platform);
        return { path: source, digest };
      });
      const { parent } = options;
      return [new CodeSignatures(`${name}@${args.tap}`, { programs, notarized: args.notarized }, { parent })];
    },
  });
}

function caskFile(name: string): string {
  return `Casks/${name}.rb`;
}

/**
 * The programs of an archive for macOS, as the distribution builds them.
 *
 * @throws ChannelError for one that it does not build: its signature could not be read
 */
function macPrograms(
  release: ChannelRelease,
  archive: string | undefined,
): { program: string; platform: string }[] {
  const artifacts = caskArtifacts(release.archives[installedArchive(release, archive)] ?? []);
  return artifacts.flatMap(({ platform, programs, name }) =>
    programs.map((path) => {
      const program = fileName(path);
      if (release.programs[program]?.includes(platform)) return { program, platform };
      throw new ChannelError(
        "archive",
        `${name} has ${path}, which is none of binaries, so nobody can read whether it is signed. Publish a formula instead`,
      );
    }),
  );
}
