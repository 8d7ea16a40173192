import { named, partsOf, type RegistryKind } from "./kind";

/**
 * Docker Hub.
 *
 * Sources: docs.docker.com/docker-hub/repos/create (names), docs.docker.com/docker-hub/usage (limits),
 * docs.docker.com/security/access-tokens (scopes), November 2026; texts of errors as its registry answers them, see
 * docs.docker.com/docker-hub/troubleshoot.
 */
export const dockerHub: RegistryKind = {
  name: "Docker Hub",
  host: /^(?:.+\.)?docker\.(?:io|com)$/,
  naming: [
    {
      holds: (path) => partsOf(path) === 2,
      words: "has two parts in the path of a repository: a namespace and a name",
      example: "acme/hello",
    },
    {
      holds: (path) => !path.startsWith("library/"),
      words:
        'has "library" for Docker Official Images, which Docker alone publishes: a namespace of your own is expected',
      example: "acme/hello",
    },
    {
      holds: (path) => (path.split("/").at(-1) ?? "").length >= 2,
      words: "has names of repositories with two characters or more",
      example: "acme/hello",
    },
  ],
  login: "a user name with a personal access token (Read and Write), or an organization with one of its own",
  limits: ["a private repository counts against the plan, and so do pulls"],
  rateLimit:
    "Docker Hub counts pulls over six hours, by account or else by IP address, and all requests by the minute.",
  explanations: [
    {
      said: /insufficient scopes?\b(?!.*authorization failed)/i,
      words: () => "The access token may not push: make one with Read and Write.",
    },
    {
      status: [401, 403],
      said: /access to the resource is denied|insufficient_scope|authentication required|incorrect username or password/i,
      isSignedIn: true,
      words: (place) =>
        `Docker Hub says so where the account is no member of the namespace ${named(place, "NAMESPACE/NAME").split("/")[0]}, ` +
        "where its token has no Write, where a private repository is more than the plan has, and where there is no such " +
        "namespace: look which of them.",
    },
  ],
};
