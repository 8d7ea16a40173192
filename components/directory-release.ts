import * as z from "zod";
import { releaseFolders, releasesFolder } from "../lib/release/layout";
import { checkBaseUrl, urlBelow } from "../lib/text/url-below";
import { ReleaseDirectory, type ReleasePlace } from "../resources";
import { checked } from "../resources/definitions/definition";
import { renamedFields } from "../resources/definitions/renamed-fields";
import { checkArguments } from "./declaration/call-arguments";
import type { ReleaseContent, ReleaseOptions, ReleaseTarget } from "./declaration/release-target";
import { checkNotes, notesArguments, notesOf, type NotesArgs } from "./release-notes";
import { fillTemplate, versionValues } from "./declaration/templates";

/** Arguments of {@link directoryRelease}. */
export interface DirectoryReleaseArgs extends NotesArgs {
  /** Folder that is served, relative to the project's. */
  directory: string;
  /** Name below it, as a forge has `OWNER/NAME` in its URLs. Default: none. */
  name?: string;
  /** Address that the folder is served under, which channels hand on. Default: none is known. */
  baseUrl?: string;
  /** Tag, from `{version}`, `{semver}` and `{tag}`. Default: `{tag}`, which is `v1.2.3`. */
  tag?: string;
  /** Title, from the same and `{name}`. Default: the tag. */
  title?: string;
  /** Whether it may be the latest one, which is the highest stable version. Default: true. */
  latest?: boolean;
  /** Whether a published file may get other content under the same tag. Default: false. */
  replaceable?: boolean;
}

const directoryArguments = z.strictObject({
  ...notesArguments,
  directory: z
    .string()
    .min(1, "a folder is expected")
    .meta({ examples: [".slipway/releases"] }),
  name: z
    .string()
    .meta({ examples: ["acme/hello"] })
    .optional(),
  baseUrl: checked(checkBaseUrl)
    .meta({ examples: ["https://downloads.example.com"] })
    .optional(),
  tag: z
    .string()
    .min(1)
    .meta({ examples: ["cli/{tag}"] })
    .optional(),
  title: z
    .string()
    .meta({ examples: ["Hello {tag}"] })
    .optional(),
  latest: z.boolean().optional(),
  replaceable: z.boolean().optional(),
});

renamedFields(directoryArguments, { repository: "name" });

/**
 * Releases in a folder, laid out as a forge's download URLs: the embedded default, and for any
 * static host.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function directoryRelease(args: DirectoryReleaseArgs): ReleaseTarget {
  checkArguments("directoryRelease()", directoryArguments, args);
  return new DirectoryTarget(args);
}

class DirectoryTarget implements ReleaseTarget {
  readonly name: string;

  constructor(private readonly args: DirectoryReleaseArgs) {
    this.name = args.name === undefined ? args.directory : `${args.directory}/${args.name}`;
    checkNotes(args, `the release in ${this.name}`);
  }

  placeOf(released: { distribution: string; version: string }): ReleasePlace {
    return { directory: this.name, tag: this.tagOf(released) };
  }

  downloadUrl(released: { distribution: string; version: string }, fileName: string): string | undefined {
    const { baseUrl, name } = this.args;
    if (baseUrl === undefined) return undefined;
    const folders = [...(name === undefined ? [] : [name]), releasesFolder, releaseFolders.files];
    return urlBelow(baseUrl, [...folders, this.tagOf(released), fileName]);
  }

  create(content: ReleaseContent, options: ReleaseOptions): ReleaseDirectory {
    const { tag: _tag, baseUrl: _baseUrl, title, notes, changelog, notesTemplate, ...rest } = this.args;
    const fill = (text: string) =>
      fillTemplate(text, { ...versionValues(content.version), name: content.distribution });
    return new ReleaseDirectory(
      `${content.distribution}@${this.name}`,
      {
        ...rest,
        ...notesOf({ notes, changelog, notesTemplate }, content),
        tag: this.tagOf(content),
        title: title === undefined ? undefined : fill(title),
        assets: [...content.assets],
        evidence: content.evidence,
      },
      options,
    );
  }

  private tagOf({ distribution, version }: { distribution: string; version: string }): string {
    return fillTemplate(this.args.tag ?? "{tag}", { ...versionValues(version), name: distribution });
  }
}
