import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { Credentials } from "../../../lib/oci/transport/credentials";
import { describeFailure } from "../../../lib/oci/transport/failure";
import { HttpResponse } from "../../../lib/oci/transport/http";
import { RedirectError } from "../../../lib/oci/transport/redirect";
import {
  kindOfAnswer,
  kindOfHost,
  nameProblem,
  registryKinds,
  type RegistryKindName,
} from "../../../lib/registry-kinds/kinds";
import { parseRepository } from "../../../lib/oci/reference";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/** Hosts of each kind whose host tells it. */
const hosts: Partial<Record<RegistryKindName, readonly string[]>> = {
  "amazon-ecr": [
    ecr,
    "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
    "123456789012.dkr-ecr.us-east-1.on.aws",
  ],
  "amazon-ecr-public": ["public.ecr.aws"],
  artifactory: ["acme.jfrog.io"],
  azure: ["acme.azurecr.io", "acme-a1b2c3.azurecr.io", "acme.azurecr.cn"],
  "docker-hub": ["docker.io", "index.docker.io", "registry-1.docker.io"],
  gcr: ["gcr.io", "eu.gcr.io"],
  ghcr: ["ghcr.io", "GHCR.io"],
  gitlab: ["registry.gitlab.com", "registry.gitlab.com:443"],
  google: ["europe-west1-docker.pkg.dev"],
  quay: ["quay.io"],
};

/** Repositories that a kind refuses, and the rule that each breaks. */
const refused: readonly (readonly [repository: string, rule: RegExp])[] = [
  ["ghcr.io/hello", /GHCR has the owner before the name/],
  ["docker.io/hello", /"library\/hello": Docker Hub has "library" for Docker Official Images/],
  ["docker.io/acme/team/hello", /Docker Hub has two parts in the path/],
  ["docker.io/acme/a", /two characters or more/],
  [`${ecr}/acme--hello`, /Amazon ECR has two or more lower-case letters/],
  [`${ecr}/acme/hello__one`, /Amazon ECR has two or more/],
  ["public.ecr.aws/hello", /alias of the account's registry/],
  ["public.ecr.aws/acme/h__o", /Amazon ECR Public has two or more/],
  ["us-docker.pkg.dev/my-project/hello", /a project, a repository and an image/],
  ["us-docker.pkg.dev/example.com/my-project/hello", /a project, a repository and an image/],
  ["gcr.io/hello", /a project and an image/],
  ["quay.io/hello", /Quay has a namespace before the name/],
  ["registry.gitlab.com/hello", /GitLab has the path of a project/],
];

const taken = [
  "ghcr.io/acme/charts/hello",
  "docker.io/acme/hello",
  `${ecr}/hello`,
  `${ecr}/acme/team/hello-one_two`,
  "public.ecr.aws/a1b2c3/team/hello",
  "us-docker.pkg.dev/my-project/my-repository/team/hello",
  "us-docker.pkg.dev/example.com/my-project/my-repository/hello",
  "gcr.io/my-project/hello",
  "acme.azurecr.io/hello",
  "quay.io/acme/team/hello",
  "registry.gitlab.com/acme/team/project/server/debug",
  "acme.jfrog.io/hello",
  "registry.example.com/a--b",
];

/** What each kind answers, and what is made of it. */
interface Answered {
  readonly registry: string;
  readonly repository?: string;
  readonly method?: string;
  readonly status: number;
  readonly body: string;
  readonly signedIn?: boolean;
  readonly headers?: Record<string, string>;
  readonly says: RegExp;
}

const error = (code: string, message: string, detail?: unknown) =>
  JSON.stringify({ errors: [{ code, message, detail }] });

const answers: Record<string, Answered> = {
  "GHCR may not make the package": {
    registry: "ghcr.io",
    status: 403,
    body: error("DENIED", "permission_denied: create_package"),
    says: /does not let this account make the package acme\/hello.*packages: write/s,
  },
  "GHCR has a package that is not linked": {
    registry: "ghcr.io",
    status: 403,
    body: error("DENIED", "permission_denied: write_package"),
    says: /not linked to the repository.*Manage Actions access/s,
  },
  "GHCR: an app may not make a package of an organization": {
    registry: "ghcr.io",
    status: 403,
    body: error("DENIED", "installation not allowed to Create organization package"),
    says: /Package creation/,
  },
  "GHCR does not delete": {
    registry: "ghcr.io",
    method: "DELETE",
    status: 405,
    body: error("UNSUPPORTED", "The operation is unsupported."),
    says: /GHCR does not delete by the protocol/,
  },
  "Docker Hub denies": {
    registry: "docker.io",
    status: 401,
    body: error("DENIED", "requested access to the resource is denied"),
    says: /no member of the namespace acme,.*no Write/s,
  },
  "Docker Hub has a token that only reads": {
    registry: "docker.io",
    status: 401,
    body: error("UNAUTHORIZED", "access token has insufficient scopes"),
    says: /make one with Read and Write/,
  },
  "Docker Hub limits pulls": {
    registry: "docker.io",
    status: 429,
    signedIn: false,
    headers: { "retry-after": "120" },
    body: error("TOOMANYREQUESTS", "You have reached your unauthenticated pull rate limit."),
    says: /asks to wait 2 min: signing in often raises the limit\. Docker Hub counts pulls/,
  },
  "ECR has no such repository": {
    registry: ecr,
    status: 404,
    body: error(
      "NAME_UNKNOWN",
      "The repository with name 'acme/hello' does not exist in the registry with id '123456789012'",
    ),
    says: /aws ecr create-repository --repository-name acme\/hello --region eu-west-1/,
  },
  "ECR has a token that has ended": {
    registry: ecr,
    status: 403,
    body: error("DENIED", "Your authorization token has expired. Reauthenticate and try again."),
    says: /12 hours: get another one \(`aws ecr get-login-password --region eu-west-1`\)/,
  },
  "ECR: a role lacks an action": {
    registry: ecr,
    status: 403,
    body: error(
      "DENIED",
      "User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/acme/hello",
    ),
    says: /lacks that action.*ecr:PutImage/s,
  },
  "ECR has immutable tags": {
    registry: ecr,
    method: "PUT",
    status: 400,
    body: error(
      "TAG_INVALID",
      "The image tag 'latest' already exists in the 'acme/hello' repository and cannot be overwritten because the tag is immutable.",
    ),
    says: /IMMUTABLE_WITH_EXCLUSION/,
  },
  "ECR Public has no such repository": {
    registry: "public.ecr.aws",
    status: 404,
    body: error(
      "NAME_UNKNOWN",
      "The repository with name 'hello' does not exist in the registry with id '123456789012'",
    ),
    says: /aws ecr-public create-repository --repository-name hello --region us-east-1/,
  },
  "Artifact Registry has no such repository": {
    registry: "europe-west1-docker.pkg.dev",
    repository: "my-project/my-repo/hello",
    status: 404,
    body: error("NAME_UNKNOWN", 'Repository "my-repo" not found'),
    says: /gcloud artifacts repositories create my-repo --repository-format=docker --location=europe-west1 --project=my-project/,
  },
  "Artifact Registry denies": {
    registry: "us-docker.pkg.dev",
    repository: "my-project/my-repo/hello",
    status: 403,
    body: error(
      "DENIED",
      'Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/my-project/locations/us/repositories/my-repo" (or it may not exist)',
    ),
    says: /roles\/artifactregistry\.writer/,
  },
  "gcr.io has no repository yet": {
    registry: "eu.gcr.io",
    repository: "my-project/hello",
    status: 403,
    body: error(
      "DENIED",
      "gcr.io repo does not exist. Creating on push requires the artifactregistry.repositories.createOnPush permission",
    ),
    says: /createOnPushWriter.*create eu\.gcr\.io --repository-format=docker --location=europe --project=my-project/s,
  },
  "a project of a domain": {
    registry: "us-docker.pkg.dev",
    repository: "example.com/my-project/my-repo/hello",
    status: 404,
    body: error("NAME_UNKNOWN", 'Repository "my-repo" not found'),
    says: /create my-repo .*--project=example\.com:my-project/,
  },
  "Azure wants a login": {
    registry: "acme.azurecr.io",
    status: 401,
    signedIn: false,
    body: error(
      "UNAUTHORIZED",
      "authentication required, visit https://aka.ms/acr/authorization for more information.",
    ),
    says: /az acr login --name acme`.*AcrPush/s,
  },
  "GHCR wants a login": {
    registry: "ghcr.io",
    status: 401,
    signedIn: false,
    body: error("UNAUTHORIZED", "authentication required"),
    says: /No credentials were found.*GHCR takes the name of a user with a classic token/s,
  },
  "Azure has a firewall": {
    registry: "acme.azurecr.io",
    status: 403,
    body: error(
      "DENIED",
      "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
    ),
    says: /az acr network-rule add --name acme /,
  },
  "Azure has a lock": {
    registry: "acme.azurecr.io",
    method: "PUT",
    status: 405,
    body: error("DENIED", "The operation is disallowed on this registry, repository or image."),
    says: /--write-enabled true/,
  },
  "Quay denies": {
    registry: "quay.io",
    status: 401,
    body: error("UNAUTHORIZED", "access to the requested resource is not authorized"),
    says: /no namespace acme,.*robot account Write/s,
  },
  "Quay has a quota": {
    registry: "quay.io",
    status: 403,
    body: error("DENIED", "Quota has been exceeded on namespace"),
    says: /quota of the namespace acme is used up/,
  },
  "GitLab denies": {
    registry: "registry.gitlab.com",
    status: 401,
    body: error("UNAUTHORIZED", "authentication required"),
    says: /no project that acme\/hello is below.*write_registry/s,
  },
  "Artifactory may not overwrite": {
    registry: "acme.jfrog.io",
    method: "PUT",
    status: 403,
    body: error("MANIFEST_INVALID", "manifest invalid", { description: "HTTP 403 Forbidden" }),
    says: /HTTP 403 Forbidden.*Delete\/Overwrite/s,
  },
  "Artifactory has no such repository": {
    registry: "acme.jfrog.io",
    method: "POST",
    status: 404,
    body: JSON.stringify({ errors: [{ status: 404, message: "Not Found" }] }),
    says: /\(Not Found\)\nThere is no Docker repository acme that takes pushes/,
  },
};

/** Answers of registries on hosts of one's own, by what they call themselves. */
const ownHosts: readonly (readonly [
  kind: RegistryKindName,
  said: { service?: string; realm?: string; headers?: Record<string, string> },
  ...answer: [status: number, body: string, says: RegExp][],
])[] = [
  [
    "harbor",
    { service: "harbor-registry", realm: "https://registry.example.com/service/token" },
    [401, error("UNAUTHORIZED", "project acme not found: project acme not found"), /make acme first/],
    [
      403,
      error(
        "DENIED",
        "adding 10.0 MiB of storage resource, which when updated to current usage of 5.0 MiB will exceed the configured upper limit of 10.0 MiB.",
      ),
      /quota of the project acme is used up/,
    ],
    [
      412,
      error("PRECONDITION", "Failed to process request due to 'hello:v1' configured as immutable."),
      /makes that tag immutable/,
    ],
    [
      401,
      error(
        "UNAUTHORIZED",
        "unauthorized to access repository: acme/hello, action: push: unauthorized to access repository",
      ),
      /role Developer there, a robot account/,
    ],
  ],
  [
    "gitlab",
    { service: "container_registry", realm: "https://gitlab.example.com/jwt/auth" },
    [403, error("DENIED", "requested access to the resource is denied"), /less than a Developer/],
  ],
  [
    "quay",
    { service: "quay.example.com", realm: "https://quay.example.com/v2/auth" },
    [401, error("UNAUTHORIZED", "access to the requested resource is not authorized"), /Quay says so/],
  ],
  [
    "artifactory",
    { headers: { "x-jfrog-version": "Artifactory/7.117.5" } },
    [403, error("DENIED", "The client does not have permission"), /Deploy\/Cache/],
  ],
  [
    "artifactory",
    { realm: "Artifactory Realm" },
    [400, error("UNKNOWN", "Unsupported docker v2 repository request for 'hello'"), /begins with the key/],
  ],
  ["docker-hub", { service: "registry.docker.io" }],
  ["amazon-ecr", { service: "ecr.amazonaws.com" }],
];

describe("kinds of registries (CAP-02, BLEU-03)", () => {
  it("are told by their hosts", () => {
    for (const [kind, names] of Object.entries(hosts)) {
      for (const host of names) assert.equal(kindOfHost(host), registryKinds[kind as RegistryKindName], host);
    }
    for (const host of [
      "registry.example.com",
      "localhost:5000",
      "docker.io.example.com",
      "ghcr.io.evil.example",
    ]) {
      assert.equal(kindOfHost(host), undefined, host);
    }
  });

  for (const [repository, rule] of refused) {
    it(`refuse ${repository} with the rule and a valid example`, () => {
      const name = parseRepository(repository);
      const problem = nameProblem(kindOfHost(name.registry), name) ?? "";
      assert.match(problem, rule);
      assert.ok(
        problem.startsWith(`${name.registry} takes no repository ${JSON.stringify(name.path)}`),
        problem,
      );
      assert.match(problem, /\(a valid example: "[^"]+"\)$/);
    });
  }

  it("take what their services take", () => {
    for (const repository of taken) {
      const name = parseRepository(repository);
      assert.equal(nameProblem(kindOfHost(name.registry), name), undefined, repository);
    }
  });

  it("have examples that keep to all of their rules", () => {
    for (const kind of Object.values(registryKinds)) {
      for (const { example } of kind.naming) {
        assert.equal(
          nameProblem(kind, { registry: "registry.example.com", path: example }),
          undefined,
          kind.name,
        );
      }
    }
  });

  for (const [title, answered] of Object.entries(answers)) {
    it(`explain what they answer: ${title}`, async () => {
      const {
        registry,
        repository = "acme/hello",
        method = "POST",
        status,
        body,
        signedIn = true,
      } = answered;
      const failure = await describeFailure(
        {
          operation: "pushing",
          registry,
          method,
          url: new URL(
            `https://${registry}/v2/${repository}/${method === "POST" ? "blobs/uploads/" : "manifests/v1"}`,
          ),
          ...(signedIn && {
            credentials: new Credentials({ username: "u", password: "pass-word" }, "the configuration"),
          }),
        },
        { response: response(status, body, answered.headers) },
      );
      assert.match(failure.message, answered.says);
      // The words of the other side stay.
      const [said] = (JSON.parse(body) as { errors: { message: string }[] }).errors;
      assert.ok(failure.message.includes(said?.message ?? "?"), failure.message);
      if (signedIn && (status === 401 || status === 403))
        assert.match(failure.message, /the configuration \(user "u"\)/);
      assert.ok(!failure.message.includes("pass-word"));
    });
  }

  for (const [name, { headers = {}, ...said }, ...refusals] of ownHosts) {
    it(`are told by what they say of themselves: ${name} by ${JSON.stringify({ ...said, ...headers })}`, async () => {
      const kind = kindOfAnswer({ ...said, header: (one) => headers[one] });
      assert.equal(kind, registryKinds[name]);
      for (const [status, body, says] of refusals) {
        const failure = await describeFailure(
          {
            operation: "pushing",
            registry: "registry.example.com",
            method: "PUT",
            url: new URL("https://registry.example.com/v2/acme/hello/manifests/v1"),
            kind,
            credentials: new Credentials({ username: "u", password: "pass-word" }, "the configuration"),
          },
          { response: response(status, body) },
        );
        assert.match(failure.message, says);
      }
    });
  }

  it("of which an answer says nothing are none", () => {
    assert.equal(
      kindOfAnswer({ service: "token-service", realm: "https://x.example/token", header: () => undefined }),
      undefined,
    );
  });

  it("explain a push that is redirected to a web page", async () => {
    const request = (registry: string) => ({
      operation: "pushing",
      registry,
      method: "POST",
      url: new URL(`https://${registry}/v2/acme/hello/blobs/uploads/`),
    });
    const cause = new RedirectError(
      "POST was redirected (HTTP 303) to https://acme.jfrog.io, which is not followed",
      303,
    );
    const ofArtifactory = await describeFailure(request("acme.jfrog.io"), { cause });
    assert.match(
      ofArtifactory.message,
      /redirected \(HTTP 303\).*\n.*page of its web application.*begins with the key/s,
    );
    const ofAnother = await describeFailure(request("registry.example.com"), { cause });
    assert.match(
      ofAnother.message,
      /\nRegistries do not redirect what is pushed: is registry\.example\.com one/,
    );
  });
});

function response(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return new HttpResponse(
    status,
    new URL("https://registry.example.com/"),
    headers,
    Readable.from([Buffer.from(body)]),
  );
}
