import { named, type RegistryKind } from "./kind";

/**
 * Azure Container Registry.
 *
 * Sources: learn.microsoft.com/azure/container-registry: container-registry-authentication (az acr login, tokens, service
 * principals), container-registry-faq (disallowed operation), container-registry-image-lock,
 * container-registry-troubleshoot-access (firewall), container-registry-skus, November 2026.
 */
export const azure: RegistryKind = {
  name: "Azure Container Registry",
  host: /.\.azurecr\.(?:io|cn|us)$/,
  naming: [],
  login:
    "a service principal's id and secret, a token of a scope map, or 00000000-0000-0000-0000-000000000000 with the token of `az acr login --expose-token`",
  limits: ["storage has a limit for each pricing plan"],
  rateLimit: "Azure Container Registry has a limit for each pricing plan.",
  explanations: [
    {
      said: /client with IP .* is not allowed|aka\.ms\/acr\/firewall/i,
      words: (place) =>
        "The registry's firewall does not let this machine in: `az acr network-rule add --name " +
        `${place.registry.split(".")[0]} --ip-address ADDRESS\`, or run where its private endpoint is.`,
    },
    {
      said: /operation is disallowed on this registry, repository or image/i,
      words: (place) =>
        `The repository or one of its images is locked, or the registry has used up its storage: \`az acr repository show --name ` +
        `${place.registry.split(".")[0]} --repository ${named(place, "NAME")}\` tells, and \`az acr repository update … ` +
        "--write-enabled true` unlocks it.",
    },
    {
      said: /aka\.ms\/acr\/authorization|authentication required/i,
      words: (place) =>
        `Sign in with \`az acr login --name ${place.registry.split(".")[0]}\`, whose token lasts 3 hours; who pushes needs the ` +
        "role AcrPush, or Container Registry Repository Writer where the registry has rights by repository.",
    },
  ],
};
