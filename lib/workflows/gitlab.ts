import { shellQuoted, shellWord } from "../text/shell-word";
import { inputVariable } from "./configuration";
import type { DeclarationFacts } from "./facts";
import { mergeRequestConfiguration, releaseConfiguration } from "./gitlab-configuration";
import type { GitlabPipeline, GitlabSettings } from "./gitlab-pipeline";
import { commentScript } from "./gitlab-comment";
import { begun, folder, lines, tagged } from "./gitlab-job";
import { keepServedJob, statusJob } from "./gitlab-status";
import { examine, installPulumi, installScanner, makeBuilder, script, selectStack, update } from "./scripts";
import { pushHelper, refreshVariables, releaseVariables, signIn } from "./gitlab-variables";
import { proposedCommit, REFRESH_BRANCH, REFRESH_TITLE, refreshLock, rebuiltLock } from "./refresh";
import { yamlText, type YamlValue } from "./yaml-text";

/** File that says what has moved. */
const basesFile = "slipway-bases.md";

/** File with the diff, which the job that comments reads. */
const diffFile = "slipway-diff.md";

/**
 * Renders a pipeline of GitLab CI/CD. What people have written, such as inputs and names of branches, comes to the shell
 * by variables alone.
 *
 * Source: GitLab, "CI/CD YAML syntax reference".
 */
export function gitlabPipeline(
  pipeline: GitlabPipeline,
  settings: GitlabSettings,
  facts: DeclarationFacts,
): string {
  const rules = releaseRules(pipeline);
  const { mergeRequests, manual, status } = pipeline;
  return yamlText({
    ...(manual !== undefined && { variables: inputsOf(manual) }),
    ...(mergeRequests.length > 0 && {
      "slipway-check": checkJob(pipeline, settings, facts),
      ...(settings.comment !== undefined && { "slipway-comment": commentJob(pipeline, settings) }),
    }),
    ...(rules.length > 0 && { "slipway-publish": publishJob(pipeline, settings, facts, rules) }),
    ...(status !== undefined && { "slipway-status": statusJob(status, settings, facts) }),
    ...(status?.history === true && { "slipway-status-keep": keepServedJob(settings) }),
    ...(pipeline.schedules.refresh && { "slipway-refresh": refreshJob(settings, facts) }),
  });
}

/** What the form of a pipeline that is started by hand asks for. */
function inputsOf(manual: NonNullable<GitlabPipeline["manual"]>): Record<string, YamlValue> {
  return Object.fromEntries(
    Object.entries(manual).map(([name, input]) => [
      inputVariable(name),
      {
        description: input.description,
        value: input.default ?? "",
        // GitLab wants the value to be one of them.
        ...(input.options !== undefined && {
          options: input.default === undefined ? ["", ...input.options] : input.options,
        }),
      },
    ]),
  );
}

function mergeRequestRules({ mergeRequests }: GitlabPipeline): YamlValue {
  const source = '$CI_PIPELINE_SOURCE == "merge_request_event"';
  return [{ if: `${source} && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME =~ ${pattern(mergeRequests)}` }];
}

function releaseRules({ branches, tags, manual, schedules }: GitlabPipeline): YamlValue[] {
  const kinds = (["nightly", "rebuild"] as const).filter((kind) => schedules[kind]);
  const started = kinds.map((kind) => `$SLIPWAY_SCHEDULE == "${kind}"`).join(" || ");
  return [
    ...(tags.length > 0 ? [`$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_TAG =~ ${pattern(tags)}`] : []),
    ...(branches.length > 0
      ? [`$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH =~ ${pattern(branches)}`]
      : []),
    ...(manual === undefined
      ? []
      : [["web", "api", "trigger"].map((source) => `$CI_PIPELINE_SOURCE == "${source}"`).join(" || ")]),
    ...(kinds.length > 0 ? [`$CI_PIPELINE_SOURCE == "schedule" && (${started})`] : []),
  ].map((condition) => ({ if: condition }));
}

/** Names and patterns as one expression; `*` stands for anything but a slash, `**` for anything. */
function pattern(globs: readonly string[]): string {
  const expressions = globs.map((glob) =>
    glob.replaceAll(/\*\*|\*|[.+?^${}()|[\]\\/]/g, (found) =>
      found === "**" ? ".*" : found === "*" ? "[^\\/]*" : `\\${found}`,
    ),
  );
  return `/^(${expressions.join("|")})$/`;
}

/** Builds and proves a merge request without a protected variable, and says what it would change. */
function checkJob(pipeline: GitlabPipeline, settings: GitlabSettings, facts: DeclarationFacts): YamlValue {
  const ran: GitlabSettings = { ...settings, state: { kind: "run" } };
  const { stack } = settings;
  return {
    ...common(settings, facts),
    stage: "test",
    rules: mergeRequestRules(pipeline),
    interruptible: true,
    cache: {
      key: { files: [inProject(settings, "package-lock.json")] },
      paths: [".npm/"],
    },
    variables: { ...docker(settings, facts), NPM_CONFIG_CACHE: "$CI_PROJECT_DIR/.npm" },
    script: [
      ...begun(settings),
      ...installed(settings, facts),
      selectStack(ran, folder),
      ...lines(mergeRequestConfiguration(settings)),
      script(
        "code=0",
        `npx --no slipway diff --stack ${shellWord(stack)} --format markdown --output "$CI_PROJECT_DIR/${diffFile}" || code=$?`,
        // What is refused is told too, with what it was.
        `if [[ -f $CI_PROJECT_DIR/${diffFile} ]]; then cat "$CI_PROJECT_DIR/${diffFile}"; fi`,
        'if [[ $code != 0 ]]; then exit "$code"; fi',
      ),
      update(ran, true),
    ],
    artifacts: { paths: [diffFile], when: "always", expose_as: "What it would change", expire_in: "4 weeks" },
  };
}

/** Keeps one comment up to date. It runs nothing of the merge request. */
function commentJob(
  pipeline: GitlabPipeline,
  { image, runnerTags, comment = "" }: GitlabSettings,
): YamlValue {
  return {
    image,
    ...tagged(runnerTags),
    stage: "test",
    rules: mergeRequestRules(pipeline),
    needs: [{ job: "slipway-check", artifacts: true }],
    interruptible: true,
    timeout: "5 minutes",
    variables: { GIT_STRATEGY: "none" },
    script: [`export NOTE_TOKEN="$${comment}"\n`, commentScript(diffFile)],
  };
}

function publishJob(
  pipeline: GitlabPipeline,
  settings: GitlabSettings,
  facts: DeclarationFacts,
  rules: readonly YamlValue[],
): YamlValue {
  const needed = releaseVariables(settings, facts);
  return {
    ...common(settings, facts),
    stage: "deploy",
    rules,
    interruptible: false,
    // Runs for one stack wait for each other, whatever has started them.
    resource_group: `slipway-${settings.stack}`,
    ...(settings.deployment !== undefined && { environment: { name: settings.deployment } }),
    ...(facts.signer?.kind === "keyless" && { id_tokens: { SIGSTORE_ID_TOKEN: { aud: "sigstore" } } }),
    variables: { ...docker(settings, facts), GIT_DEPTH: 0 },
    script: [
      ...begun(settings),
      ...lines(needed.required),
      ...checkedOut(pipeline),
      ...installed(settings, facts),
      ...lines(needed.exported),
      ...lines(signIn(settings, facts, folder)),
      ...lines(signingKey(facts)),
      selectStack(settings, folder),
      ...lines(releaseConfiguration(pipeline, settings)),
      ...rebuiltBases(pipeline, settings, facts),
      ...(settings.doctor ? [examination(settings)] : []),
      update(settings, false),
      `pulumi stack output --json --stack ${shellWord(settings.stack)}`,
    ],
  };
}

/** Takes the digests of bases anew, says what has moved, and proposes the lock where a token for that is declared. */
function refreshJob(settings: GitlabSettings, facts: DeclarationFacts): YamlValue {
  const without: DeclarationFacts = { ...facts, hasDockerfiles: false, scanner: undefined };
  const lock = facts.lock ?? "";
  const { stack, propose } = settings;
  return {
    ...common(settings, without),
    stage: "deploy",
    rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule" && $SLIPWAY_SCHEDULE == "refresh"' }],
    interruptible: false,
    script: [
      ...begun(settings),
      ...lines(refreshVariables(settings, without).required),
      ...installed(settings, without),
      ...lines(signIn(settings, without, folder)),
      selectStack({ ...settings, state: { kind: "run" } }, folder),
      refreshLock({ stack }, `$CI_PROJECT_DIR/${basesFile}`),
      `cat "$CI_PROJECT_DIR/${basesFile}"`,
      ...(propose === undefined ? [] : [proposal(lock, propose)]),
    ],
    artifacts: { paths: [basesFile, inProject(settings, lock)], expire_in: "13 weeks" },
  };
}

/** Pushes the lock to a branch of its own, by an account that no list of processes shows, and opens a merge request. */
function proposal(lock: string, variable: string): string {
  return script(
    "git checkout --quiet --detach",
    ...proposedCommit(shellWord(lock), { name: '"$GITLAB_USER_NAME"', email: '"$GITLAB_USER_EMAIL"' }),
    `git ${pushHelper(variable)} push --quiet --force \\`,
    `  -o merge_request.create -o merge_request.target="$CI_DEFAULT_BRANCH" -o merge_request.title=${shellQuoted(REFRESH_TITLE)} \\`,
    `  "$CI_SERVER_URL/$CI_PROJECT_PATH.git" HEAD:refs/heads/${REFRESH_BRANCH}`,
  );
}

function common(
  { image, runnerTags, timeoutMinutes, docker: dind }: GitlabSettings,
  { hasDockerfiles }: DeclarationFacts,
): Record<string, YamlValue> {
  return {
    image,
    ...(hasDockerfiles && dind !== undefined && { services: [{ name: dind, alias: "docker" }] }),
    ...tagged(runnerTags),
    timeout: `${timeoutMinutes} minutes`,
  };
}

/** How the client finds the daemon of the service, with certificates that both share (GitLab, "Use Docker to build"). */
function docker(
  { docker: dind }: GitlabSettings,
  { hasDockerfiles }: DeclarationFacts,
): Record<string, string> {
  if (!hasDockerfiles || dind === undefined) return {};
  return {
    DOCKER_HOST: "tcp://docker:2376",
    DOCKER_TLS_CERTDIR: "/certs",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: "/certs/client",
  };
}

/** Goes to the tag of what is built: a version that somebody has named, or the latest stable one. */
function checkedOut({ manual, schedules, tags }: GitlabPipeline): string[] {
  const asked: string[] = [];
  if (manual?.version !== undefined) {
    const isRelease = manual.environment === undefined ? "" : " && $INPUT_ENVIRONMENT != test";
    asked.push(
      `if [[ -n $INPUT_VERSION${isRelease} ]]; then git checkout --quiet --detach "refs/tags/$INPUT_VERSION"; fi`,
    );
  }
  if (schedules.rebuild) {
    const [glob = "v*"] = tags;
    const prefix = glob.replace(/\*.*$/s, "");
    asked.push(
      script(
        "if [[ $CI_PIPELINE_SOURCE == schedule && $SLIPWAY_SCHEDULE == rebuild ]]; then",
        `  LATEST=$(git tag --list --sort=-v:refname '${glob}' | sed -nE '/^${prefix}[0-9]+\\.[0-9]+\\.[0-9]+$/p' | sed -n 1p)`,
        '  git checkout --quiet --detach "${LATEST:?there is no tag of a stable version}"',
        "fi",
      ),
    );
  }
  return asked;
}

/** What is rebuilt is built on bases as they are now, whatever the lock of its commit says. */
function rebuiltBases(
  { schedules }: GitlabPipeline,
  settings: GitlabSettings,
  { lock }: DeclarationFacts,
): string[] {
  if (!schedules.rebuild || lock === undefined) return [];
  return [
    script(
      "if [[ $CI_PIPELINE_SOURCE == schedule && $SLIPWAY_SCHEDULE == rebuild ]]; then",
      indented(rebuiltLock(settings, lock, `${folder}/bases.md`)).trimEnd(),
      "fi",
    ),
  ];
}

/** The project's packages, and the tools that its declaration needs. */
function installed({ prepare }: GitlabSettings, facts: DeclarationFacts): string[] {
  const builder = makeBuilder(facts, "amd64");
  return [
    "npm ci",
    `${installPulumi(folder)}export PATH="${folder}/pulumi:$PATH"\n`,
    ...Object.values(prepare),
    ...(facts.scanner === undefined
      ? []
      : [`${installScanner(facts.scanner, `${folder}/bin`)}export PATH="${folder}/bin:$PATH"\n`]),
    ...(builder === undefined ? [] : [builder]),
  ];
}

/** A variable of the kind `File` is a path, any other one is the text. */
function signingKey({ signer }: DeclarationFacts): string | undefined {
  if (signer?.kind !== "key") return undefined;
  const file = shellWord(signer.file);
  return script(
    "umask 077",
    `if [[ -f $COSIGN_KEY ]]; then cat "$COSIGN_KEY" > ${file}; else printf '%s\\n' "$COSIGN_KEY" > ${file}; fi`,
  );
}

/** In a shell of its own, whose end the job outlives only where all is there. */
function examination(settings: GitlabSettings): string {
  return `(\n${indented(examine(settings, folder, "/dev/null"))})\n`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

function inProject({ directory }: GitlabSettings, file: string): string {
  return directory === "." ? file : `${directory}/${file}`;
}
