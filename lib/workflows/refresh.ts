import { shellQuoted, shellWord } from "../text/shell-word";
import { pinned } from "./actions";
import type { DeclarationFacts } from "./facts";
import { loginsOf, writesPackages } from "./logins";
import { script } from "./scripts";
import { checkout, folder, installed, loginStep, stateStep, type Step } from "./steps";
import type { Workflow, WorkflowSettings } from "./workflow";
import type { YamlValue } from "./yaml-text";

/** Branch that a renewed lock is proposed from. */
export const REFRESH_BRANCH = "slipway/refresh";

/** Message of its commit, and title of what proposes it. */
export const REFRESH_TITLE = "Take the bases that there are now";

/** Folder of what the job that proposes is given. */
const handed = "${{ runner.temp }}/refresh";

/** Takes the digests of the lock anew, and says what has moved. */
export function refreshLock({ stack }: Pick<WorkflowSettings, "stack">, output: string): string {
  return `npx --no slipway refresh --stack ${shellWord(stack)} --format markdown --output "${output}"`;
}

/** Takes them anew for a rebuild, which is of the same commit all the same: the lock is none of what makes it another one. */
export function rebuiltLock(settings: Pick<WorkflowSettings, "stack">, lock: string, output: string): string {
  const file = shellWord(lock);
  return script(
    // A version from before there was a lock takes them anyway.
    `if [[ -f ${file} ]]; then`,
    `  ${refreshLock(settings, output)}`,
    `  cat "${output}"`,
    `  git ls-files -z ${file} | git update-index --skip-worktree -z --stdin`,
    "fi",
  );
}

/** The step of a rebuild for that; none where nothing is locked. */
export function rebuiltLockStep(
  { schedules }: Workflow,
  settings: WorkflowSettings,
  { lock }: DeclarationFacts,
  env: Step,
): Step[] {
  if (lock === undefined || schedules.rebuild === undefined) return [];
  return [
    {
      name: "Bases as they are now",
      if: `github.event.schedule == ${shellQuoted(schedules.rebuild)}`,
      ...env,
      run: rebuiltLock(settings, lock, `${folder}/bases.md`),
    },
  ];
}

/** Condition of the jobs that are not for the refresh of bases; none where no schedule asks for it. */
export function notRefreshing({ schedules }: Workflow): string[] {
  return schedules.refresh === undefined
    ? []
    : [`github.event.schedule != ${shellQuoted(schedules.refresh)}`];
}

/**
 * Takes the digests of bases anew and says what has moved; another job proposes the lock. It can pull what is private, and
 * write nothing.
 */
export function refreshJob(
  workflow: Workflow,
  settings: WorkflowSettings,
  facts: DeclarationFacts,
): YamlValue {
  const { refresh = "" } = workflow.schedules;
  const lock = facts.lock ?? "";
  const logins = loginsOf(facts, settings);
  return {
    if: `github.event.schedule == ${shellQuoted(refresh)}`,
    "runs-on": settings.runsOn,
    "timeout-minutes": settings.timeoutMinutes,
    permissions: { contents: "read", ...(writesPackages(logins) && { packages: "read" }) },
    steps: [
      checkout({}),
      ...installed(settings, { ...facts, hasDockerfiles: false, scanner: undefined }, { isCached: false }),
      ...loginStep(logins),
      ...stateStep({ ...settings, state: { kind: "run" } }),
      {
        name: "Take the bases that there are now",
        run: script(
          `mkdir -p "${folder}/refresh"`,
          refreshLock(settings, `${folder}/refresh/bases.md`),
          `tee -a "$GITHUB_STEP_SUMMARY" < "${folder}/refresh/bases.md"`,
          `cp ${shellWord(lock)} "${folder}/refresh/lock.json"`,
        ),
      },
      {
        uses: pinned("actions/upload-artifact"),
        with: { name: "refresh", path: handed, "if-no-files-found": "error" },
      },
    ],
  };
}

/** Proposes the lock as a pull request, one at a time. It has a right to write, so it runs nothing of the project. */
export function proposeJob({ schedules }: Workflow, facts: DeclarationFacts): YamlValue {
  const lock = shellWord(facts.lock ?? "");
  return {
    needs: "refresh",
    "runs-on": "ubuntu-24.04",
    "timeout-minutes": 5,
    permissions: { contents: "write", "pull-requests": "write" },
    concurrency: { group: `refresh ${schedules.refresh}`, "cancel-in-progress": false },
    steps: [
      checkout({}),
      { uses: pinned("actions/download-artifact"), with: { name: "refresh", path: handed } },
      {
        name: "Propose the lock",
        env: { GH_TOKEN: "${{ github.token }}" },
        run: script(
          `cp "${folder}/refresh/lock.json" ${lock}`,
          ...proposedCommit(lock, actionsBot),
          "gh auth setup-git",
          `git push --quiet --force origin HEAD:refs/heads/${REFRESH_BRANCH}`,
          `if [[ $(gh pr list --head ${REFRESH_BRANCH} --state open --json number --jq length) == 0 ]]; then`,
          `  gh pr create --head ${REFRESH_BRANCH} --base "$GITHUB_REF_NAME" --title ${shellQuoted(REFRESH_TITLE)} --body-file "${folder}/refresh/bases.md"`,
          "else",
          `  gh pr edit ${REFRESH_BRANCH} --body-file "${folder}/refresh/bases.md"`,
          "fi",
        ),
      },
    ],
  };
}

/** Whose commits GitHub shows as those of its workflows. */
export const actionsBot = {
  name: "'github-actions[bot]'",
  email: "'41898282+github-actions[bot]@users.noreply.github.com'",
};

/**
 * Commits the lock on top of what is checked out; ends the job well where it is as it was.
 *
 * @param lock file, and name and email of the author, as words of the shell
 */
export function proposedCommit(
  lock: string,
  author: { readonly name: string; readonly email: string },
): string[] {
  return [
    `git add -- ${lock}`,
    "if git diff --cached --quiet; then exit 0; fi",
    `git -c user.name=${author.name} -c user.email=${author.email} commit --quiet --message ${shellQuoted(REFRESH_TITLE)}`,
  ];
}
