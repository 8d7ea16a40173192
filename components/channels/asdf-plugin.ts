import * as z from "zod";
import {
  asdfPrograms,
  asdfVersionFile,
  asdfVersionPattern,
  renderAsdfPlugin,
} from "../../lib/channels/asdf/plugin";
import { checkGitRemote } from "../../lib/git/remote";
import { checked } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { publicRepository } from "./public-repository";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link asdfPlugin}. */
export interface AsdfPluginArgs extends GitChannelArgs {
  /** Git repository of the plugin, such as `https://github.com/acme/asdf-hello.git`, or a folder. */
  repository: string;
}

const pluginArguments = z.strictObject({
  ...gitChannelArguments,
  repository: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/asdf-hello.git"] }),
});

/**
 * A plugin of asdf and mise in a repository of its own, with the list of each version: users add it once
 * and install any version with `asdf install NAME VERSION`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function asdfPlugin(args: AsdfPluginArgs): ChannelTarget {
  checkArguments("asdfPlugin()", pluginArguments, args);
  return new GitChannel(args, {
    kind: "asdf plugin",
    place: args.repository,
    versionFile: (_name, version) => asdfVersionFile(version),
    versionPattern: asdfVersionPattern,
    install: (name) => {
      const plugin = publicRepository(args.repository);
      if (plugin === undefined) return undefined;
      return {
        with: "asdf",
        commands: [`asdf plugin add ${name} ${plugin.url}.git`, `asdf install ${name} latest`],
      };
    },
    executables: asdfPrograms,
    render: ({ version }, name, artifacts) => renderAsdfPlugin({ name, version }, artifacts),
  });
}
