import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError, type ChannelArtifact } from "../../lib/channels/artifact";
import {
  checkCommunityRules,
  communityFeed,
  isCommunityFeed,
} from "../../lib/channels/chocolatey/community-rules";
import { installScript } from "../../lib/channels/chocolatey/install-script";
import {
  checkPackageId,
  packageFileName,
  packageParts,
  type ChocolateyAbout,
  type ChocolateyUrls,
} from "../../lib/channels/chocolatey/package";
import { chocolateyVersion } from "../../lib/channels/chocolatey/version";
import { Archive, ChocolateyPackage } from "../../resources";
import { grace } from "../../resources/definitions/channel-outcome";
import { chocolateyPackageDefinition } from "../../resources/definitions/chocolatey-package";
import { checked, prose } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments, inputText } from "../declaration/call-arguments";
import type {
  ChannelContent,
  ChannelOptions,
  ChannelRelease,
  ChannelResource,
  ChannelTarget,
} from "../declaration/channel-target";
import type { InstallWay } from "../declaration/install-way";
import { defaultDirectory } from "../default-directory";
import { addressFindings, installedArchive, withoutContent } from "./released-archive";

/** Arguments of {@link chocolateyPackage}. */
export interface ChocolateyPackageTargetArgs {
  /** Id of the package. Default: the distribution's name. */
  id?: string;
  /** Default: the id. */
  title?: string;
  /** Who makes the software, without addresses of mail. */
  authors: string;
  /** What it is and what for, as Markdown: 31 to 4000 characters for the community's feed. */
  description: string;
  /** One line. Default: none. */
  summary?: string;
  homepage: string;
  /** Words that it is found by. */
  tags: string[];
  copyright?: string;
  licenseUrl?: string;
  iconUrl?: string;
  releaseNotes?: string;
  /** Further addresses that Chocolatey shows. */
  urls?: ChocolateyUrls;
  /** Other packages that it needs, with their versions as NuGet writes ranges, e.g. `[1.2,2.0)`. */
  dependencies?: Record<string, string>;
  /** Name of the archive that is installed, in `archives`. Default: the only one. */
  archive?: string;
  /** Feed other than the community's; `moderated` where packages are looked at before they are shown. */
  feed?: { source: string; push: string; moderated?: boolean };
  /** Key that may push; kept a secret. */
  apiKey?: pulumi.Input<string>;
  /** For how long moderators may let it wait, such as `30d`: then that is a failure. Default: for good. */
  grace?: string;
}

const text = prose(z.string().min(1));
/** Several lines. */
const lines = z
  .string()
  .min(1)
  .refine((value) => !/[^\P{Cc}\n]/u.test(value), "control characters are not expected");

const packageArguments = z.strictObject({
  id: checked(checkPackageId)
    .meta({ examples: ["hello"] })
    .optional(),
  title: text.optional(),
  authors: text.meta({ examples: ["Acme"] }),
  description: lines.meta({ examples: ["Greets the world, in as many languages as it knows."] }),
  summary: text.optional(),
  homepage: z.url().meta({ examples: ["https://acme.example/hello"] }),
  tags: z
    .array(z.string().regex(/^[^\s,\p{Cc}]+$/u, "a word without spaces and commas is expected"))
    .min(1)
    .meta({ examples: [["hello", "cli"]] }),
  copyright: text.optional(),
  licenseUrl: z.url().optional(),
  iconUrl: z.url().optional(),
  releaseNotes: lines.optional(),
  urls: z
    .strictObject({
      projectSource: z.url().optional(),
      packageSource: z.url().optional(),
      docs: z.url().optional(),
      bugTracker: z.url().optional(),
      mailingList: z.url().optional(),
    })
    .optional(),
  dependencies: z.record(checked(checkPackageId), text).optional(),
  archive: z.string().min(1).optional(),
  feed: chocolateyPackageDefinition.inputs.shape.feed,
  apiKey: inputText.optional(),
  grace: grace.optional(),
});

/**
 * A package in the community's feed of Chocolatey or another one, for Windows: users install it with
 * `choco install NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the key
 */
export function chocolateyPackage(args: ChocolateyPackageTargetArgs): ChannelTarget {
  checkArguments("chocolateyPackage()", packageArguments, args);
  return new ChocolateyTarget(args);
}

class ChocolateyTarget implements ChannelTarget {
  readonly kind = "Chocolatey package";
  readonly name: string;
  readonly grace: string | undefined;
  private readonly source: URL;

  constructor(private readonly args: ChocolateyPackageTargetArgs) {
    this.grace = args.grace;
    this.source = new URL((args.feed ?? communityFeed).source);
    this.name = args.id === undefined ? this.source.host : `${args.id} in ${this.source.host}`;
  }

  findings(release: ChannelRelease): Finding[] {
    const unknown = addressFindings(release);
    if (unknown.length > 0) return unknown;
    try {
      const about = this.aboutOf(release);
      checkId(about.id);
      if (isCommunityFeed(this.source)) checkCommunityRules(about);
      const archive = installedArchive(release, this.args.archive);
      this.partsOf(release, withoutContent(release, archive));
      return [];
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: error.field, reason: error.reason }];
    }
  }

  install(release: ChannelRelease): InstallWay {
    const from = isCommunityFeed(this.source) ? "" : ` --source ${this.source.href}`;
    const commands = [`choco install ${this.aboutOf(release).id}${from}`];
    return { with: "Chocolatey", on: "Windows", shell: "powershell", commands };
  }

  create(content: ChannelContent, options: ChannelOptions): ChannelResource {
    const { feed, apiKey } = this.args;
    const about = this.aboutOf(content);
    const archive = installedArchive(content, this.args.archive);
    const path = `${defaultDirectory({ version: content.version })}/packages/${packageFileName(about)}`;
    const parts = content.artifactsOf(archive).apply((artifacts) => this.partsOf(content, artifacts));
    // Which parts there are does not depend on what is in them.
    const names = Object.keys(this.partsOf(content, withoutContent(content, archive)));
    const { digest } = new Archive(
      `${about.id}-nupkg@${this.source.host}`,
      {
        path,
        format: "nupkg",
        entries: names.map((name) => ({
          path: name,
          content: parts.apply((all) => all[name] ?? ""),
          mode: "0644",
        })),
      },
      { parent: options.parent },
    );
    return new ChocolateyPackage(
      `${about.id}@${this.source.host}`,
      {
        packageId: about.id,
        version: about.version,
        path,
        digest,
        feed,
        apiKey: apiKey === undefined ? undefined : pulumi.secret(apiKey),
        gated: true,
      },
      options,
    );
  }

  private partsOf(release: ChannelRelease, artifacts: readonly ChannelArtifact[]): Record<string, string> {
    return packageParts(this.aboutOf(release), installScript(artifacts));
  }

  private aboutOf({ distribution, version }: ChannelRelease): ChocolateyAbout {
    const {
      archive: _archive,
      feed: _feed,
      apiKey: _key,
      grace: _grace,
      id = distribution,
      ...about
    } = this.args;
    return { ...about, id, version: chocolateyVersion(version) };
  }
}

/** The distribution's name has not been looked at yet. @throws ChannelError */
function checkId(id: string): void {
  try {
    checkPackageId(id);
  } catch (error) {
    throw new ChannelError("id", (error as Error).message);
  }
}
