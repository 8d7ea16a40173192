import * as pulumi from "@pulumi/pulumi";
import { failingLines, type FailureLine } from "../lib/dockerfile/failing-lines";
import type { BuildContext } from "../resources";

/**
 * Says which line of the Dockerfile a failed build is about, beside the context that was built. The
 * official provider passes on the builder's error without it.
 *
 * @param name of the hook, unique in the program
 */
export function lineOfFailure(
  name: string,
  dockerfile: string,
  context: BuildContext,
): Pick<pulumi.ResourceOptions, "hooks"> {
  // Pulumi's mocks know no hooks, and a registration would wait for ever.
  if (typeof pulumi.runtime.getMonitor()?.registerErrorHook !== "function") return {};
  const hook = new pulumi.ErrorHook(`slipway:line-of-failure:${name}`, async ({ name: build, errors }) => {
    const known = await valueOf(context.failureLines);
    const found = failingLines(known ?? [], errors[0] ?? "");
    const [first] = found;
    if (first) {
      const lines = [...new Set(found.map(({ line }) => line))].join(" or ");
      await pulumi.log.error(`${build}: ${dockerfile}, line ${lines}, failed: ${first.instruction}`, context);
    }
    // What has failed will fail again.
    return false;
  });
  return { hooks: { onError: [hook] } };
}

/**
 * The lines are known before a build starts, for it is given the context; a state of an older
 * version has none.
 */
function valueOf(lines: pulumi.Output<FailureLine[]>): Promise<readonly FailureLine[] | undefined> {
  return new Promise((resolve) => void lines.apply(resolve));
}
