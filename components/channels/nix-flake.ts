import * as z from "zod";
import { flakeVersionPattern, renderFlake } from "../../lib/channels/nix/flake";
import { checkGitRemote } from "../../lib/git/remote";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { extraFilesArguments, type ExtraFilesArgs } from "./extra-files";
import { publicRepository } from "./public-repository";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link nixFlake}. Paths are those in the archive, below its root. */
export interface NixFlakeArgs extends GitChannelArgs, ExtraFilesArgs {
  /** Git repository that has the flake at its top, or a folder. */
  repository: string;
  /** What it is, in one line by the rules of nixpkgs: without an article or a full stop. */
  description: string;
  homepage: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Where nixpkgs is. Default: `github:NixOS/nixpkgs/nixos-unstable`. */
  nixpkgs?: string;
  /**
   * Whether programs for Linux are given the loader and the libraries of nixpkgs. Default: false, they
   * are what was released, and linked statically.
   */
  autoPatchelf?: boolean;
  /** Packages of nixpkgs with libraries that the programs need, e.g. `openssl`; for `autoPatchelf`. */
  libraries?: string[];
}

const text = prose(z.string().min(1));

const flakeArguments = z
  .strictObject({
    ...gitChannelArguments,
    ...extraFilesArguments,
    repository: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/nix.git"] }),
    description: text.meta({ examples: ["Greets the world"] }),
    homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
    license: text.meta({ examples: ["Apache-2.0"] }).optional(),
    nixpkgs: text
      .regex(/^[a-z+]+:\S+$/, "the address of a flake is expected")
      .meta({ examples: ["github:NixOS/nixpkgs/nixos-25.11"] })
      .optional(),
    autoPatchelf: z.boolean().optional(),
    libraries: z
      .array(
        text.regex(/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/, "the name of a package of nixpkgs is expected"),
      )
      .min(1)
      .meta({ examples: [["openssl"]] })
      .optional(),
  })
  .refine(({ libraries, autoPatchelf }) => libraries === undefined || autoPatchelf === true, {
    path: ["libraries"],
    message: "are for autoPatchelf: true",
  });

/**
 * A Nix flake in a repository of the project, for Linux and macOS on Intel and Arm: users run it with
 * `nix run github:OWNER/REPOSITORY`. It has the released programs as they are.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function nixFlake(args: NixFlakeArgs): ChannelTarget {
  checkArguments("nixFlake()", flakeArguments, args);
  return new GitChannel(args, {
    kind: "Nix flake",
    place: args.repository,
    versionFile: () => "flake.nix",
    install: (name) => {
      const flake = publicRepository(args.repository);
      if (flake === undefined) return undefined;
      const { github, url } = flake;
      const place = github ? `github:${github.owner}/${github.name}` : `git+${url}`;
      return { with: "Nix", on: "Linux and macOS", commands: [`nix profile install ${place}#${name}`] };
    },
    versionPattern: flakeVersionPattern,
    render: ({ version, licenses }, name, artifacts) => {
      const { license = licenses, nixpkgs = "github:NixOS/nixpkgs/nixos-unstable" } = args;
      return { "flake.nix": renderFlake({ ...args, name, version, license, nixpkgs }, artifacts) };
    },
  });
}
