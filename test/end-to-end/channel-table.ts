import * as path from "node:path";
import type * as components from "../../components";
import {
  folderPlace,
  gitPlace,
  mcpPlace,
  npmPlace,
  nugetPlace,
  pythonPlace,
  type ChannelPlace,
} from "../support/channel-places";
import { apkKey } from "../support/apk";
import { openPgpKey } from "../support/openpgp";

/** Functions of the package that make a channel, but for those that others fill, which are given nothing. */
type ChannelFunction = {
  [Name in keyof typeof components]: (typeof components)[Name] extends (...args: never) => infer Made
    ? Made extends components.ObservedTarget
      ? never
      : Made extends components.ChannelTarget
        ? Name
        : never
    : never;
}[keyof typeof components];

/** A channel, as what holds for all of them is tested. */
export interface TestedChannel {
  /** How it is named where a run fails. */
  readonly kind: string;
  /** Starts the place that it gives a release to, in the folder of a project. */
  start(project: string): Promise<ChannelPlace>;
  /** It, as TypeScript, with `author`, `what` and `secret(NAME)` of the program. */
  declare(place: ChannelPlace): string;
}

/** A channel in a git repository. @param field that names the repository */
function inGit(kind: string, field: string, call: (args: string) => string): TestedChannel {
  return {
    kind,
    start: (project) =>
      gitPlace(path.join(project, "..", "places", field), `token/of+${field}%${Math.random()}`),
    declare: ({ address }) => call(`{ ${field}: "${address}", token: secret("${kind}"), author, ...what }`),
  };
}

/** A channel in a signed folder. @param names what clients read first */
function inFolder(
  kind: string,
  folder: string,
  names: string,
  call: (args: string) => string,
  key = () => openPgpKey("ed25519"),
): TestedChannel {
  return {
    kind,
    start: async (project) => folderPlace(project, folder, names, await key()),
    declare: ({ address }) =>
      call(`{ directory: "${address}", key: secret("${kind}"), maintainer: "Acme <releases@acme.example>",
        packages: { app: { programs: ["app"], description: "Says its version" } },`),
  };
}

/**
 * Every channel. A function of the package that makes one and is not here is an error of the types; a
 * resource that none of them has is one of the test, which knows them by their inputs.
 */
export const channelTable: Record<ChannelFunction, TestedChannel> = {
  homebrewFormula: inGit("Homebrew formula", "tap", (args) => `homebrewFormula(${args})`),
  homebrewCask: {
    ...inGit("Homebrew cask", "tap", (args) => `homebrewCask({ ...${args}, notarized: true })`),
    start: (project) =>
      gitPlace(path.join(project, "..", "places", "cask"), `token/of+cask%${Math.random()}`),
  },
  scoopManifest: inGit("Scoop manifest", "bucket", (args) => `scoopManifest(${args})`),
  asdfPlugin: {
    ...inGit("asdf plugin", "repository", (args) => `asdfPlugin(${args.replace(", ...what", "")})`),
    start: (project) =>
      gitPlace(path.join(project, "..", "places", "asdf"), `token/of+asdf%${Math.random()}`),
  },
  aurPackage: inGit("AUR package", "repository", (args) => `aurPackage(${args})`),
  nixFlake: {
    ...inGit("Nix flake", "repository", (args) => `nixFlake(${args})`),
    start: (project) =>
      gitPlace(path.join(project, "..", "places", "flake"), `token/of+flake%${Math.random()}`),
  },
  krewPlugin: inGit(
    "Krew plugin",
    "index",
    (args) =>
      `krewPlugin({ ...${args.replace(", ...what", "")}, homepage: what.homepage, shortDescription: what.description, program: "app" })`,
  ),
  snapPackage: {
    ...inGit("Snap package", "repository", (args) => {
      const kept = args.replace(", ...what", "");
      return `snapPackage({ programs: ["app"], summary: what.description, description: what.description, snapcraft: ${kept} })`;
    }),
    start: (project) =>
      gitPlace(path.join(project, "..", "places", "snap"), `token/of+snap%${Math.random()}`),
  },
  wingetPackage: {
    ...inGit(
      "winget package",
      "repository",
      (args) => `wingetPackage({ ...${args}, identifier: "Acme.App", branch: "main" })`,
    ),
    start: (project) =>
      gitPlace(path.join(project, "..", "places", "winget"), `token/of+winget%${Math.random()}`),
  },
  chocolateyPackage: {
    kind: "Chocolatey package",
    start: (project) =>
      nugetPlace(path.join(project, "..", "places", "nuget"), `key/of+nuget%${Math.random()}`),
    declare: ({ address }) =>
      `chocolateyPackage({ ...what, authors: "Acme", tags: ["app"], apiKey: secret("Chocolatey package"), ` +
      `feed: { source: "${address}", push: "${address}" } })`,
  },
  aptRepository: inFolder(
    "APT repository",
    "apt",
    "dists/stable/InRelease",
    (args) => `aptRepository(${args} origin: "Acme" })`,
  ),
  rpmRepository: inFolder(
    "RPM repository",
    "rpm",
    "repodata/repomd.xml",
    (args) => `rpmRepository(${args} label: "Acme" })`,
  ),
  apkRepository: inFolder(
    "Alpine repository",
    "alpine",
    "x86_64/APKINDEX.tar.gz",
    (args) => `apkRepository(${args} label: "Acme" })`,
    apkKey,
  ),
  pypiProject: {
    kind: "PyPI project",
    start: (project) =>
      pythonPlace(path.join(project, "..", "places", "python"), `pypi-of ${Math.random()}/é`),
    declare: ({ address }) =>
      `pypiProject({ index: { simple: "${address}simple", upload: "${address}" }, token: secret("PyPI project"), ` +
      `wheels: { summary: "Says its version" } })`,
  },
  mcpServer: {
    kind: "MCP server",
    start: () => mcpPlace(`mcp-of ${Math.random()}/é`),
    declare: ({ address }) =>
      `mcpServer({ registry: "${address}", name: "io.modelcontextprotocol.anonymous/app", description: what.description, ` +
      `anonymous: true, githubToken: secret("MCP server"), ` +
      `remotes: [{ type: "streamable-http", url: "https://app.acme.example/mcp" }] })`,
  },
  npmPackages: {
    kind: "npm packages",
    start: (project) => npmPlace(path.join(project, "..", "places", "npm")),
    declare: ({ address }) =>
      `npmPackages({ registry: "${address}", token: secret("npm packages"), ` +
      `programs: { name: "app", description: "Says its version" } })`,
  },
};
