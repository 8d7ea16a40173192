import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";

import { portOf } from "../lib/embedded/address";

/** The example that makes base images for development. */
export const BASES = "bases";

/** Images of `examples/bases` that a stack's configuration names, as `bases/NAME:TAG`. */
export function namedBases(projectDirectory: string, stack: string): string[] {
  const file = join(projectDirectory, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").replaceAll(/^\s*#.*$/gm, "");
  return [
    ...new Set([...lines.matchAll(/[\s"']bases\/([\w.-]+:[\w.-]+)/g)].map(([, image]) => `bases/${image}`)),
  ];
}

/** Returns which of the images the registry does not have. */
export async function missingImages(host: string, images: readonly string[]): Promise<string[]> {
  const present = await Promise.all(images.map((image) => hasImage(host, image)));
  return images.filter((_, index) => present[index] !== true);
}

function hasImage(host: string, image: string): Promise<boolean> {
  const [repository, tag] = image.split(":");
  const path = `/v2/${repository}/manifests/${tag}`;
  const headers = { accept: "application/vnd.oci.image.index.v1+json" };
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: portOf(host), path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once("error", reject);
  });
}
