import { named, partsOf, type RegistryKind } from "./kind";

/**
 * Quay, as quay.io and on hosts of one's own.
 *
 * Sources: docs.redhat.com, "Use Red Hat Quay" (robot accounts, quotas, creation on push) and "Configure Red Hat Quay"
 * (FEATURE_EXTENDED_REPOSITORY_NAMES), November 2026; github.com/quay/quay: endpoints/v2/errors.py (texts of errors),
 * endpoints/v2/v2auth.py (`/v2/auth`).
 */
export const quay: RegistryKind = {
  name: "Quay",
  host: /^quay\.io$/,
  isItself: ({ realm = "" }) => /^https?:\/\/[^/]+\/v2\/auth$/.test(realm),
  naming: [
    {
      holds: (path) => partsOf(path) >= 2,
      words: "has a namespace before the name: a user or an organization",
      example: "acme/hello",
    },
  ],
  login: "a robot account, NAMESPACE+NAME with its token, or a user with an encrypted password",
  limits: ["a namespace can have a quota; a repository that a push makes is private"],
  rateLimit: "Quay.io takes a few requests a second from one IP address, whoever has signed in.",
  explanations: [
    {
      said: /quota has been exceeded/i,
      words: (place) =>
        `The quota of the namespace ${named(place, "NAMESPACE/NAME").split("/")[0]} is used up: let go of tags there, or have ` +
        "who runs the registry raise it.",
    },
    {
      said: /immutab/i,
      words: () =>
        "A rule of the repository or its organization makes that tag immutable: it can move only where no rule has it.",
    },
    {
      status: [401, 403],
      isSignedIn: true,
      words: (place) =>
        `Quay says so where there is no namespace ${named(place, "NAMESPACE/NAME").split("/")[0]}, and where the account may not ` +
        "write there: give the robot account Write on the repository, or the right to create repositories (a team with the " +
        "role Creator) where the push is to make it.",
    },
  ],
};
