import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import { saysServerName } from "../../lib/channels/mcp/names";
import { indexRules, pypi } from "../../lib/channels/pypi/index-rules";
import { checkProjectName } from "../../lib/channels/pypi/name";
import { pythonVersionOf } from "../../lib/channels/pypi/version";
import { wheelFileName, wheelScript, wheelTexts, type ProgramWheel } from "../../lib/channels/pypi/wheel";
import { Archive, PypiRelease, type PypiReleaseArgs } from "../../resources";
import { checked, prose } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { pypiReleaseDefinition } from "../../resources/definitions/pypi-release";
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

/** Arguments of {@link pypiProject}. One of `artifacts`, `files` and `wheels` says what is published. */
export interface PypiProjectArgs {
  /** Name of the project in the index. Default: the distribution's name. */
  project?: string;
  /** Version as Python writes it. Default: by the distribution's, so that `1.2.0-rc.1` is `1.2.0rc1`. */
  version?: string;
  /** Index other than PyPI: addresses of its simple API and of its uploads. */
  index?: { simple: string; upload: string };
  /** Default: `__token__`. */
  username?: string;
  /** Token, or the user's password; kept a secret. */
  token?: pulumi.Input<string>;
  /** Name in `extraArtifacts` of what builds wheels and sdist: they are files of the release, too. */
  artifacts?: string;
  /** Wheels and sdist that a command has built, e.g. the `files` of a `Command`. */
  files?: PypiReleaseArgs["files"];
  /** Programs of the distribution, packed in a wheel for each platform. */
  wheels?: ProgramWheelsArgs;
}

/** Programs that are packed in wheels. */
export interface ProgramWheelsArgs {
  /** Names in `binaries`. Default: all. They have to be linked statically for Linux. */
  programs?: string[];
  /** Platforms. Default: all that each of the programs is built for. */
  platforms?: string[];
  /** What it is, in one line. */
  summary: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Addresses that the index shows, by their labels. Default: the distribution's `source`. */
  urls?: Record<string, string>;
  /** What the index shows of it, as Markdown. */
  description?: string;
  /** Folder that the wheels are placed in. Default: `wheels` beside the archives of the version. */
  directory?: string;
}

const text = prose(z.string().min(1));
const shape = pypiReleaseDefinition.inputs.shape;

const pypiArguments = z
  .strictObject({
    project: checked(checkProjectName)
      .meta({ examples: ["hello-world"] })
      .optional(),
    version: shape.version.optional(),
    index: shape.index,
    username: shape.username,
    token: inputText.optional(),
    artifacts: text.meta({ examples: ["python"] }).optional(),
    files: z.unknown().optional(),
    wheels: z
      .strictObject({
        programs: z.array(text).min(1).optional(),
        platforms: z.array(text).min(1).optional(),
        summary: text.meta({ examples: ["Greets the world"] }),
        license: text.optional(),
        urls: z.record(text, z.url()).optional(),
        description: z.string().optional(),
        directory: text.optional(),
      })
      .optional(),
  })
  .refine(
    (args) => [args.artifacts, args.files, args.wheels].filter((one) => one !== undefined).length === 1,
    {
      path: ["files"],
      message:
        "either files that a command has built, by artifacts or files, or wheels of programs are expected (a valid example: " +
        '{ wheels: { summary: "Greets the world" } })',
    },
  );

/**
 * A version of a project in PyPI or another index of Python packages: users install it with
 * `pip install NAME`, or a program with `pipx install NAME` and `uvx NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function pypiProject(args: PypiProjectArgs): ChannelTarget {
  checkArguments("pypiProject()", pypiArguments, args);
  return new PypiChannel(args);
}

class PypiChannel implements ChannelTarget {
  readonly kind = "PyPI project";
  readonly name: string;

  constructor(private readonly args: PypiProjectArgs) {
    const place = args.index === undefined ? "pypi.org" : new URL(args.index.simple).host;
    this.name = args.project === undefined ? place : `${args.project} in ${place}`;
  }

  findings(release: ChannelRelease): Finding[] {
    try {
      checkProjectName(this.projectOf(release));
    } catch (error) {
      return [{ property: "project", reason: (error as Error).message }];
    }
    try {
      this.versionOf(release);
    } catch (error) {
      return [{ property: "version", reason: (error as Error).message }];
    }
    try {
      for (const { wheel } of this.wheelsOf(release)) wheelTexts(wheel);
      return this.artifactFindings(release);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: `wheels.${error.field}`, reason: error.reason }];
    }
  }

  missing(): string[] {
    const { index = pypi, token } = this.args;
    if (token !== undefined || !indexRules(new URL(index.upload)).needsToken) return [];
    const { host } = new URL(index.upload);
    return [
      `there is no token for ${host}, which takes no files without one: give token to pypiProject() (a valid example: ` +
        'token: config.requireSecret("pypiToken"))',
    ];
  }

  install(release: ChannelRelease): InstallWay {
    const { index, wheels } = this.args;
    // pipx keeps programs apart from the packages of others.
    const tool = wheels === undefined ? "pip" : "pipx";
    const from = index === undefined ? "" : ` --index-url ${index.simple}`;
    return { with: tool, commands: [`${tool} install${from} ${this.projectOf(release)}`] };
  }

  shippedPackages(release: ChannelRelease): ShippedPackage[] {
    const { index, wheels } = this.args;
    if (index !== undefined || wheels === undefined) return [];
    const refusesServer = (server: string) =>
      saysServerName(wheels.description ?? "", server)
        ? undefined
        : `wheels.description of pypiProject() does not say which server it is, by which the MCP registry knows whose it is: ` +
          `add a line to it (a valid example: "mcp-name: ${server}")`;
    return [{ registry: "pypi", name: this.projectOf(release), refusesServer }];
  }

  counted(release: ChannelRelease): CountedPackage[] {
    return this.args.index === undefined ? [{ registry: "pypi", name: this.projectOf(release) }] : [];
  }

  create(content: ChannelContent, options: ChannelOptions): ChannelResource {
    const { index, username, token, artifacts } = this.args;
    const files = artifacts === undefined ? this.args.files : content.filesOf(artifacts);
    const project = this.projectOf(content);
    const args: PypiReleaseArgs = {
      project,
      version: this.versionOf(content),
      index,
      username,
      token: token === undefined ? undefined : pulumi.secret(token),
      // Of what a command has built there is more to say, such as sizes.
      files: files
        ? pulumi.output(files).apply((given) => given.map(({ path, digest }) => ({ path, digest })))
        : this.wheelsOf(content, content.source).map((planned) =>
            this.archive(planned, content, options.parent),
          ),
      gated: true,
    };
    return new PypiRelease(`${project}@${this.name.replace(/^.* in /, "")}`, args, options);
  }

  private artifactFindings({ extraArtifacts }: ChannelRelease): Finding[] {
    const { artifacts } = this.args;
    const names = Object.keys(extraArtifacts);
    if (artifacts === undefined || names.includes(artifacts)) return [];
    const known = names.length === 0 ? "none are declared" : `declared are ${names.join(", ")}`;
    const reason = `there are no extraArtifacts ${JSON.stringify(artifacts)}; ${known}`;
    return [{ property: "artifacts", reason }];
  }

  private archive(
    { wheel, programs }: PlannedWheel,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): { path: string; digest: pulumi.Output<string> } {
    const path = `${this.args.wheels?.directory ?? `${defaultDirectory(content)}/wheels`}/${wheelFileName(wheel)}`;
    const texts = Object.entries(wheelTexts(wheel)).map(([file, written]) => ({
      path: file,
      content: written,
      mode: "0644",
    }));
    const scripts = programs.map((program) => ({
      path: wheelScript(wheel, program),
      mode: "0755",
      ...content.programOf(program, wheel.platform),
    }));
    const name = `${wheel.project}-${wheel.platform.replaceAll("/", "-")}-wheel`;
    const { digest } = new Archive(
      name,
      { path, format: "wheel", entries: [...texts, ...scripts] },
      { parent },
    );
    return { path, digest };
  }

  /** @throws ChannelError for programs that are not built, or for no platform together */
  private wheelsOf(release: ChannelRelease, source?: string): PlannedWheel[] {
    const { wheels } = this.args;
    if (wheels === undefined) return [];
    const {
      programs = Object.keys(release.programs),
      summary,
      description,
      directory: _directory,
      ...rest
    } = wheels;
    const platforms = commonPlatforms({ programs, platforms: rest.platforms }, release);
    return platforms.map((platform) => ({
      programs,
      wheel: {
        project: this.projectOf(release),
        version: this.versionOf(release),
        platform,
        summary,
        description,
        license: rest.license ?? release.licenses,
        urls: rest.urls ?? (source === undefined ? {} : { Source: source }),
      },
    }));
  }

  private projectOf({ distribution }: ChannelRelease): string {
    return this.args.project ?? distribution;
  }

  private versionOf({ version }: ChannelRelease): string {
    return pythonVersionOf(this.args.version ?? version);
  }
}

interface PlannedWheel {
  readonly programs: readonly string[];
  readonly wheel: ProgramWheel;
}
