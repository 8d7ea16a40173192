import { constants } from "node:os";
import { partsText, PartFileError, recordedParts } from "../../lib/buildkit/build-part";
import { previewOrUp } from "../../lib/display/preview-or-up";
import type { RunCli } from "../../lib/display/shown-run";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { SetupError } from "../../lib/machine/setup-error";
import { parsePlatform } from "../../lib/oci/platform";
import { ofProject, UsageError, type Command } from "../command";
import { projectFolder } from "../project-folder";
import { ThrowAwayStack } from "../throw-away-stack";

/** What a run for one platform makes: what a program declares beside its distributions is not its. */
const targets = ["**slipway:components:Distribution**", "**pulumi:providers:**"];

/** `npx slipway build`. @param run runs the Pulumi CLI */
export const buildCommand = (run: RunCli): Command => ({
  summary: "Builds the images with a Dockerfile for one platform, for the run that joins the platforms",
  details:
    "They are pushed by digest, and nothing points to them. It is for distributions with `split`; state and lock of the\n" +
    "stack are left alone. The run that publishes takes the files: SLIPWAY_PARTS=parts pulumi up",
  options: {
    ...ofProject,
    stack: {
      type: "string",
      short: "s",
      value: "STACK",
      help: "Stack whose configuration counts. Default: the selected one.",
    },
    platform: { type: "string", value: "PLATFORM", help: "Platform, e.g. linux/arm64." },
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "File that says what was pushed, e.g. parts/arm64.json.",
    },
  },
  async run({ cwd, stack, platform, output }) {
    if (typeof platform !== "string")
      throw new UsageError("--platform is missing, e.g. --platform linux/arm64");
    if (typeof output !== "string")
      throw new UsageError("--output is missing, e.g. --output parts/arm64.json");
    try {
      parsePlatform(platform);
    } catch (error) {
      throw new UsageError(`--platform: ${(error as Error).message}`);
    }
    const throwAway = await ThrowAwayStack.of(
      run,
      projectFolder(cwd),
      typeof stack === "string" ? stack : undefined,
    );
    try {
      const { code, signal } = await previewOrUp(
        (args, options) =>
          throwAway.run(args, { ...options, env: { ...options.env, SLIPWAY_SPLIT_PLATFORM: platform } }),
        [
          ...["up", "--yes", "--skip-preview", "--suppress-outputs", ...throwAway.options],
          ...targets.flatMap((target) => ["--target", target]),
        ],
      );
      if (code !== 0) return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      const parts = recordedParts(await throwAway.resources());
      if (parts.length === 0) {
        throw new SetupError(
          `No image is built from a Dockerfile for ${platform} by a run of its own.`,
          "Declare it: split: true, and the platform in platforms.",
        );
      }
      await writeFileAtomically(output, partsText(parts));
      console.log(`${output} has ${parts.map(({ image }) => image).join(", ")} for ${platform}.`);
      return 0;
    } catch (error) {
      if (!(error instanceof PartFileError)) throw error;
      console.error(`slipway build: ${error.message}`);
      return 1;
    } finally {
      throwAway.remove();
    }
  },
});
