import * as z from "zod";
import { markdownText } from "../../lib/text/markdown";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import type { InstallWay } from "../declaration/install-way";
import { markdownTable } from "../../lib/text/markdown-table";
import type { Section } from "./section";

/** Arguments of {@link installSection}. */
export interface InstallSectionArgs {
  /** Level of its headings. Default: 3, for a section below `## Install`. */
  level?: number;
  /** Images that it pulls. Default: all. */
  images?: string[];
  /** What of it: images, what installs packages (installers, channels and charts), archives. Default: all of them. */
  parts?: readonly ("images" | "packages" | "downloads")[];
}

const sectionArguments = z.strictObject({
  level: z.int().min(1).max(6).optional(),
  images: z
    .array(z.string().min(1))
    .meta({ examples: [["hello"]] })
    .optional(),
  parts: z
    .array(z.enum(["images", "packages", "downloads"]))
    .min(1)
    .optional(),
});

/**
 * How the release is installed, in Markdown: images first, then installers, each channel that users reach by an address, charts, and
 * the archives for download. What the distribution does not have is not in it.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function installSection(args: InstallSectionArgs = {}): Section {
  checkArguments("installSection()", sectionArguments, args);
  return {
    findings: ({ images }: DocumentRelease) => unknownImages("images", args.images, images),
    text: (facts: DocumentFacts) => installText(args, facts),
  };
}

/** Returns names of images that there are not. */
export function unknownImages(
  property: string,
  wanted: readonly string[] | undefined,
  images: DocumentRelease["images"],
): Finding[] {
  return (wanted ?? []).flatMap((name, index): Finding[] =>
    name in images
      ? []
      : [
          {
            property: `${property}[${index}]`,
            reason: `there is no image ${JSON.stringify(name)}; declared are ${Object.keys(images).join(", ")}`,
          },
        ],
  );
}

function installText(
  { level = 3, images: wanted, parts }: InstallSectionArgs,
  release: DocumentRelease,
): string {
  const has = (part: "images" | "packages" | "downloads") => parts?.includes(part) ?? true;
  const heading = (text: string) => `${"#".repeat(level)} ${text}`;
  const pulls = (wanted ?? Object.keys(release.images)).flatMap((name) => {
    const { repositories, tag } = release.images[name] ?? { repositories: [] };
    return repositories[0] === undefined || tag === undefined
      ? []
      : [`docker pull ${repositories[0]}:${tag}`];
  });
  const docker: InstallWay[] =
    pulls.length === 0 || !has("images") ? [] : [{ with: "Docker", commands: pulls }];
  const ways = [...docker, ...(has("packages") ? release.installWays : [])].map(
    ({ with: tool, on, shell = "sh", commands }) =>
      [heading(on === undefined ? tool : `${tool} (${on})`), "", `\`\`\`${shell}`, ...commands, "```"].join(
        "\n",
      ),
  );
  const files = has("downloads") ? Object.values(release.archives).flat() : [];
  const downloads = [
    heading("Download"),
    "",
    markdownTable(
      ["Platform", "File"],
      files.map(({ platform, name, url }) => [
        platform,
        url === "" ? `\`${name}\`` : `[${markdownText(name)}](${url})`,
      ]),
    ),
  ].join("\n");
  return [...ways, ...(files.length === 0 ? [] : [downloads])].join("\n\n");
}
