import type { DeclarationFacts } from "../../../lib/workflows/facts";
import type { Workflow, WorkflowSettings } from "../../../lib/workflows/workflow";

/** A workflow that nothing starts, to be declared further. */
export const idle: Workflow = {
  name: "release",
  pullRequests: [],
  branches: [],
  tags: [],
  releases: false,
  schedules: {},
  set: {},
  without: [],
  isTest: false,
};

export const settings: WorkflowSettings = {
  stack: "prod",
  directory: ".",
  repository: "Acme/hello",
  versionFrom: "configuration",
  state: { kind: "run" },
  secrets: {},
  env: {},
  logins: {},
  doctor: false,
  prepare: {},
  runsOn: "ubuntu-24.04",
  runners: {},
  timeoutMinutes: 60,
};

/** An image in GHCR and nothing else. */
export const plain: DeclarationFacts = {
  registries: [{ host: "ghcr.io", namespace: "acme", isSignedIn: false }],
  releases: [],
  hasDockerfiles: false,
  architectures: [],
};

/** Everything that a job may have to have. */
export const whole: DeclarationFacts = {
  registries: [
    ...plain.registries,
    { host: "docker.io", namespace: "acme", isSignedIn: false },
    { host: "harbor.example.com:8443", namespace: "acme", isSignedIn: false },
    { host: "quay.io", namespace: "acme", isSignedIn: true },
  ],
  releases: [{ host: "github.com", repository: "acme/hello", isSignedIn: false }],
  hasDockerfiles: true,
  architectures: ["amd64", "arm64"],
  lock: "slipway.lock.json",
  signer: { kind: "key", file: "cosign.key" },
  scanner: "trivy",
};

export const manual: NonNullable<Workflow["manual"]> = {
  version: { key: "version", description: "Version: that of a tag", example: "v1.2.3" },
  environment: {
    key: "environment",
    description: "What for",
    example: "test",
    default: "production",
    options: ["production", "test"],
  },
};

/** Workflows of all kinds, with what makes them differ. */
export const cases: readonly {
  title: string;
  workflow: Workflow;
  facts: DeclarationFacts;
  settings: WorkflowSettings;
}[] = [
  {
    title: "pull requests, branches and tags",
    workflow: { ...idle, name: "docker-publish", pullRequests: ["main"], branches: ["main"], tags: ["v*"] },
    facts: plain,
    settings,
  },
  {
    title: "pull requests alone, of a program that reads git, in a folder",
    workflow: { ...idle, name: "check", pullRequests: ["main", "release/**"] },
    facts: whole,
    settings: { ...settings, versionFrom: "git", directory: "deploy/prod" },
  },
  {
    title: "tags, releases, starts by hand and schedules, with everything declared",
    workflow: {
      ...idle,
      ...{ tags: ["v*"], releases: true, manual },
      schedules: { nightly: "17 3 * * *", rebuild: "17 4 1 * *", refresh: "17 5 1 */3 *" },
      set: { only: "image with words" },
    },
    facts: whole,
    settings: {
      ...settings,
      state: { kind: "cloud" },
      secrets: { tapToken: "TAP_TOKEN" },
      env: { AWS_REGION: "AWS_REGION" },
      policies: "policies.json",
      doctor: true,
      prepare: { "Install jq": "sudo apt-get install --yes jq" },
      deployment: "release",
      runsOn: "ubuntu-24.04-arm",
    },
  },
  {
    title: "each platform on a runner of its own, joined by one job",
    workflow: {
      ...idle,
      ...{ pullRequests: ["main"], tags: ["v*"], manual },
      schedules: { rebuild: "17 4 1 * *" },
    },
    facts: { ...whole, split: ["linux/amd64", "linux/arm64", "linux/s390x"] },
    settings: {
      ...settings,
      state: { kind: "cloud" },
      secrets: { npmToken: "NPM_TOKEN" },
      env: { AWS_REGION: "AWS_REGION" },
      deployment: "release",
      runners: { "linux/s390x": "self-hosted" },
    },
  },
  {
    title: "pull requests, and bases each quarter, of a project in a folder",
    workflow: { ...idle, pullRequests: ["main"], schedules: { refresh: "17 5 1 */3 *" } },
    facts: { ...plain, lock: "bases lock.json" },
    settings: { ...settings, versionFrom: "git", directory: "deploy" },
  },
  {
    title: "each platform on a runner of its own, for tags alone",
    workflow: { ...idle, tags: ["v*"] },
    facts: { ...whole, split: ["linux/amd64", "linux/arm64"] },
    settings: { ...settings, versionFrom: "git" },
  },
  {
    title: "a component of another repository, tested",
    workflow: {
      ...idle,
      name: "test-compatibility",
      component: {
        type: "component-release",
        components: { axon: "axonVersion", "mlos-core": "coreVersion" },
      },
      isTest: true,
    },
    facts: whole,
    settings,
  },
  {
    title: "tags by an identity, with the state in a bucket",
    workflow: { ...idle, tags: ["v*"] },
    facts: { ...whole, signer: { kind: "keyless" }, scanner: "grype" },
    settings: {
      ...settings,
      versionFrom: "git",
      state: {
        kind: "address",
        url: "s3://acme-state?region=eu-central-1",
        env: { AWS_ACCESS_KEY_ID: "STATE_KEY_ID" },
        passphrase: "PULUMI_CONFIG_PASSPHRASE",
      },
    },
  },
];
