/** What an {@link appProgram} declares. */
export interface AppProgram {
  /** Registry as `host[:port]`. */
  registry: string;
  version: string;
  /** Further fields of the distribution, as TypeScript, e.g. `rebuilt: "20260131",`. */
  fields?: string;
  /** Further fields of the registry, as TypeScript. */
  access?: string;
}

/**
 * A program with one small image for two platforms, which has the project's file `app.txt` in it.
 */
export function appProgram({ registry, version, fields = "", access = "" }: AppProgram): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { Distribution, ociRegistry, semverTags } from "@slipway";

const config = new pulumi.Config();
const app = new Distribution("app", {
  version: ${JSON.stringify(version)},
  registries: [ociRegistry({ host: ${JSON.stringify(registry)}, ${access} })],
  platforms: ["linux/amd64", "linux/arm64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  ${fields}
});
export const digest = app.published.apply((images) => images.app.digest);
`;
}
