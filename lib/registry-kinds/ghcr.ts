import { named, partsOf, type RegistryKind } from "./kind";

const packages = "https://docs.github.com/packages";

/**
 * GitHub's container registry.
 *
 * Sources: docs.github.com, "Working with the Container registry" (naming, limits, tokens) and "Configuring a package's
 * access control and visibility" (Manage Actions access), November 2026. Texts of errors as users quote them:
 * github.com/danger/danger-js/issues/1414 (write_package), github.com/atlanhq/application-sdk/pull/2680 (Create
 * organization package).
 */
export const ghcr: RegistryKind = {
  name: "GHCR",
  host: /^(?:docker\.)?ghcr\.io$/,
  naming: [
    {
      holds: (path) => partsOf(path) >= 2,
      words: "has the owner before the name: a user or an organization of GitHub",
      example: "acme/hello",
    },
  ],
  login:
    "the name of a user with a classic token that has write:packages, or a workflow's GITHUB_TOKEN with packages: write",
  limits: ["a layer has at most 10 GB, and its upload 10 minutes"],
  rateLimit:
    "GHCR counts requests by the minute, those of everybody who shares an address with this machine too.",
  explanations: [
    {
      said: /create_package|not allowed to create (?:organization )?package/i,
      words: (place) =>
        `GHCR does not let this account make the package ${named(place, "OWNER/NAME")}: a workflow needs "permissions: ` +
        'packages: write", a person a classic token with write:packages, and the settings of the organization (Packages, ' +
        `Package creation) have to let its members make packages. See ${packages}.`,
    },
    {
      said: /write_package|not allowed to write (?:organization )?package/i,
      words: (place) =>
        `The package ${named(place, "OWNER/NAME")} is there, and not linked to the repository whose workflow pushes: add that ` +
        'repository with the role Write in the settings of the package ("Manage Actions access"), or push with a classic ' +
        "token that has write:packages, of somebody who may write to the package.",
    },
    {
      said: /does not match expected scopes|token provided does not/i,
      words: () =>
        "The token lacks write:packages. GHCR takes classic tokens and GITHUB_TOKEN; fine-grained tokens are not for packages.",
    },
    {
      status: [405],
      method: ["DELETE"],
      words: () =>
        "GHCR does not delete by the protocol of registries: versions of a package are deleted by GitHub's API or its pages.",
    },
    {
      status: [401, 403],
      isSignedIn: true,
      words: (place) =>
        `GHCR says so of packages that are private to others, and of tokens without rights: look at the token's write:packages, ` +
        `and at who may write to ${named(place, "the package")} (settings of the package, "Manage Actions access").`,
    },
  ],
};
