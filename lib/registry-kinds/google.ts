import { partsOf, type Explanation, type RegistryKind, type RequestedPlace } from "./kind";

const login =
  "oauth2accesstoken with an access token, _json_key with a service account's key, or docker-credential-gcloud";
const rateLimit = "Artifact Registry counts requests by the minute for each project and region.";
const limits = ["a blob has at most 5 TB, and requests are counted by project and region"];

const explanations: readonly Explanation[] = [
  {
    said: /createOnPush/,
    words: (place) =>
      "The repository of that gcr.io name is not there yet, and this account may not make it by a push: push once with " +
      `roles/artifactregistry.createOnPushWriter, or make it: \`${create(place)}\`.`,
  },
  {
    said: /unauthenticated request/i,
    words: (place) =>
      `Nobody has signed in: \`gcloud auth configure-docker ${place.registry}\` (each host by itself), or the username ` +
      "oauth2accesstoken with an access token as password.",
  },
  {
    said: /Repository "[^"]*" not found/i,
    words: (place) =>
      `Artifact Registry makes no repository by a push: \`${create(place)}\`. The path of an image is PROJECT/REPOSITORY/IMAGE.`,
  },
  {
    said: /Permission "artifactregistry\.[^"]+" denied|or it may not exist/i,
    words: (place) =>
      "Artifact Registry says the same of a repository that is not there and of an account without rights: look whether it is " +
      `there (\`${create(place)}\`), and give the account roles/artifactregistry.writer on it.`,
  },
  {
    said: /immutab/i,
    words: () =>
      "The repository has immutable tags: a release can only move aliases, such as latest, in one that has not.",
  },
];

/**
 * Google Artifact Registry.
 *
 * Sources: cloud.google.com/artifact-registry/docs: docker/names (paths; domain-scoped projects), docker/authentication,
 * docker/troubleshoot, quotas, November 2026. Texts of errors as users quote them:
 * github.com/GoogleCloudPlatform/cymbal-superstore/pull/4 (uploadArtifacts),
 * github.com/GoogleCloudPlatform/cloud-builders-community/issues/588 (not found).
 */
export const googleArtifactRegistry: RegistryKind = {
  name: "Google Artifact Registry",
  host: /(?:^|\.)pkg\.dev$/,
  naming: [
    {
      // A project of a domain has that before it: example.com/project.
      holds: (path) => partsOf(path) >= (/^[^/]*\./.test(path) ? 4 : 3),
      words: "has a project, a repository and an image in the path",
      example: "my-project/my-repository/hello",
    },
  ],
  login,
  madeFirst: { what: "the repository", how: create },
  limits,
  rateLimit,
  explanations,
};

/**
 * Names of gcr.io, which Artifact Registry holds since Container Registry has ended.
 *
 * Sources: cloud.google.com/artifact-registry/docs/transition/gcr-repositories (create on push), November 2026;
 * github.com/kubernetes/k8s.io/pull/7358.
 */
export const googleGcr: RegistryKind = {
  name: "Google Artifact Registry (gcr.io)",
  host: /^(?:.+\.)?gcr\.io$/,
  naming: [
    {
      holds: (path) => partsOf(path) >= (/^[^/]*\./.test(path) ? 3 : 2),
      words: "has a project and an image in the path",
      example: "my-project/hello",
    },
  ],
  login,
  madeFirst: {
    what: "the repository of the project's gcr.io names, unless the account may make it by its first push",
    how: create,
  },
  limits,
  rateLimit,
  explanations,
};

/** What makes the repository of a path. */
function create({ registry, repository = "" }: RequestedPlace): string {
  const [first = "", ...others] = repository.split("/");
  const isOfDomain = first.includes(".");
  const project = isOfDomain ? `${first}:${others[0] ?? "PROJECT"}` : first || "PROJECT";
  const [, , ...rest] = isOfDomain ? [first, ...others] : ["", first, ...others];
  const host = registry.replace(/:\d+$/, "");
  const isGcr = host.endsWith("gcr.io");
  const name = isGcr ? host : (rest[0] ?? "REPOSITORY");
  const location = isGcr
    ? gcrLocation(host)
    : (/^([a-z0-9-]+)-docker\.pkg\.dev$/.exec(host)?.[1] ?? "LOCATION");
  return `gcloud artifacts repositories create ${name} --repository-format=docker --location=${location} --project=${project}`;
}

/** Where Artifact Registry keeps the names of a host of gcr.io. */
function gcrLocation(host: string): string {
  return { "eu.gcr.io": "europe", "asia.gcr.io": "asia" }[host] ?? "us";
}
