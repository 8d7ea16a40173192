import * as z from "zod";
import { pluginVersionPattern, renderKrewPlugin } from "../../lib/channels/krew/plugin";
import { checkGitRemote } from "../../lib/git/remote";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { publicRepository } from "./public-repository";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link krewPlugin}. */
export interface KrewPluginArgs extends GitChannelArgs {
  /** Name of the plugin, which users type behind `kubectl`. Default: the distribution's, without `kubectl-`. */
  name?: string;
  /** Git repository of the index, or a folder. */
  index: string;
  /** What it is, in one line of at most 50 characters. */
  shortDescription: string;
  /** What it does and for whom; several lines. */
  description?: string;
  homepage: string;
  /** What a user has to know after the installation. */
  caveats?: string;
  /**
   * Program that kubectl starts, by its path in the archive below its root, without `.exe`. Default:
   * `kubectl-NAME`.
   */
  program?: string;
}

const text = prose(z.string().min(1));

const lines = z
  .string()
  .min(1)
  .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected");

const pluginArguments = z.strictObject({
  ...gitChannelArguments,
  index: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/krew-index.git"] }),
  shortDescription: text.meta({ examples: ["Greets the cluster"] }),
  description: lines.optional(),
  homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
  caveats: lines.optional(),
  program: text.meta({ examples: ["bin/kubectl-hello"] }).optional(),
});

/**
 * A plugin of kubectl in a Krew index of the project, for Linux, macOS and Windows: users add the
 * index once and install it with `kubectl krew install INDEX/NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function krewPlugin(args: KrewPluginArgs): ChannelTarget {
  checkArguments("krewPlugin()", pluginArguments, args);
  const manifest = (name: string) => `plugins/${name}.yaml`;
  return new GitChannel(args, {
    kind: "Krew plugin",
    place: args.index,
    defaultName: (distribution) => distribution.replace(/^kubectl-/, ""),
    versionFile: manifest,
    install: (name) => {
      const index = publicRepository(args.index);
      if (index === undefined) return undefined;
      const isCentral = index.url === "https://github.com/kubernetes-sigs/krew-index";
      const commands = isCentral
        ? [`kubectl krew install ${name}`]
        : [
            `kubectl krew index add ${index.owner} ${index.url}.git`,
            `kubectl krew install ${index.owner}/${name}`,
          ];
      return { with: "Krew", commands };
    },
    versionPattern: pluginVersionPattern,
    render: ({ version }, name, artifacts) => ({
      [manifest(name)]: renderKrewPlugin({ ...args, name, version }, artifacts),
    }),
  });
}
