import { registryKinds, type RegistryKindName } from "../../../lib/registry-kinds/kinds";
import { ecr } from "./ecr";
import { refusal, type Answer, type Behavior, type Exchange } from "./exchange";
import { startFront, type Front } from "./front";
import { github } from "./github";
import { gitlab } from "./gitlab";
import { google } from "./google";

/** Who may push to every service. */
export const servicePassword = "correct horse battery staple";

/** Something that a service refuses to let be pushed. */
export interface ServiceRefusal {
  readonly what: string;
  /** The repository that pushes are refused to. */
  readonly repository: string;
  readonly answer: Answer;
  /** What an error has to say about it, beside the words of the service. */
  readonly says: RegExp;
}

/** A service as its vendor's pages, and those who use it, describe it. */
export interface Service {
  readonly kind: RegistryKindName;
  /** Pages that its answers are from. */
  readonly sources: readonly string[];
  /** How it asks for credentials: with a token server of its own at a path, or for a password. */
  readonly asks: { readonly tokens: string; readonly service: string } | { readonly basic: string };
  readonly username: string;
  /** What is behind it: with the API of referrers, or without. */
  readonly registry: "referrers" | "distribution";
  /** False where nothing that is pushed with a `subject` can be listed. */
  readonly holdsReferrers?: false;
  /** A repository that can be pushed to. */
  readonly repository: string;
  readonly refusals: readonly ServiceRefusal[];
  /** Tags that one page of their list has, whatever is asked for. */
  readonly pageSize?: number;
  /** One request of so many is answered with 429 and a wait of a second. */
  readonly limitsOneIn?: number;
  /** What else it does otherwise. */
  readonly behave?: () => Behavior;
}

const quoted = (message: string) => JSON.stringify(message).slice(1, -1);

/** Services, one for each kind. None of them has been met. */
export const services: readonly Service[] = [
  {
    kind: "ghcr",
    sources: [
      "https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry",
      "https://github.com/danger/danger-js/issues/1414",
      "https://github.com/artifacthub/hub/issues/4785",
    ],
    asks: { tokens: "/token", service: "ghcr.io" },
    username: "acme",
    registry: "distribution",
    repository: "acme/ghcr",
    pageSize: 2,
    behave: () => github.behave(),
    refusals: [
      {
        what: "a package that is not linked to the workflow's repository",
        repository: "acme/unlinked",
        answer: refusal(403, "DENIED", "permission_denied: write_package"),
        says: /The package acme\/unlinked is there, and not linked.*Manage Actions access/s,
      },
      {
        what: "a new package",
        repository: "other/new",
        answer: refusal(403, "DENIED", "permission_denied: create_package"),
        says: /does not let this account make the package other\/new/,
      },
    ],
  },
  {
    kind: "docker-hub",
    sources: [
      "https://docs.docker.com/docker-hub/usage/",
      "https://docs.docker.com/reference/api/registry/latest/",
    ],
    asks: { tokens: "/token", service: "registry.docker.io" },
    username: "acme",
    registry: "distribution",
    repository: "acme/hub",
    limitsOneIn: 30,
    refusals: [
      {
        what: "a namespace of others",
        repository: "somebody/hub",
        answer: refusal(401, "DENIED", "requested access to the resource is denied"),
        says: /no member of the namespace somebody/,
      },
    ],
  },
  {
    kind: "amazon-ecr",
    sources: [
      "https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html",
      "https://github.com/plexsystems/sinker/issues/55",
      "https://github.com/aws/containers-roadmap/issues/2783",
    ],
    asks: {
      basic: 'realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
    },
    username: "AWS",
    registry: "distribution",
    holdsReferrers: false,
    repository: "acme/ecr",
    pageSize: 1,
    behave: () => ecr.behave(),
    refusals: [
      {
        what: "a repository that is not there",
        repository: "acme/missing",
        answer: refusal(
          404,
          "NAME_UNKNOWN",
          "The repository with name 'acme/missing' does not exist in the registry with id '123456789012'",
        ),
        says: /aws ecr create-repository --repository-name acme\/missing/,
      },
      {
        what: "a role without the rights",
        repository: "acme/forbidden",
        answer: refusal(
          403,
          "DENIED",
          "User: arn:aws:sts::123456789012:assumed-role/ci/one is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/acme/forbidden",
        ),
        says: /lacks that action of Amazon ECR/,
      },
    ],
  },
  {
    kind: "amazon-ecr-public",
    sources: ["https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html"],
    asks: { tokens: "/token/", service: "public.ecr.aws" },
    username: "AWS",
    registry: "distribution",
    repository: "acme/ecr-public",
    refusals: [
      {
        what: "a repository that is not there",
        repository: "acme/not-made",
        answer: refusal(
          404,
          "NAME_UNKNOWN",
          "The repository with name 'not-made' does not exist in the registry with id '123456789012'",
        ),
        says: /aws ecr-public create-repository --repository-name not-made --region us-east-1/,
      },
    ],
  },
  {
    kind: "google",
    sources: [
      "https://cloud.google.com/artifact-registry/docs/docker/troubleshoot",
      "https://github.com/GoogleCloudPlatform/cymbal-superstore/pull/4",
      "https://github.com/chainguard-dev/terraform-provider-cosign/pull/581",
    ],
    asks: { tokens: "/v2/token", service: "europe-docker.pkg.dev" },
    username: "oauth2accesstoken",
    registry: "referrers",
    repository: "my-project/my-repository/google",
    behave: () => google.behave(),
    refusals: [
      {
        what: "a repository that is not there",
        repository: "my-project/missing/google",
        answer: refusal(404, "NAME_UNKNOWN", 'Repository "missing" not found'),
        says: /gcloud artifacts repositories create missing --repository-format=docker/,
      },
      {
        what: "an account without rights",
        repository: "my-project/forbidden/google",
        answer: refusal(
          403,
          "DENIED",
          'Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/my-project/locations/europe/repositories/forbidden" (or it may not exist)',
        ),
        says: /roles\/artifactregistry\.writer/,
      },
    ],
  },
  {
    kind: "gcr",
    sources: ["https://cloud.google.com/artifact-registry/docs/transition/gcr-repositories"],
    asks: { tokens: "/v2/token", service: "gcr.io" },
    username: "_json_key",
    registry: "referrers",
    repository: "my-project/gcr",
    refusals: [
      {
        what: "a project without a repository for its names",
        repository: "new-project/gcr",
        answer: refusal(
          403,
          "DENIED",
          "gcr.io repo does not exist. Creating on push requires the artifactregistry.repositories.createOnPush permission",
        ),
        says: /createOnPushWriter/,
      },
    ],
  },
  {
    kind: "azure",
    sources: [
      "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access",
      "https://learn.microsoft.com/azure/container-registry/container-registry-faq",
    ],
    asks: { tokens: "/oauth2/token", service: "acme.azurecr.io" },
    username: "acme",
    registry: "referrers",
    repository: "azure",
    refusals: [
      {
        what: "a firewall",
        repository: "behind-firewall",
        answer: refusal(
          403,
          "DENIED",
          "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
        ),
        says: /az acr network-rule add/,
      },
    ],
  },
  {
    kind: "quay",
    sources: ["https://github.com/quay/quay/blob/master/endpoints/v2/errors.py"],
    asks: { tokens: "/v2/auth", service: "quay.io" },
    username: "acme+pusher",
    registry: "referrers",
    repository: "acme/quay",
    refusals: [
      {
        what: "a namespace that is full",
        repository: "full/quay",
        answer: refusal(403, "DENIED", "Quota has been exceeded on namespace"),
        says: /The quota of the namespace full is used up/,
      },
      {
        what: "a robot account without rights",
        repository: "acme/not-mine",
        answer: refusal(401, "UNAUTHORIZED", "access to the requested resource is not authorized"),
        says: /give the robot account Write on the repository/,
      },
    ],
  },
  {
    kind: "harbor",
    sources: [
      "https://github.com/goharbor/harbor/issues/20544",
      "https://goharbor.io/docs/main/working-with-projects/",
    ],
    asks: { tokens: "/service/token", service: "harbor-registry" },
    username: "robot$acme+pusher",
    registry: "referrers",
    repository: "acme/harbor",
    refusals: [
      {
        what: "a project that is not there",
        repository: "missing/harbor",
        answer: refusal(401, "UNAUTHORIZED", "project missing not found: project missing not found"),
        says: /make missing first/,
      },
      {
        what: "a project that is full",
        repository: "full/harbor",
        answer: refusal(
          403,
          "DENIED",
          "adding 10.0 MiB of storage resource, which when updated to current usage of 5.0 MiB will exceed the configured upper limit of 10.0 MiB.",
        ),
        says: /The quota of the project full is used up/,
      },
    ],
  },
  {
    kind: "gitlab",
    sources: [
      "https://docs.gitlab.com/user/packages/container_registry/",
      "https://gitlab.com/gitlab-org/gitlab/-/issues/438563",
      "https://github.com/oras-project/oras-go/issues/1396",
    ],
    asks: { tokens: "/jwt/auth", service: "container_registry" },
    username: "gitlab-ci-token",
    registry: "distribution",
    holdsReferrers: false,
    repository: "acme/project/gitlab",
    behave: () => gitlab.behave(),
    refusals: [
      {
        what: "a path that no project is above",
        repository: "acme/missing/gitlab",
        answer: refusal(403, "DENIED", "requested access to the resource is denied"),
        says: /no project that acme\/missing\/gitlab is below/,
      },
    ],
  },
  {
    kind: "artifactory",
    sources: [
      "https://github.com/GoogleContainerTools/kaniko/issues/1095",
      "https://github.com/jfrog/charts/issues/908",
      "https://github.com/google/go-containerregistry/issues/1962",
    ],
    asks: { basic: 'realm="Artifactory Realm"' },
    username: "acme",
    registry: "distribution",
    repository: "docker-local/artifactory",
    behave:
      () =>
      async ({ kind, pass }) => {
        const answer = kind === "referrers" ? refusal(406, "UNSUPPORTED", "Not Acceptable") : await pass();
        return {
          ...answer,
          headers: { ...answer.headers, "x-jfrog-version": "Artifactory/7.117.5 81705900" },
        };
      },
    refusals: [
      {
        what: "a path without the key of a repository",
        repository: "hello/web",
        answer: { status: 303, headers: { location: "/ui/" } },
        says: /answers with a page of its web application/,
      },
      {
        what: "a repository that takes no pushes",
        repository: "docker-remote/hello",
        answer: {
          status: 404,
          headers: { "content-type": "application/json" },
          body: `{"errors":[{"status":404,"message":"${quoted("Could not find resource")}"}]}`,
        },
        says: /a remote one takes none/,
      },
    ],
  },
];

/** Starts the front of a service before a registry that asks nobody who they are. */
export async function startService(service: Service, port: number): Promise<Front> {
  return startFront(port, behaviorOf(service));
}

/** A service that has signed in who it lets in, refuses what it refuses, and does the rest as it does. */
function behaviorOf(service: Service): Behavior {
  const { asks, username, pageSize, limitsOneIn, refusals } = service;
  const others = service.behave?.() ?? (({ pass }: Exchange) => pass());
  const right = `Basic ${Buffer.from(`${username}:${servicePassword}`).toString("base64")}`;
  const tokens = new Set<string>();
  let requests = 0;
  return (exchange) => {
    const { headers, kind, path, reads, repository } = exchange;
    if (path.startsWith("/-/")) return others(exchange);
    if (limitsOneIn !== undefined && ++requests % limitsOneIn === 0) {
      return refusal(429, "TOOMANYREQUESTS", "You have reached your rate limit.", { "retry-after": "1" });
    }
    const sent = headers.authorization ?? "";
    if ("tokens" in asks && path.split("?")[0] === asks.tokens) {
      return sent === right
        ? granted(tokens)
        : refusal(401, "UNAUTHORIZED", "incorrect username or password");
    }
    if (!("tokens" in asks ? tokens.has(sent.replace(/^Bearer /, "")) : sent === right)) {
      return refusal(401, "UNAUTHORIZED", "authentication required", {
        "www-authenticate": challengeOf(service, exchange),
      });
    }
    const refused = reads ? undefined : refusals.find((one) => one.repository === repository);
    if (refused) return refused.answer;
    return kind === "tags" && pageSize !== undefined ? page(exchange, pageSize) : others(exchange);
  };
}

function granted(tokens: Set<string>): Answer {
  const token = `token-${tokens.size + 1}`;
  tokens.add(token);
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, expires_in: 300 }),
  };
}

function challengeOf({ asks }: Service, { headers, repository, reads }: Exchange): string {
  if (!("tokens" in asks)) return `Basic ${asks.basic}`;
  const scope = repository === "" ? "" : `,scope="repository:${repository}:${reads ? "pull" : "pull,push"}"`;
  return `Bearer realm="http://${headers.host}${asks.tokens}",service="${asks.service}"${scope}`;
}

/** A page of the list of tags, of the service's own size, with the address of the next one. */
async function page({ repository, query, ask, path }: Exchange, size: number): Promise<Answer> {
  const whole = await ask("GET", `/v2/${repository}/tags/list`);
  if (whole.status !== 200) return whole;
  const { name, tags } = JSON.parse(String(whole.body)) as { name: string; tags: string[] | null };
  const sorted = [...(tags ?? [])].sort();
  const from = query.get("last") === null ? 0 : sorted.findIndex((tag) => tag > (query.get("last") ?? ""));
  const shown = from < 0 ? [] : sorted.slice(from, from + size);
  const isLast = from < 0 || from + size >= sorted.length;
  const next = `<${path.split("?")[0]}?last=${shown.at(-1)}&n=${size}>; rel="next"`;
  return {
    status: 200,
    headers: { "content-type": "application/json", ...(!isLast && { link: next }) },
    body: JSON.stringify({ name, tags: shown }),
  };
}

/** The name of a service in the words of its vendor. */
export function nameOf({ kind }: Service): string {
  return registryKinds[kind].name;
}
