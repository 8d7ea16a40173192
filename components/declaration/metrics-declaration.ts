import * as z from "zod";
import { checkServiceAddress } from "../../lib/channels/service-address";
import { checkEndpoint } from "../../lib/github/endpoint";
import { parseGitHubRepository } from "../../lib/github/names";
import { publicAddresses } from "../../lib/metrics/asked";
import { checked } from "../../resources/definitions/definition";

const address = (name: keyof typeof publicAddresses) =>
  checked((text) => checkServiceAddress(text, "a service", publicAddresses[name])).optional();

/** How the use of a distribution is looked at, by `npx slipway metrics`. */
export const metrics = z.strictObject({
  /** Repository of GitHub whose releases, runs and issues are counted. Default: that of `release`, else of `source`. */
  repository: checked(parseGitHubRepository)
    .meta({ examples: ["acme/hello"] })
    .optional(),
  /** Workflows whose failed runs are counted, by file name. Default: all runs together. */
  workflows: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9._-]+\.ya?ml$/, "the name of a workflow's file is expected")
        .meta({ examples: ["release.yml"] }),
    )
    .min(1)
    .optional(),
  /** Branch whose runs are counted. Default: all branches, and pull requests. */
  branch: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["main"] }),
  /** Labels of issues that are what users say, each counted. Default: none. */
  feedback: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ examples: [["migration"]] }),
  /** Packages whose downloads are counted beside those of `channels`. */
  packages: z
    .array(
      z.strictObject({
        /** Who counts them: `npm`, `pypi`, and Homebrew for formulas and casks. */
        registry: z.enum(["npm", "pypi", "homebrew", "homebrew-cask"]),
        /** Name there; a formula or cask of a tap as `OWNER/TAP/NAME`. */
        name: z
          .string()
          .regex(/^@?[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}$/, "a name is expected")
          .meta({ examples: ["hello"] }),
      }),
    )
    .optional(),
  /** Where services answer, for mirrors of them and for tests. Default: the public ones. */
  addresses: z
    .strictObject({
      /** Docker Hub's API. */
      dockerHub: address("dockerHub"),
      /** Quay's API. */
      quay: address("quay"),
      /** REST endpoint of GitHub. Default: that of `release`. */
      github: checked(checkEndpoint)
        .meta({ examples: ["https://github.example.com/api/v3"] })
        .optional(),
      /** npm's counts of downloads. */
      npm: address("npm"),
      /** pypistats.org. */
      pypi: address("pypi"),
      /** Homebrew's analytics. */
      homebrew: address("homebrew"),
    })
    .optional(),
});
