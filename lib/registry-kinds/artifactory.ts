import { named, type RegistryKind } from "./kind";

const keyFirst =
  "The path begins with the key of a Docker repository, KEY/NAME, unless a host or port of its own stands for the key";

/**
 * JFrog Artifactory, as NAME.jfrog.io and on hosts of one's own.
 *
 * Sources: jfrog.com/help: "Docker Repositories" (path and subdomain), "Permissions" (Deploy, Delete/Overwrite), "Storage
 * quota", November 2026. Texts of errors as users quote them: github.com/GoogleContainerTools/kaniko/issues/1095
 * (MANIFEST_INVALID with 403), github.com/jfrog/charts/issues/908 (repository key is missing);
 * github.com/earthly/earthly/issues/1017 (headers and realm).
 */
export const artifactory: RegistryKind = {
  name: "JFrog Artifactory",
  host: /\.jfrog\.io$/,
  isItself: ({ realm = "", header }) =>
    header("x-jfrog-version") !== undefined ||
    header("x-artifactory-id") !== undefined ||
    /^artifactory realm$/i.test(realm) ||
    /\/artifactory\/api\/docker\//.test(realm),
  naming: [],
  login: "a user with an identity token or an access token",
  madeFirst: {
    what: "the repository that the key names; a push makes images in it",
    how: (place) => `make the local Docker repository ${named(place, "KEY/NAME").split("/")[0]}`,
  },
  limits: ["a local repository can keep a number of tags only (Max Unique Tags), and storage has a quota"],
  explanations: [
    {
      said: /disk usage is too high|quota/i,
      words: () =>
        "Artifactory's storage is used up: its administrator has to add some, or to raise the quota.",
    },
    {
      said: /MANIFEST_INVALID.*403|403.*forbidden.*manifest/i,
      words: () =>
        "The account may push, and not replace what is there: moving a tag needs the permission Delete/Overwrite on the " +
        "repository, beside Deploy/Cache.",
    },
    {
      status: [301, 302, 303, 307, 308],
      words: (place) =>
        `Artifactory answers with a page of its web application where a path is none of a Docker repository. ${keyFirst}: look at ` +
        `${place.registry}/${named(place, "KEY/NAME")}.`,
    },
    {
      said: /unsupported docker v2 repository/i,
      words: () => `${keyFirst}.`,
    },
    {
      status: [404, 405],
      method: ["POST", "PUT", "PATCH"],
      words: (place) =>
        `There is no Docker repository ${named(place, "KEY/NAME").split("/")[0]} that takes pushes: a remote one takes none, and a ` +
        `virtual one needs a default deployment repository. ${keyFirst}.`,
    },
    {
      status: [401, 403],
      isSignedIn: true,
      words: (place) =>
        `The account needs the permission Deploy/Cache on ${named(place, "KEY/NAME").split("/")[0]}, and Delete/Overwrite where a tag ` +
        "moves.",
    },
  ],
};
