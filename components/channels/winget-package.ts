import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import {
  renderWingetManifests,
  wingetVersionFile,
  wingetVersionPattern,
} from "../../lib/channels/winget/manifests";
import { checkGitRemote } from "../../lib/git/remote";
import { bareVersion } from "../../lib/version/version";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link wingetPackage}. */
export interface WingetPackageArgs extends Omit<GitChannelArgs, "name"> {
  /** `Publisher.Name`, which users type; each word begins with a capital by custom. */
  identifier: string;
  /**
   * Git repository of manifests. Default: `microsoft/winget-pkgs`, by a pull request of the declared
   * fork.
   */
  repository?: string;
  /** Branch. Default: `master`, which is that of `microsoft/winget-pkgs`. */
  branch?: string;
  /** Who publishes it, as people read it. Default: the first word of the identifier. */
  publisher?: string;
  /** Its name, as people read it. Default: the last word of the identifier. */
  packageName?: string;
  /** What it is, in one line of at most 256 characters. */
  description: string;
  homepage: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Page of the license. */
  licenseUrl?: string;
  /** Short name that users can type in place of the identifier. */
  moniker?: string;
  /** Words by which it is found, at most 16. */
  tags?: string[];
  /** Day of the release, as `YYYY-MM-DD`. Default: none is told. */
  releaseDate?: string;
  /** Page of the release notes. */
  releaseNotesUrl?: string;
  /** Language of the texts. Default: `en-US`. */
  locale?: string;
}

const text = prose(z.string().min(1));

const packageArguments = z
  .strictObject({
    ...gitChannelArguments,
    identifier: text.meta({ examples: ["Acme.Hello"] }),
    repository: checked(checkGitRemote)
      .meta({ examples: ["https://github.com/acme/winget-manifests.git"] })
      .optional(),
    publisher: text.meta({ examples: ["Acme"] }).optional(),
    packageName: text.meta({ examples: ["Hello"] }).optional(),
    description: text.meta({ examples: ["Greets the world"] }),
    homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
    license: text.meta({ examples: ["Apache-2.0"] }).optional(),
    licenseUrl: z.url().optional(),
    moniker: text.meta({ examples: ["hello"] }).optional(),
    tags: z
      .array(text)
      .min(1)
      .meta({ examples: [["cli"]] })
      .optional(),
    releaseDate: text.meta({ examples: ["2026-11-30"] }).optional(),
    releaseNotesUrl: z.url().optional(),
    locale: text.meta({ examples: ["en-US"] }).optional(),
  })
  .omit({ name: true });

/** The repository of the community, from which everybody's winget installs. */
const community = "https://github.com/microsoft/winget-pkgs.git";

/**
 * A package of winget, for Windows: users install it with `winget install PUBLISHER.NAME`. Each
 * version has manifests of its own, and all of them stay.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function wingetPackage(args: WingetPackageArgs): ChannelTarget {
  checkArguments("wingetPackage()", packageArguments, args);
  const { identifier, repository = community, branch = "master", locale = "en-US" } = args;
  const words = identifier.split(".");
  return new GitChannel(
    { ...args, branch, name: identifier },
    {
      kind: "winget package",
      place: repository,
      versionFile: wingetVersionFile,
      // winget itself looks nowhere else.
      install: (name) =>
        repository === community
          ? { with: "winget", on: "Windows", shell: "powershell", commands: [`winget install ${name}`] }
          : undefined,
      versionPattern: wingetVersionPattern,
      message: (name, version) => `New version: ${name} version ${bareVersion(version)}`,
      render: ({ version, licenses }, _name, artifacts) => {
        const { license = licenses, publisher = words[0] ?? "", packageName = words.at(-1) ?? "" } = args;
        if (license === undefined) {
          throw new ChannelError("license", 'winget wants one (a valid example: license: "Apache-2.0")');
        }
        checkFork(args);
        return renderWingetManifests(
          { ...args, version, license, publisher, packageName, locale },
          artifacts,
        );
      },
    },
  );
}

/** @throws ChannelError where the repository of the community would be pushed to */
function checkFork({ repository, pullRequest }: WingetPackageArgs): void {
  if (repository !== undefined) return;
  if (typeof pullRequest === "object" && pullRequest.fork !== undefined) return;
  throw new ChannelError(
    "pullRequest",
    "microsoft/winget-pkgs takes pull requests of forks (a valid example: " +
      'pullRequest: { fork: "acme/winget-pkgs" })',
  );
}
