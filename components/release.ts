import * as pulumi from "@pulumi/pulumi";
import type { ReleasedFile } from "../resources/definitions/artifact";
import type { Evidence } from "../resources/definitions/evidence";
import type { Finding } from "../resources/definitions/input-findings";
import type { ProgramTest } from "../resources/definitions/release-notes";
import { ReleaseDirectory, type ProviderArgs } from "../resources";
import { checkNotes, notesOf, type NotesArgs } from "./release-notes";
import { fillTemplate, versionValues } from "./declaration/templates";

/** What a distribution releases. */
export interface ReleaseContent {
  /** Name of the distribution. */
  distribution: string;
  /** Version as it was declared. */
  version: string;
  /** Archives, their further names, the sums file, signatures and SBOMs. */
  assets: readonly pulumi.Input<ReleasedFile>[];
  /** What was seen of each program for each platform, for notes that list it. */
  tests?: pulumi.Input<ProgramTest[]>;
  /** What is known about them, for policies. */
  evidence?: pulumi.Input<Evidence[]>;
}

/** Access to a place that a program declares, for the provider. */
export type ReleaseAccess = NonNullable<ProviderArgs["github"]>;

/** A place for releases. */
export abstract class ReleaseTarget {
  /** Name for resource names. */
  abstract readonly name: string;
  /** Host that it is on; undefined where it is a folder of this machine. */
  readonly host?: string;
  /** Access that was declared with it. */
  readonly access?: ReleaseAccess;

  /** What keeps an update from releasing here; looked at before any resource is registered. */
  findings(): Finding[] {
    return [];
  }

  /** Declares the release as a resource. */
  abstract create(
    content: ReleaseContent,
    options: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
  ): pulumi.Resource;
}

/** Arguments of {@link directoryRelease}. */
export interface DirectoryReleaseArgs extends NotesArgs {
  /** Folder that is served, relative to the project's. */
  directory: string;
  /** Folder below it, as a forge has `OWNER/NAME` in its URLs. Default: none. */
  repository?: string;
  /** Tag, from `{version}`, `{semver}` and `{tag}`. Default: `{tag}`, which is `v1.2.3`. */
  tag?: string;
  /** Title, from the same and `{name}`. Default: the tag. */
  title?: string;
  /** Whether it may be the latest one, which is the highest stable version. Default: true. */
  latest?: boolean;
  /** Whether a published file may get other content under the same tag. Default: false. */
  replaceable?: boolean;
}

/** Releases in a folder, laid out as a forge's download URLs: the embedded default, and for any static host. */
export function directoryRelease(args: DirectoryReleaseArgs): ReleaseTarget {
  return new DirectoryTarget(args);
}

class DirectoryTarget extends ReleaseTarget {
  readonly name: string;

  constructor(private readonly args: DirectoryReleaseArgs) {
    super();
    this.name = args.repository === undefined ? args.directory : `${args.directory}/${args.repository}`;
    checkNotes(args, `the release in ${this.name}`);
  }

  create(
    content: ReleaseContent,
    options: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
  ): ReleaseDirectory {
    const { tag = "{tag}", title, notes, changelog, notesTemplate, ...rest } = this.args;
    const fill = (text: string) =>
      fillTemplate(text, { ...versionValues(content.version), name: content.distribution });
    return new ReleaseDirectory(
      `${content.distribution}@${this.name}`,
      {
        ...rest,
        ...notesOf({ notes, changelog, notesTemplate }, content),
        tag: fill(tag),
        ...(title === undefined ? {} : { title: fill(title) }),
        assets: [...content.assets],
        ...(content.evidence === undefined ? {} : { evidence: content.evidence }),
      },
      options,
    );
  }
}
