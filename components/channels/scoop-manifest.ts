import * as z from "zod";
import { checkGitRemote } from "../../lib/git/remote";
import { ChannelError } from "../../lib/channels/artifact";
import { renderScoopManifest } from "../../lib/channels/scoop/manifest";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { publicRepository } from "./public-repository";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link scoopManifest}. */
export interface ScoopManifestArgs extends GitChannelArgs {
  /** Git repository of the bucket, or a folder. */
  bucket: string;
  /** What it is, in one line. */
  description: string;
  homepage: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /**
   * Programs that get onto the path, by their paths in the archive below its root, e.g. a script that
   * takes the place of a program which is not there for Windows. Default: the archive's programs.
   */
  programs?: string[];
  /** What a user has to know after the installation. */
  notes?: string;
  /** Other manifests that it needs, e.g. `main/docker`. */
  dependencies?: string[];
}

const text = prose(z.string().min(1));

const manifestArguments = z.strictObject({
  ...gitChannelArguments,
  bucket: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/scoop-bucket.git"] }),
  description: text.meta({ examples: ["Greets the world"] }),
  homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
  license: text.meta({ examples: ["Apache-2.0"] }).optional(),
  programs: z
    .array(text)
    .min(1)
    .meta({ examples: [["hello.cmd"]] })
    .optional(),
  notes: z
    .string()
    .min(1)
    .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected")
    .optional(),
  dependencies: z.array(text).min(1).optional(),
});

/**
 * A manifest in a Scoop bucket of the project, for Windows: users add the bucket once and install it
 * with `scoop install NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function scoopManifest(args: ScoopManifestArgs): ChannelTarget {
  checkArguments("scoopManifest()", manifestArguments, args);
  return new GitChannel(args, {
    kind: "Scoop manifest",
    place: args.bucket,
    versionFile: manifestFile,
    install: (name) => {
      const bucket = publicRepository(args.bucket);
      if (bucket === undefined) return undefined;
      const commands = [
        `scoop bucket add ${bucket.owner} ${bucket.url}`,
        `scoop install ${bucket.owner}/${name}`,
      ];
      return { with: "Scoop", on: "Windows", shell: "powershell", commands };
    },
    versionPattern: '^ *"version": "(.+)",$',
    render: ({ version, licenses, sumsFile }, name, artifacts) => {
      const { license = licenses } = args;
      if (license === undefined) {
        throw new ChannelError("license", 'Scoop wants one (a valid example: license: "Apache-2.0")');
      }
      return {
        [manifestFile(name)]: renderScoopManifest({ ...args, version, license, sumsFile }, artifacts),
      };
    },
  });
}

function manifestFile(name: string): string {
  return `bucket/${name}.json`;
}
