import { parsePlatform } from "../oci/platform";
import { shellWord } from "../text/shell-word";
import { pinned } from "./actions";
import { releaseConfiguration } from "./configuration";
import type { DeclarationFacts } from "./facts";
import { loginsOf, writesPackages } from "./logins";
import { notRefreshing, rebuiltLockStep } from "./refresh";
import {
  checkedOut,
  checkout,
  configurationStep,
  expressions,
  folder,
  installed,
  latestStep,
  loginStep,
  stateEnvironment,
  stateStep,
  withEnvironment,
  type Step,
} from "./steps";
import type { Workflow, WorkflowSettings } from "./workflow";
import type { YamlValue } from "./yaml-text";

/** Runners of GitHub for Linux, by operating system and architecture. */
const usualRunners: Readonly<Record<string, string>> = {
  "linux/amd64": "ubuntu-24.04",
  "linux/arm64": "ubuntu-24.04-arm",
};

/** Folder of the files that say what the jobs of the platforms have pushed. */
export const PARTS_FOLDER = "${{ runner.temp }}/parts";

/** Runner that builds natively for a platform; undefined where none is known. */
export function runnerFor(platform: string, declared: Readonly<Record<string, string>>): string | undefined {
  const { os, architecture } = parsePlatform(platform);
  return declared[platform] ?? usualRunners[`${os}/${architecture}`];
}

/** Input of a start by hand that makes it a test; undefined where there is none. */
export function testInput({ manual = {} }: Workflow): string | undefined {
  return Object.entries(manual).find(([, { key }]) => key === "environment")?.[0];
}

/**
 * The job that builds for one platform on a runner of its kind, once for each, and pushes by digest. It has no right but
 * to that, no key and no token of a release.
 */
export function splitJob(workflow: Workflow, settings: WorkflowSettings, facts: DeclarationFacts): YamlValue {
  const { stack, runners, deployment } = settings;
  const logins = loginsOf({ ...facts, registries: facts.registries.slice(0, 1) }, settings);
  const isRebuilt = workflow.schedules.rebuild !== undefined;
  const test = testInput(workflow);
  const conditions = [
    ...(workflow.pullRequests.length > 0 ? ["github.event_name != 'pull_request'"] : []),
    ...notRefreshing(workflow),
    // A test publishes nothing, and builds all platforms where it runs.
    ...(test === undefined ? [] : [`inputs.${test} != 'test'`]),
  ];
  return {
    ...(conditions.length > 0 && { if: conditions.join(" && ") }),
    strategy: {
      matrix: {
        include: (facts.split ?? []).map((platform) => ({
          platform,
          part: platform.replaceAll("/", "-"),
          runner: runnerFor(platform, runners) ?? "",
        })),
      },
    },
    "runs-on": "${{ matrix.runner }}",
    "timeout-minutes": settings.timeoutMinutes,
    ...(deployment !== undefined && { environment: deployment }),
    permissions: { contents: "read", ...(writesPackages(logins) && { packages: "write" }) },
    steps: [
      checkout({ ref: checkedOut(workflow), ...(isRebuilt && { "fetch-depth": 0 }) }),
      ...(isRebuilt ? [latestStep(workflow)] : []),
      // Each runner builds for its own kind: nothing is emulated.
      ...installed(settings, { ...facts, architectures: [], scanner: undefined }, { isCached: false }),
      ...loginStep(logins),
      ...stateStep(settings),
      ...configurationStep("What is built", releaseConfiguration(workflow, settings), settings.state),
      ...rebuiltLockStep(workflow, settings, facts, withEnvironment(stateEnvironment(settings.state))),
      {
        name: "Build",
        env: {
          ...expressions(settings.env),
          ...stateEnvironment(settings.state),
          PLATFORM: "${{ matrix.platform }}",
          PART: "${{ matrix.part }}",
        },
        run: `npx --no slipway build --stack ${shellWord(stack)} --platform "$PLATFORM" --output "${folder}/parts/$PART.json"`,
      },
      {
        uses: pinned("actions/upload-artifact"),
        with: {
          name: "part-${{ matrix.part }}",
          path: `${PARTS_FOLDER}/\${{ matrix.part }}.json`,
          "if-no-files-found": "error",
          overwrite: true,
        },
      },
    ],
  };
}

/** Brings what these jobs say. */
export function partsStep(workflow: Workflow): Step {
  return {
    ...(testInput(workflow) !== undefined && { if: "needs.build.result == 'success'" }),
    uses: pinned("actions/download-artifact"),
    with: { pattern: "part-*", path: PARTS_FOLDER, "merge-multiple": true },
  };
}
