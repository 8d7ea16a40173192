import * as z from "zod";
import { checkGitRemote } from "../../lib/git/remote";
import { renderFormula } from "../../lib/channels/homebrew/formula";
import { checked, prose } from "../../resources/definitions/definition";
import { checkArguments } from "../declaration/call-arguments";
import type { ChannelTarget } from "../declaration/channel-target";
import { fillTemplate, template, versionNames, versionValues } from "../declaration/templates";
import { extraFilesArguments, type ExtraFilesArgs } from "./extra-files";
import { homebrewCounted, homebrewInstall } from "./homebrew-install";
import { GitChannel, gitChannelArguments, type GitChannelArgs } from "./git-channel";

/** Arguments of {@link homebrewFormula}. Paths are those in the archive, below its root. */
export interface HomebrewFormulaArgs extends GitChannelArgs, ExtraFilesArgs {
  /** Git repository of the tap, which GitHub has as `owner/homebrew-NAME`, or a folder. */
  tap: string;
  /** What it is, in one line by Homebrew's rules: at most 80 characters, without the name or an article. */
  description: string;
  homepage: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Other formulas that the programs need. */
  dependencies?: string[];
  /** Formulas that install programs of the same names. */
  conflicts?: string[];
  /** What `brew services start` runs: a program and its arguments. */
  service?: { run: string[]; keepAlive?: boolean };
  /** What `brew test` runs, and what that prints, with `{semver}` and the like in it. Default: it looks whether the program is there. */
  test?: { run: string[]; prints?: string };
  /** What a user has to know after the installation. */
  caveats?: string;
}

const text = prose(z.string().min(1));

const formulaArguments = z.strictObject({
  ...gitChannelArguments,
  ...extraFilesArguments,
  tap: checked(checkGitRemote).meta({ examples: ["https://github.com/acme/homebrew-tap.git"] }),
  description: text.meta({ examples: ["Greets the world"] }),
  homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
  license: text.meta({ examples: ["Apache-2.0"] }).optional(),
  dependencies: z.array(text).min(1).optional(),
  conflicts: z.array(text).min(1).optional(),
  service: z
    .strictObject({ run: z.array(text).min(1), keepAlive: z.boolean().optional() })
    .meta({ examples: [{ run: ["hellod", "--foreground"] }] })
    .optional(),
  test: z
    .strictObject({ run: z.array(text).min(1), prints: template(versionNames, "hello {semver}").optional() })
    .meta({ examples: [{ run: ["hello", "--version"], prints: "{semver}" }] })
    .optional(),
  caveats: z
    .string()
    .min(1)
    .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected")
    .optional(),
});

/**
 * A Homebrew formula in a tap of the project, for macOS and Linux: users install it with
 * `brew install OWNER/TAP/NAME`. It installs the released programs as they are.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function homebrewFormula(args: HomebrewFormulaArgs): ChannelTarget {
  checkArguments("homebrewFormula()", formulaArguments, args);
  return new GitChannel(args, {
    kind: "Homebrew formula",
    place: args.tap,
    versionFile: formulaFile,
    install: (name) => homebrewInstall(args.tap, name, "macOS and Linux"),
    counted: (name) => homebrewCounted(args.tap, name, "homebrew"),
    versionPattern: '^ *version "(.+)"$',
    render: ({ version, licenses }, name, artifacts) => {
      const { license = licenses, test } = args;
      const prints =
        test?.prints === undefined ? undefined : fillTemplate(test.prints, versionValues(version));
      const formula = { ...args, name, version, license, test: test && { ...test, prints } };
      return { [formulaFile(name)]: renderFormula(formula, artifacts) };
    },
  });
}

function formulaFile(name: string): string {
  return `Formula/${name}.rb`;
}
