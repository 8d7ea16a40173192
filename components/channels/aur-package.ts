import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import { checkPrereleaseOrder } from "../../lib/channels/arch/names";
import { packageVersionPattern, renderArchPackage } from "../../lib/channels/arch/package";
import { checkGitRemote } from "../../lib/git/remote";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { extraFilesArguments, type ExtraFilesArgs } from "./extra-files";
import { publicRepository } from "./public-repository";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link aurPackage}. Paths are those in the archive, below its root. */
export interface AurPackageArgs extends Omit<GitChannelArgs, "branch" | "pullRequest">, ExtraFilesArgs {
  /** Name of the package, which ends with `-bin`. Default: the distribution's, with `-bin`. */
  name?: string;
  /**
   * Git repository of the package, or a folder. Default: that of the AUR,
   * `ssh://aur@aur.archlinux.org/NAME.git`, by the keys of this machine.
   */
  repository?: string;
  /** What it is, in one line of at most 255 characters. */
  description: string;
  homepage: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /**
   * Name of what is installed, for packages that need it or cannot be there beside it. Default: the
   * distribution's.
   */
  provides?: string;
  /** Other packages that the programs need. */
  dependencies?: string[];
  /** Packages that make more of it, with what for, e.g. `git: for private repositories`. */
  optionalDependencies?: string[];
  /** Other packages that install the same files. */
  conflicts?: string[];
  /** Texts of licenses, e.g. `LICENSE`. */
  licenseFiles?: string[];
  /** Units of systemd, e.g. `systemd/hello.service`; a user starts them. */
  systemdUnits?: string[];
}

const text = prose(z.string().min(1));

/** How other packages are named, with a version where one is wanted. */
const packageRelation = text.regex(
  /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*((<|<=|=|>=|>)[A-Za-z0-9._+:-]+)?$/,
  "the name of a package is expected",
);

const optionalDependency = text.regex(
  /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*((<|<=|=|>=|>)[A-Za-z0-9._+:-]+)?(: \S.*)?$/,
  "the name of a package is expected, and what for",
);

const packageArguments = z
  .strictObject({
    ...gitChannelArguments,
    ...extraFilesArguments,
    repository: checked(checkAurRemote)
      .meta({ examples: ["ssh://aur@aur.archlinux.org/hello-bin.git"] })
      .optional(),
    description: text.meta({ examples: ["Greets the world"] }),
    homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
    license: text.meta({ examples: ["Apache-2.0"] }).optional(),
    provides: packageRelation
      .refine((name) => !/[<=>]/.test(name), "has a version, which is the release's")
      .meta({ examples: ["hello"] })
      .optional(),
    dependencies: z
      .array(packageRelation)
      .min(1)
      .meta({ examples: [["glibc>=2.38"]] })
      .optional(),
    optionalDependencies: z
      .array(optionalDependency)
      .min(1)
      .meta({ examples: [["git: for private repositories"]] })
      .optional(),
    conflicts: z
      .array(packageRelation)
      .min(1)
      .meta({ examples: [["hello-git"]] })
      .optional(),
    licenseFiles: z.array(text).min(1).optional(),
    systemdUnits: z.array(text).min(1).optional(),
  })
  .omit({ branch: true, pullRequest: true });

/** @throws Error for an address at which the AUR takes no files */
function checkAurRemote(remote: string): void {
  checkGitRemote(remote);
  if (/^https?:\/\/aur\.archlinux\.org\//i.test(remote)) {
    throw new Error(
      "is where the AUR is read: it takes files by ssh " +
        '(a valid example: "ssh://aur@aur.archlinux.org/hello-bin.git")',
    );
  }
}

/**
 * A package in the AUR of released programs, for Arch Linux on Intel and Arm: users install it with
 * `yay -S NAME-bin` and the like, or with git and `makepkg`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function aurPackage(args: AurPackageArgs): ChannelTarget {
  checkArguments("aurPackage()", packageArguments, args);
  const { repository } = args;
  return new GitChannel(
    // The AUR has no other branch.
    { ...args, branch: "master" },
    {
      kind: "AUR package",
      place: repository ?? "aur.archlinux.org",
      remote: (name) => repository ?? `ssh://aur@aur.archlinux.org/${name}.git`,
      defaultName: (distribution) => `${distribution}-bin`,
      versionFile: () => "PKGBUILD",
      install: (name) => {
        if (repository === undefined)
          return { with: "the AUR", on: "Arch Linux", commands: [`yay -S ${name}`] };
        const place = publicRepository(repository);
        if (place === undefined) return undefined;
        const commands = [`git clone ${place.url}.git ${name}`, `(cd ${name} && makepkg -si)`];
        return { with: "makepkg", on: "Arch Linux", commands };
      },
      versionPattern: packageVersionPattern,
      render: ({ distribution, version, licenses }, name, artifacts) => {
        const { license = licenses, provides = distribution, prereleases, author } = args;
        if (license === undefined) {
          throw new ChannelError("license", 'the AUR wants one (a valid example: license: "Apache-2.0")');
        }
        // One that is not given to it may have any form.
        if (prereleases === true) checkPrereleaseOrder(version);
        return renderArchPackage(
          { ...args, name, version, license, provides, maintainer: author },
          artifacts,
        );
      },
    },
  );
}
