import * as z from "zod";
import { checkEndpoint } from "../../lib/github/endpoint";
import { checkRegistryHost, checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "./definition";

const registryAccess = z
  .strictObject({
    host: checked(checkRegistryHost).meta({
      description: "Registry as `host[:port]`.",
      examples: ["ghcr.io"],
    }),
    namespace: checked(checkRepositoryPath)
      .optional()
      .meta({
        description:
          "First segments of the paths that the account is for. Of several entries for one host " +
          "the longest that a path begins with is taken. Default: all paths.",
        examples: ["acme/team"],
      }),
    username: z.string().optional(),
    password: z.string().optional().describe("Password or access token. Keep it a secret."),
    identityToken: z
      .string()
      .optional()
      .describe("OAuth2 refresh token, instead of a password. Keep it a secret."),
    ca: z.string().optional().describe("Certificates (PEM) to trust for this host, beside the system's."),
    caFile: z.string().optional().describe("File with certificates (PEM) to trust for this host."),
    insecure: z.boolean().optional().describe("Uses plain HTTP for a host that is not on this machine."),
    uploadHosts: z
      .array(checked(checkRegistryHost))
      .optional()
      .meta({
        description:
          "Other hosts that the registry may send uploads to, as `host[:port]`. Default: " +
          "none; uploads go to the registry itself.",
        examples: [["storage.example.com"]],
      }),
    tokenHosts: z
      .array(checked(checkRegistryHost))
      .optional()
      .meta({
        description:
          "Other hosts that the registry's token server may be on, as `host[:port]`: " +
          "credentials go to them. Default: the registry's own host and those above and below " +
          "it.",
        examples: [["gitlab.example.com"]],
      }),
  })
  .meta({ id: "RegistryAccess", description: "How to reach one registry, or some of its paths." });

const githubAccess = z
  .strictObject({
    endpoint: checked(checkEndpoint)
      .optional()
      .meta({
        description:
          "REST endpoint of a GitHub Enterprise Server or a ghe.com tenant. Default: github.com's.",
        examples: ["https://github.example.com/api/v3"],
      }),
    token: z
      .string()
      .regex(/^\S+$/, "a token without spaces is expected")
      .optional()
      .describe("Token that may write releases. Keep it a secret. Default: GITHUB_TOKEN, then GH_TOKEN."),
  })
  .meta({ id: "GitHubAccess", description: "How to reach GitHub." });

/**
 * Configuration of the provider, from `slipway:…` in the stack's configuration or a provider
 * resource.
 */
export const providerConfig = z.strictObject({
  registries: z
    .array(registryAccess)
    .optional()
    .describe("Access to registries. Those not named use Docker's config.json and its credential helpers."),
  github: githubAccess.optional().describe("Access to GitHub. Without a token only public data can be read."),
  buildAtPreview: z.boolean().optional().describe("Whether commands may run at preview. Default: true."),
  parallelBuilds: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Maximum number of commands at once. Default: as many as there are processors, at least 2."),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Maximum number of requests at once to one host. Default: 8."),
});

export type ProviderConfig = z.infer<typeof providerConfig>;
export type RegistryAccess = z.infer<typeof registryAccess>;
