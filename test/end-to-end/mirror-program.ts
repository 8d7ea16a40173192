/** What a {@link mirrorProgram} declares. */
export interface MirrorProgram {
  version: string;
  /** Names of the images; each has a file of its own content in it. */
  images: readonly string[];
  /** The first registry and its mirrors, as TypeScript. */
  registries: readonly string[];
}

/** A registry without access of its own, as TypeScript. */
export function registryAt(host: string, access = ""): string {
  return `ociRegistry({ host: ${JSON.stringify(host)}, ${access} })`;
}

/**
 * A program with small images for two platforms, published to one registry and mirrored to others.
 */
export function mirrorProgram({ version, images, registries }: MirrorProgram): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { Distribution, imageFolder, ociRegistry } from "@slipway";

const config = new pulumi.Config();
const images = ${JSON.stringify(images)};
new Distribution("apps", {
  version: ${JSON.stringify(version)},
  registries: [
    ${registries.join(",\n    ")},
  ],
  platforms: ["linux/amd64", "linux/arm64"],
  images: Object.fromEntries(
    images.map((name) => [
      name,
      {
        files: [
          { to: "/name", content: name },
          { to: "/app.txt", source: "app.txt" },
          { to: "/platform", source: "{arch}.txt" },
        ],
      },
    ]),
  ),
});
`;
}

/** The files that the program takes into its images. */
export const mirrorFiles = { "app.txt": "one\n", "amd64.txt": "amd64\n", "arm64.txt": "arm64\n" };

/** The tags that each image gets. */
export const mirrorTags = ["latest", "v1", "v1.0", "v1.0.0"];
