import { named, partsOf, type RegistryKind } from "./kind";

/**
 * GitLab's container registry, as registry.gitlab.com and on hosts of one's own.
 *
 * Sources: docs.gitlab.com/user/packages/container_registry: index (naming convention: at most two names after the
 * project), authenticate_with_container_registry, protected_container_tags, November 2026; gitlab.com/gitlab-org/gitlab
 * issues 438563 (insufficient_scope for deeper names) and 36611 (names with `--`);
 * gitlab.com/gitlab-org/container-registry, docs (`service="container_registry"`, `/jwt/auth`).
 */
export const gitlab: RegistryKind = {
  name: "GitLab",
  host: /^registry\.gitlab\.com$/,
  isItself: ({ service, realm = "" }) => service === "container_registry" || /\/jwt\/auth$/.test(realm),
  naming: [
    {
      holds: (path) => partsOf(path) >= 2,
      words: "has the path of a project, a group and a name at least, and at most two names after it",
      example: "acme/hello/server",
    },
  ],
  login:
    "CI_REGISTRY_USER with CI_REGISTRY_PASSWORD in a job, or a token with read_registry and write_registry",
  madeFirst: { what: "the project", how: () => "make the project, with its container registry switched on" },
  limits: [
    "an image has at most two names after the path of the project; who holds a project's tags can protect them",
  ],
  explanations: [
    {
      said: /protected/i,
      words: () =>
        "A rule of the project protects that tag or repository: the account needs the role that the rule asks for.",
    },
    {
      status: [401, 403],
      said: /access to the resource is denied|insufficient_scope|authorization failed|authentication required|access denied/i,
      words: (place) =>
        `GitLab says so where there is no project that ${named(place, "GROUP/PROJECT/NAME")} is below (at most two names after it), ` +
        "where its container registry is switched off, and where the account is less than a Developer or its token lacks " +
        "write_registry: look which of them.",
    },
  ],
};
