import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import { checkServerName } from "../../lib/channels/mcp/names";
import { checkPackageName } from "../../lib/channels/npm/package-name";
import { npmPlatform } from "../../lib/channels/npm/platform";
import {
  mainPackageTexts,
  platformPackageName,
  platformPackageTexts,
  programPath,
  type ProgramPackages,
} from "../../lib/channels/npm/program-packages";
import { packedFiles, readNpmProject, versionedManifest } from "../../lib/channels/npm/project";
import { npmjs } from "../../lib/channels/npm/registry-address";
import { npmVersionOf } from "../../lib/channels/npm/version";
import { Archive, NpmPackage, type ArchiveArgs, type NpmPackageArgs } from "../../resources";
import { grace } from "../../resources/definitions/channel-outcome";
import { checked, prose } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { npmPackageDefinition } from "../../resources/definitions/npm-package";
import { checkArguments, inputText } from "../declaration/call-arguments";
import type {
  ChannelContent,
  ChannelOptions,
  ChannelRelease,
  ChannelResource,
  ChannelTarget,
  ShippedPackage,
} from "../declaration/channel-target";
import type { CountedPackage } from "../../lib/metrics/asked";
import type { InstallWay } from "../declaration/install-way";
import { defaultDirectory } from "../default-directory";
import { commonPlatforms } from "./packaged-programs";

/** Arguments of {@link npmPackages}. One of `folder`, `programs` and `files` says what is published. */
export interface NpmPackagesArgs {
  /** Folder with the `package.json` of a package, relative to the project's. Its version is that of the release. */
  folder?: string;
  /** Programs of the distribution: a package for each platform, and one that depends on them. */
  programs?: NpmProgramsArgs;
  /** Tarballs that a command has made, e.g. by `npm pack`; those that others depend on first. */
  files?: NpmPackageArgs["packages"];
  /** Version as npm has it. Default: the distribution's, without a `v`. */
  version?: string;
  /** Registry. Default: npm's own. */
  registry?: string;
  /** Token that may publish; kept a secret. */
  token?: pulumi.Input<string>;
  /** Who may see a new package with a scope. Default: `public`. */
  access?: "public" | "restricted";
  /** Tag of pre-releases. Default: `next`. */
  prereleaseTag?: string;
  /**
   * Whether versions are staged, for somebody who approves them with a second factor. The state is
   * `staged` until then. Default: false, they are published.
   */
  staged?: boolean;
  /** For how long they may wait for that, such as `2d`: then that is a failure. Default: for good. */
  grace?: string;
}

/** Programs that users install with npm. */
export interface NpmProgramsArgs {
  /** Package that users install, e.g. `@acme/hello`. Those of platforms are `@acme/hello-linux-x64` and so on. */
  name: string;
  /** Names in `binaries`. Default: all. */
  programs?: string[];
  /** Platforms. Default: all that each of the programs is built for. */
  platforms?: string[];
  /** C library that the programs for Linux need. Default: none, they are linked statically. */
  libc?: "glibc" | "musl";
  /** What it is, in one line. */
  description: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  homepage?: string;
  /** Address of the sources. Default: the distribution's `source`. */
  repository?: string;
  keywords?: string[];
  /** The MCP server that the package is, as its `mcpName`, for `mcpServer()`. Default: it is none. */
  mcpName?: string;
  /** What the registry shows of it, as Markdown. */
  readme?: string;
}

const text = prose(z.string().min(1));
const { registry, access, prereleaseTag, staged } = npmPackageDefinition.inputs.shape;
const ways = ["folder", "programs", "files"] as const;

const npmArguments = z
  .strictObject({
    folder: text.optional(),
    programs: z
      .strictObject({
        name: checked(checkPackageName).meta({ examples: ["@acme/hello"] }),
        programs: z.array(text).min(1).optional(),
        platforms: z.array(text).min(1).optional(),
        libc: z.enum(["glibc", "musl"]).optional(),
        description: text.meta({ examples: ["Greets the world"] }),
        license: text.optional(),
        homepage: z.url().optional(),
        repository: z.url().optional(),
        keywords: z.array(text).optional(),
        mcpName: checked(checkServerName)
          .meta({ examples: ["io.github.acme/hello"] })
          .optional(),
        readme: z.string().optional(),
      })
      .optional(),
    files: z.unknown().optional(),
    version: text.optional(),
    registry,
    token: inputText.optional(),
    access,
    prereleaseTag,
    staged,
    grace: grace.optional(),
  })
  .refine((args) => ways.filter((way) => args[way] !== undefined).length === 1, {
    path: ["folder"],
    message:
      "one of folder, programs and files is expected (a valid example: " +
      '{ programs: { name: "@acme/hello", description: "Greets the world" } })',
  });

/**
 * Packages of a release in npm's registry or another one: a project's own package, programs for each
 * platform, or tarballs that a command has made. Users install them with `npm install NAME` and run
 * programs with `npx NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function npmPackages(args: NpmPackagesArgs): ChannelTarget {
  checkArguments("npmPackages()", npmArguments, args);
  return new NpmChannel(args);
}

class NpmChannel implements ChannelTarget {
  readonly kind = "npm packages";
  readonly name: string;
  readonly grace: string | undefined;
  /** The registry, in words. */
  private readonly place: string;

  constructor(private readonly args: NpmPackagesArgs) {
    this.grace = args.grace;
    this.place = args.registry === undefined ? "npm" : new URL(args.registry).host;
    const what = args.programs?.name ?? args.folder;
    this.name = what === undefined ? this.place : `${what} in ${this.place}`;
  }

  findings(release: ChannelRelease): Finding[] {
    const { args } = this;
    const findings: Finding[] = [];
    if (args.registry === undefined && args.token === undefined) {
      const reason = 'npm takes no packages without one: give config.requireSecret("npmToken")';
      findings.push({ property: "token", reason });
    }
    try {
      const version = this.versionOf(release);
      if (args.folder !== undefined) readNpmProject(args.folder);
      if (args.programs !== undefined) checkPrograms(programPackages(args.programs, release, version));
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      const isOfPrograms = args.programs !== undefined && error.field !== "version";
      findings.push({
        property: `${isOfPrograms ? "programs." : ""}${error.field}`,
        reason: error.reason,
      });
    }
    return findings;
  }

  shippedPackages(): ShippedPackage[] {
    const { registry, folder, programs } = this.args;
    if (registry !== undefined && new URL(registry).host !== new URL(npmjs).host) return [];
    const shipped = (name: string, where: string, mcpName: unknown): ShippedPackage => ({
      registry: "npm",
      name,
      refusesServer: (server) =>
        mcpName === server
          ? undefined
          : `${where} has ${mcpName === undefined ? "no mcpName" : `the mcpName ${JSON.stringify(mcpName)}`}, by which the MCP ` +
            `registry knows whose it is: set it there (a valid example: "mcpName": ${JSON.stringify(server)})`,
    });
    if (programs !== undefined)
      return [shipped(programs.name, "programs of npmPackages()", programs.mcpName)];
    if (folder === undefined) return [];
    const { name, manifest } = readNpmProject(folder);
    return [shipped(name, `${folder}/package.json`, manifest.mcpName)];
  }

  install(): InstallWay | undefined {
    const { registry, folder, programs } = this.args;
    const name = programs?.name ?? (folder === undefined ? undefined : readNpmProject(folder).name);
    if (name === undefined) return undefined;
    const from = registry === undefined ? "" : ` --registry ${registry}`;
    return { with: "npm", commands: [`npm install${programs ? " --global" : ""}${from} ${name}`] };
  }

  counted(release: ChannelRelease): CountedPackage[] {
    const { registry, folder, programs } = this.args;
    if (registry !== undefined) return [];
    if (folder !== undefined) return [{ registry: "npm", name: readNpmProject(folder).name }];
    if (programs === undefined) return [];
    const packages = programPackages(programs, release, this.versionOf(release));
    return [
      { registry: "npm", name: packages.name },
      ...packages.platforms.map((platform) => {
        return { registry: "npm", name: platformPackageName(packages, platform), platform } as const;
      }),
    ];
  }

  create(content: ChannelContent, options: ChannelOptions): ChannelResource {
    const { token, registry: address, access: who, prereleaseTag: tag } = this.args;
    return new NpmPackage(
      `npm@${this.name}`,
      {
        packages: this.packages(content, options.parent),
        registry: address,
        token: token === undefined ? undefined : pulumi.secret(token),
        access: who,
        prereleaseTag: tag,
        staged: this.args.staged,
        gated: true,
      },
      options,
    );
  }

  private packages(content: ChannelContent, parent: pulumi.Resource): NpmPackageArgs["packages"] {
    const { folder, programs, files = [] } = this.args;
    const version = this.versionOf(content);
    if (folder !== undefined) return [this.folderPackage(folder, version, content, parent)];
    if (programs !== undefined) {
      const packages = programPackages(programs, content, version, content.source);
      return this.programTarballs(packages, content, parent);
    }
    // Of what a command has made there is more to say, such as sizes.
    return pulumi.output(files).apply((given) => given.map(({ path, digest }) => ({ path, digest })));
  }

  private folderPackage(
    folder: string,
    version: string,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): PackedPackage {
    const project = readNpmProject(folder);
    const entries = packedFiles(folder).then((files) =>
      files.map((path) =>
        path === "package.json"
          ? { path, content: versionedManifest(project, version) }
          : { path, source: `${folder.replace(/\/+$/, "")}/${path}` },
      ),
    );
    return this.packed({ name: project.name, version, entries }, content, parent);
  }

  /** Those of the platforms first, for the other one depends on them. */
  private programTarballs(
    packages: ProgramPackages,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): PackedPackage[] {
    const { name, version, platforms, programs } = packages;
    const ofPlatforms = platforms.map((platform) => {
      const files = programs.map((program) => ({
        path: programPath(program, platform),
        mode: "0755",
        ...content.programOf(program, platform),
      }));
      const entries = [...textEntries(platformPackageTexts(packages, platform)), ...files];
      return this.packed(
        { name: platformPackageName(packages, platform), version, entries },
        content,
        parent,
      );
    });
    const main = { name, version, entries: textEntries(mainPackageTexts(packages)) };
    return [...ofPlatforms, this.packed(main, content, parent)];
  }

  private packed(
    { name, version, entries }: Unpacked,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): PackedPackage {
    // Two registries may get packages of one name.
    const folder = this.place.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
    const file = `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`;
    const path = `${defaultDirectory(content)}/packages/${folder}/${file}`;
    const { digest } = new Archive(`${name}@${this.place}`, { path, root: "package", entries }, { parent });
    return { path, digest };
  }

  private versionOf({ version }: ChannelRelease): string {
    return npmVersionOf(this.args.version ?? version);
  }
}

interface PackedPackage {
  path: string;
  digest: pulumi.Output<string>;
}

interface Unpacked {
  name: string;
  version: string;
  entries: ArchiveArgs["entries"];
}

function textEntries(texts: Readonly<Record<string, string>>) {
  return Object.entries(texts).map(([path, content]) => ({
    path,
    content,
    mode: path.startsWith("bin/") ? "0755" : "0644",
  }));
}

/** @throws ChannelError for programs that are not built, or for no platform together */
function programPackages(
  declared: NpmProgramsArgs,
  release: ChannelRelease,
  version: string,
  source?: string,
): ProgramPackages {
  const { programs = Object.keys(release.programs), platforms, license, repository, ...rest } = declared;
  return {
    ...rest,
    programs,
    platforms: commonPlatforms({ programs, platforms }, release),
    version,
    license: license ?? release.licenses,
    repository: repository ?? source,
  };
}

/** @throws ChannelError for what npm cannot carry of the packages */
function checkPrograms(packages: ProgramPackages): void {
  for (const platform of packages.platforms) {
    npmPlatform(platform);
    const name = platformPackageName(packages, platform);
    try {
      checkPackageName(name);
    } catch (error) {
      throw new ChannelError("name", (error as Error).message);
    }
  }
  mainPackageTexts(packages);
}
