import * as z from "zod";
import { parsePlatform } from "../../lib/oci/platform";
import { checked } from "../../resources/definitions/definition";

/** A list of platforms in a declaration. */
export const platforms = z
  .array(checked(parsePlatform).meta({ examples: ["linux/amd64"] }))
  .min(1, "at least one platform is expected")
  .superRefine((list, context) => {
    for (const [index, platform] of list.entries()) {
      if (list.indexOf(platform) < index) {
        context.addIssue({
          code: "custom",
          path: [index],
          message: `platform "${platform}" is listed twice`,
        });
      }
    }
  })
  .meta({
    description: "Platforms as `os/architecture[/variant]`.",
    examples: [["linux/amd64", "linux/arm64"]],
  });
