import * as z from "zod";
import { parsePlatform } from "../../lib/oci/platform";
import { isSameTarget, parseTarget } from "../../lib/target/target";
import { checked } from "../../resources/definitions/definition";

/** A list of platforms of images in a declaration. */
export const platforms = listOf(
  parsePlatform,
  (one, other) => one === other,
  "Platforms as `os/architecture[/variant]`.",
);

/** A list of what programs are for: more than there are images for. */
export const targets = listOf(
  parseTarget,
  isSameTarget,
  "Platforms as `GOOS/GOARCH[/variant]`, or as Rust triples or Zig targets.",
);

function listOf(parse: (text: string) => unknown, isSame: typeof isSameTarget, description: string) {
  return z
    .array(checked(parse).meta({ examples: ["linux/amd64"] }))
    .min(1, "at least one platform is expected")
    .superRefine((list, context) => {
      for (const [index, platform] of list.entries()) {
        const earlier = list.slice(0, index).find((other) => isSame(other, platform));
        if (earlier === undefined) continue;
        const twice = earlier === platform ? "is listed twice" : `is "${earlier}" too`;
        context.addIssue({ code: "custom", path: [index], message: `platform "${platform}" ${twice}` });
      }
    })
    .meta({ description, examples: [["linux/amd64", "linux/arm64"]] });
}
