import { amazonName, expired, notThere } from "./amazon-ecr";
import { partsOf, type RegistryKind, type RequestedPlace } from "./kind";

/**
 * Amazon ECR Public.
 *
 * Sources: docs.aws.amazon.com/AmazonECR/latest/public: public-registry-auth (us-east-1, user AWS), public-repositories,
 * public-service-quotas; AmazonECRPublic/latest/APIReference/API_CreateRepository (names), November 2026.
 */
export const amazonEcrPublic: RegistryKind = {
  name: "Amazon ECR Public",
  host: /^public\.ecr\.aws$/,
  naming: [
    {
      holds: (path) => partsOf(path) >= 2,
      words: "has the alias of the account's registry before the name of a repository",
      example: "acme/hello",
    },
    amazonName("acme/hello", nameOf),
  ],
  login: "AWS with the token of `aws ecr-public get-login-password --region us-east-1`, which lasts 12 hours",
  madeFirst: { what: "the repository", how: create },
  limits: [
    "a repository has at most 10,000 images, and an account 10,000 repositories, unless the quota is raised",
  ],
  rateLimit: "Amazon ECR Public counts requests by the second, far fewer of those who have not signed in.",
  explanations: [
    {
      said: notThere,
      words: (place) =>
        `Amazon ECR Public makes no repository by a push. Make it: \`${create(place)}\`, or declare it with @pulumi/aws ` +
        "(`new aws.ecrpublic.Repository`).",
    },
    {
      said: expired,
      words: () =>
        "A token of Amazon ECR Public lasts 12 hours: get another one (`aws ecr-public get-login-password --region us-east-1`).",
    },
    {
      status: [401, 403],
      words: (place) =>
        "Sign in as AWS, always in us-east-1, and with a token of ecr-public, for those of private registries are others: " +
        `\`aws ecr-public get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${place.registry}\`. ` +
        "The role needs sts:GetServiceBearerToken and ecr-public:PutImage.",
    },
  ],
};

/** The name of a repository: what follows the alias. */
function nameOf(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

function create({ repository }: RequestedPlace): string {
  const name = repository === undefined ? "NAME" : nameOf(repository);
  return `aws ecr-public create-repository --repository-name ${name} --region us-east-1`;
}
