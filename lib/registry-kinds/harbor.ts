import { named, partsOf, type RegistryKind, type RequestedPlace } from "./kind";

/**
 * Harbor.
 *
 * Sources: goharbor.io/docs: working-with-projects (projects, robot accounts, quotas, tag immutability), 2.14, November
 * 2026; github.com/goharbor/harbor: src/server/middleware/v2auth (`service="harbor-registry"`, `/service/token`),
 * src/server/middleware/quota and immutable, src/controller/quota (texts of errors).
 */
export const harbor: RegistryKind = {
  name: "Harbor",
  isItself: ({ service, realm = "" }) => service === "harbor-registry" || /\/service\/token$/.test(realm),
  naming: [
    {
      holds: (path) => partsOf(path) >= 2,
      words: "has a project before the name of a repository",
      example: "acme/hello",
    },
  ],
  login: "a robot account, robot$PROJECT+NAME with its secret, or a user with the CLI secret",
  madeFirst: {
    what: "the project",
    how: (place) => `make the project ${projectOf(place)}, on Harbor's page or by harborRepositories()`,
  },
  limits: ["a project can have a quota, and rules of immutable tags"],
  explanations: [
    {
      said: /project .*not found/i,
      words: (place) =>
        `Harbor makes no project by a push: make ${projectOf(place)} first, on its page, or declare it with harborRepositories().`,
    },
    {
      said: /exceed the configured upper limit|quota/i,
      words: (place) =>
        `The quota of the project ${projectOf(place)} is used up: let go of artifacts, let Harbor collect its garbage, or have an ` +
        "administrator raise it.",
    },
    {
      said: /configured as immutable/i,
      words: () =>
        "A rule of the project makes that tag immutable: take tags that the release moves, such as latest, out of the rule.",
    },
    {
      said: /read[- ]only mode/i,
      words: () =>
        "An administrator has set Harbor to be read only, as for its garbage collection: wait until that is over.",
    },
    {
      said: /unauthorized to access repository/i,
      words: (place) =>
        `The account may not do that in the project ${projectOf(place)}: a user needs the role Developer there, a robot account ` +
        "the permission Push Repository. Harbor says the same where the project is not there.",
    },
  ],
};

function projectOf(place: RequestedPlace): string {
  return named(place, "PROJECT/NAME").split("/")[0] ?? "";
}
