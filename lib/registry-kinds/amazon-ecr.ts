import { named, type NamingRule, type RegistryKind, type RequestedPlace } from "./kind";

/** Pattern of names (AWS API reference, CreateRepository of ECR and of ECR Public, `repositoryName`). */
const name = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Rule for the names of both. @param nameOf the name in a path */
export function amazonName(example: string, nameOf: (path: string) => string = (path) => path): NamingRule {
  return {
    holds: (path) => name.test(nameOf(path)) && nameOf(path).length >= 2,
    words:
      'has two or more lower-case letters and digits as the name of a repository, in parts with one of ".", "_", "-" or "/" between them',
    example,
  };
}

/** Texts that both have. */
export const expired = /authorization token has expired/i;
export const notThere = /repository with name .* does not exist/i;

/**
 * Amazon Elastic Container Registry.
 *
 * Sources: docs.aws.amazon.com/AmazonECR/latest: APIReference/API_CreateRepository (names), userguide/registry_auth (12
 * hours, user AWS), userguide/image-push-iam (rights), userguide/service-quotas, userguide/common-errors-docker,
 * userguide/image-tag-mutability, November 2026. Texts of errors as users quote them:
 * github.com/plexsystems/sinker/issues/55 (does not exist).
 */
export const amazonEcr: RegistryKind = {
  name: "Amazon ECR",
  host: /^(?:\d+\.dkr[.-]ecr(?:-fips)?\..+|ecr\.amazonaws\.com)$/,
  naming: [amazonName("acme/hello")],
  login:
    "AWS with the token of `aws ecr get-login-password`, which lasts 12 hours, or docker-credential-ecr-login",
  madeFirst: {
    what: "the repository, unless a repository creation template of the account makes it by a push",
    how: (place) => `aws ecr create-repository --repository-name ${named(place, "NAME")}${regionOf(place)}`,
  },
  limits: ["an image has at most 1,000 tags, and a repository 100,000 images, unless the quota is raised"],
  rateLimit:
    "Amazon ECR counts requests by the second, by account, region and kind: its quotas can be raised, and fewer " +
    "connections (`concurrency`) keep below them.",
  explanations: [
    {
      said: notThere,
      words: (place) =>
        "Amazon ECR makes no repository by a push, unless a repository creation template says so. Make it: " +
        `\`aws ecr create-repository --repository-name ${named(place, "NAME")}${regionOf(place)}\`, or declare it with ` +
        "@pulumi/aws (`new aws.ecr.Repository`).",
    },
    {
      said: expired,
      words: (place) =>
        "A token of Amazon ECR lasts 12 hours: get another one (" +
        `\`aws ecr get-login-password${regionOf(place)}\`), or let docker-credential-ecr-login do so.`,
    },
    {
      said: /not authorized to perform: ecr:/i,
      words: (place) =>
        "The role lacks that action of Amazon ECR. A push needs ecr:GetAuthorizationToken on *, and " +
        "ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage " +
        `and ecr:BatchGetImage on ${named(place, "the repository")}; a policy of the repository can refuse it, too.`,
    },
    {
      said: /cannot be overwritten because the (?:tag|repository) is immutable/i,
      words: () =>
        "The repository has immutable tags. Let those move that the release moves, such as latest: an exclusion filter of the " +
        "repository (IMMUTABLE_WITH_EXCLUSION).",
    },
    {
      status: [401],
      isSignedIn: false,
      words: (place) =>
        `Sign in as AWS: \`aws ecr get-login-password${regionOf(place)} | docker login --username AWS --password-stdin ` +
        `${place.registry}\`, or set docker-credential-ecr-login as its credential helper.`,
    },
  ],
};

/** The region, as an option of the AWS CLI, where the host has it. */
function regionOf({ registry }: RequestedPlace): string {
  const region = /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(registry)?.[1];
  return region === undefined ? "" : ` --region ${region}`;
}
