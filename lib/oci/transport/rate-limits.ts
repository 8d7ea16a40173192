/** What is documented, or was seen, of how a service limits the rate of requests. */
interface KnownLimit {
  /** Matches the host as the user writes it. */
  host: RegExp;
  /** One sentence. */
  words: string;
}

const knownLimits: readonly KnownLimit[] = [
  {
    // https://docs.docker.com/docker-hub/usage/
    host: /^(?:.+\.)?docker\.(?:io|com)$/,
    words:
      "Docker Hub counts pulls over six hours, by account or else by IP address, and all requests by the minute.",
  },
  {
    // https://github.com/falcosecurity/plugins/issues/1069
    host: /^(?:docker\.)?ghcr\.io$/,
    words:
      "GHCR counts requests by the minute, those of everybody who shares an address with this machine too.",
  },
  {
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors.html
    host: /^\d+\.dkr[.-]ecr(?:-fips)?\..+$/,
    words:
      "Amazon ECR counts requests by the second, by account, region and kind: its quotas can be raised, and fewer " +
      "connections (`concurrency`) keep below them.",
  },
  {
    // https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
    host: /^public\.ecr\.aws$/,
    words: "Amazon ECR Public counts requests by the second, far fewer of those who have not signed in.",
  },
  {
    // https://access.redhat.com/solutions/6218921
    host: /^quay\.io$/,
    words: "Quay.io takes a few requests a second from one IP address, whoever has signed in.",
  },
  {
    // https://learn.microsoft.com/azure/container-registry/container-registry-skus
    host: /\.azurecr\.io$/,
    words: "Azure Container Registry has a limit for each pricing plan.",
  },
  {
    // https://cloud.google.com/artifact-registry/quotas
    host: /(?:^|\.)(?:gcr\.io|pkg\.dev)$/,
    words: "Artifact Registry counts requests by the minute for each project and region.",
  },
];

/** How the service at a host is known to limit the rate of requests, in one sentence. */
export function knownRateLimit(registry: string): string | undefined {
  const host = registry.replace(/:\d+$/, "").toLowerCase();
  return knownLimits.find((limit) => limit.host.test(host))?.words;
}
