import { digest, image, command, build, token, type RuleCase } from "./fixtures";
import { secret, unknown } from "../pack-process";

/** Cases of rules about how images are built. */
export const builtCases: Readonly<Record<string, readonly RuleCase[]>> = {
  "bases-pinned-by-digest": [
    { title: "a digest", type: "slipway:oci:Image", props: { ...image, base: `alpine:3.20@${digest}` } },
    {
      title: "a tag",
      type: "slipway:oci:Image",
      props: { ...image, base: "alpine:3.20" },
      finding: /base alpine:3.20 \(base\) can change under its name: a digest is asked for/,
    },
    { title: "no base", type: "slipway:oci:Image", props: image },
    { title: "a base that is not known yet", type: "slipway:oci:Image", props: { ...image, base: unknown } },
    { title: "a layout on disk", type: "slipway:oci:Image", props: { ...image, base: "oci-layout:base" } },
    {
      title: "an exception",
      type: "slipway:oci:Image",
      config: { except: ["localhost:5000/*"] },
      props: { ...image, base: "localhost:5000/base:dev" },
    },
    {
      title: "TINY-22: a full version where that is accepted",
      type: "slipway:oci:Image",
      config: { accept: "full-version" },
      props: { ...image, base: "python:3.12.1-slim" },
    },
    {
      title: "TINY-22: a floating version where a full one is accepted",
      type: "slipway:oci:Image",
      config: { accept: "full-version" },
      props: { ...image, base: "python:3.12-slim" },
      finding: /a digest or a tag with a full version is asked for/,
    },
    {
      title: "a Dockerfile in the program",
      type: build,
      props: {
        dockerfile: { inline: `FROM golang:1.26@${digest} AS build\nFROM build\nFROM python:3.12-slim\n` },
      },
      finding: /base python:3.12-slim \(FROM\)/,
    },
    {
      title: "a build argument that is a base",
      type: "docker:index/image:Image",
      props: { build: { args: { BASE_IMAGE: "alpine:3" } } },
      finding: /build argument BASE_IMAGE/,
    },
    {
      title: "a named context",
      type: build,
      props: { context: { location: ".", named: { base: { location: "docker-image://alpine:3" } } } },
      finding: /context base/,
    },
    {
      title: "a variable without a value",
      type: build,
      props: { dockerfile: { inline: "ARG BASE\nFROM $BASE\n" } },
      finding: /has a variable without a value/,
    },
  ],
  "allowed-bases": [
    {
      title: "an allowed base",
      type: "slipway:oci:Image",
      config: { bases: ["docker.io/library/*"] },
      props: { ...image, base: "alpine:3.20" },
    },
    {
      title: "another base",
      type: "slipway:oci:Image",
      config: { bases: ["docker.io/library/*"] },
      props: { ...image, base: "quay.io/someone/alpine:3.20" },
      finding: /is not among the allowed bases: docker.io\/library\/\*/,
    },
    { title: "no configured list", type: "slipway:oci:Image", props: { ...image, base: "alpine" } },
  ],
  "allowed-licenses": [
    {
      title: "an allowed license",
      type: "slipway:oci:Image",
      config: { licenses: ["Apache-2.0"] },
      props: { ...image, config: { labels: { "org.opencontainers.image.licenses": "Apache-2.0" } } },
    },
    {
      title: "one of two is enough",
      type: build,
      config: { licenses: ["MIT"] },
      props: { labels: { "org.opencontainers.image.licenses": "(GPL-3.0-only OR MIT)" } },
    },
    {
      title: "another license",
      type: "slipway:oci:Image",
      config: { licenses: ["Apache-2.0", "MIT"] },
      props: { ...image, annotations: { "org.opencontainers.image.licenses": "MIT AND SSPL-1.0" } },
      finding: /has the license "MIT AND SSPL-1.0"; allowed are Apache-2.0, MIT/,
    },
    {
      title: "the license of the distribution",
      type: "slipway:oci:Image",
      config: { licenses: ["MIT"] },
      props: { ...image, standardAnnotations: { "org.opencontainers.image.licenses": "SSPL-1.0" } },
      finding: /has the license "SSPL-1.0"; allowed are MIT/,
    },
    {
      title: "no license",
      type: "slipway:oci:Image",
      config: { licenses: ["MIT"] },
      props: image,
      finding: /has no label org.opencontainers.image.licenses/,
    },
    {
      title: "labels that are not known yet",
      type: "slipway:oci:Image",
      config: { licenses: ["MIT"] },
      props: { ...image, config: { labels: unknown } },
    },
  ],
  "no-clear-text-secrets": [
    {
      title: "a password in the environment",
      type: "slipway:build:Command",
      props: { ...command, command: ["make"], env: { DB_PASSWORD: "hunter2" } },
      finding: /value env.DB_PASSWORD of subject is a secret by its name/,
      without: /hunter2/,
    },
    {
      title: "a password that is marked as secret",
      type: "slipway:build:Command",
      props: { ...command, command: ["make"], env: { DB_PASSWORD: secret("hunter2") } },
    },
    {
      title: "an environment that is marked as secret as a whole",
      type: "slipway:build:Command",
      props: { ...command, command: ["make"], env: secret({ DB_PASSWORD: "hunter2" }) },
    },
    {
      title: "a token in the arguments",
      type: "slipway:build:Command",
      props: { ...command, command: ["curl", "--header", `Authorization: Bearer ${token}`] },
      finding: /value command.2 of subject has a GitHub token in clear text/,
      without: /ghp_/,
    },
    {
      title: "the value of an option",
      type: "slipway:build:Command",
      props: { ...command, command: "deploy --api-key 12345 --verbose" },
      finding: /by its name, api-key/,
    },
    {
      title: "a variable, a file and an empty value",
      type: "slipway:build:Command",
      props: {
        ...command,
        command: ["deploy", "--token", "$TOKEN"],
        env: { TOKEN_FILE: "/run/secrets/token", PASSWORD: "", API_KEY: "${KEY}" },
      },
    },
    {
      title: "a value that is not known yet",
      type: "command:local:Command",
      props: { environment: { TOKEN: unknown } },
    },
    {
      title: "a label",
      type: "slipway:oci:Image",
      props: { ...image, config: { labels: { note: token } } },
      finding: /value config.labels.note of subject has a GitHub token in clear text/,
    },
    {
      title: "a secret in what is published, marked or not",
      type: "slipway:oci:Image",
      props: { ...image, config: { env: { API_TOKEN: secret("abc") } } },
      finding: /though it is marked as a secret, is published/,
    },
    {
      title: "an ordinary environment",
      type: "slipway:oci:Image",
      props: { ...image, config: { env: { PATH: "/usr/bin", TOKENIZER: "fast" } } },
    },
    {
      title: "a private key in a layer",
      type: "slipway:oci:Image",
      props: {
        ...image,
        layers: [{ files: [{ to: "/k", content: "-----BEGIN EC PRIVATE KEY-----\n…" }] }],
      },
      finding: /layers.0.files.0.content of subject has a private key/,
    },
    {
      title: "a token in a file of an archive",
      type: "slipway:build:Archive",
      props: { path: "dist/a.zip", entries: [{ path: "a.json", content: `{"t":"${token}"}` }] },
      finding: /value entries.0.content of subject has a GitHub token in clear text/,
      without: /ghp_/,
    },
    {
      title: "a password that a check is given",
      type: "slipway:gate:Check",
      props: { command: { command: ["./test.sh", "--password", "hunter2"], env: {} } },
      finding: /value command.command.2 of subject is a secret by its name, password/,
      without: /hunter2/,
    },
    {
      title: "a password in the address that a check asks",
      type: "slipway:gate:Check",
      props: { http: { url: "https://me:hunter2@example.com/healthz" } },
      finding: /value http.url of subject has a password in an address/,
      without: /hunter2/,
    },
    {
      title: "a secret in a statement, marked or not",
      type: "slipway:trust:Attestation",
      props: { statements: [{ predicate: { review: [{ apiKey: secret("abc") }] } }] },
      finding: /value statements.0.predicate.review.0.apiKey .* is published/,
    },
    {
      title: "a token in the notes of a release",
      type: "slipway:github:Release",
      props: { repository: "acme/hello", tag: "v1.0.0", notes: `Try it with ${token}.` },
      finding: /value notes of subject has a GitHub token in clear text/,
    },
    {
      title: "ordinary notes",
      type: "slipway:release:Directory",
      props: { title: "v1.0.0", notes: "- `--token` is read from TOKEN_FILE.\n- password = $PASSWORD" },
    },
    {
      title: "a build argument",
      type: build,
      props: { buildArgs: { NPM_TOKEN: "abc" } },
      finding: /value buildArgs.NPM_TOKEN/,
    },
    {
      title: "a password of a registry in clear text",
      type: build,
      props: { registries: [{ address: "ghcr.io", username: "me", password: "abc" }] },
      finding: /registries.0.password/,
    },
    {
      title: "a password of a registry that is a secret",
      type: build,
      props: { registries: [{ address: "ghcr.io", username: "me", password: secret("abc") }] },
    },
    {
      title: "an exception",
      type: build,
      config: { except: ["buildArgs.PUBLIC_TOKEN"] },
      props: { buildArgs: { PUBLIC_TOKEN: "abc" } },
    },
  ],
  "non-root-user": [
    { title: "a user", type: "slipway:oci:Image", props: { ...image, config: { user: "65532:65532" } } },
    {
      title: "root by name",
      type: "slipway:oci:Image",
      props: { ...image, config: { user: "root" } },
      finding: /runs as root/,
    },
    {
      title: "root by number",
      type: "slipway:oci:Image",
      props: { ...image, config: { user: "0:1000" } },
      finding: /runs as root \(user "0:1000"\)/,
    },
    { title: "no user", type: "slipway:oci:Image", props: image, finding: /declares no user/ },
    {
      title: "a user that is not known yet",
      type: "slipway:oci:Image",
      props: { ...image, config: { user: unknown } },
    },
    {
      title: "a Dockerfile in the program",
      type: build,
      props: { dockerfile: { inline: "FROM a\nUSER app\n" } },
    },
    {
      title: "a Dockerfile in the program without USER",
      type: build,
      props: { dockerfile: { inline: "FROM a AS b\nUSER app\nFROM c\n" } },
      finding: /declares no user/,
    },
    ...(
      [
        ["with a user", { user: "65532:65532" }, undefined],
        ["without USER", { user: "" }, /declares no user/],
        ["that runs as root", { user: "root" }, /runs as root \(user "root"\)/],
        ["that has the user of a base of the same program", {}, undefined],
        ["that is not known yet", { user: unknown }, undefined],
      ] as const
    ).map(([what, props, finding]) => ({
      title: `a Dockerfile in a file ${what}`,
      type: "slipway:build:Context",
      props: { image: "app", dockerfile: "Dockerfile", platforms: ["linux/amd64"], ...props },
      ...(finding === undefined ? {} : { finding }),
    })),
    {
      title: "a Dockerfile that is not visible",
      type: build,
      props: { dockerfile: { location: "Dockerfile" } },
    },
    {
      title: "a Dockerfile that is not visible, as the official provider completes it",
      type: build,
      props: { dockerfile: { location: "Dockerfile", inline: "" } },
    },
  ],
};
