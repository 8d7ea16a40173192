import { shellWord } from "../text/shell-word";
import { pinned } from "./actions";
import type { Configuration } from "./configuration";
import type { DeclarationFacts } from "./facts";
import type { Login } from "./logins";
import { installPulumi, installScanner, makeBuilder, script, selectStack } from "./scripts";
import type { StateBackend, Workflow, WorkflowSettings } from "./workflow";
import type { YamlValue } from "./yaml-text";

/** Steps that several jobs have. */

export type Step = { readonly [key: string]: YamlValue | undefined };

/** Folder of a job that is gone with it. */
export const folder = "$RUNNER_TEMP";

/** What was tagged by hand is built as it was tagged; a test may be of what has no tag yet. */
export function checkedOut({ manual }: Workflow): string | undefined {
  if (manual?.version === undefined) return undefined;
  const isRelease = manual.environment === undefined ? "" : "inputs.environment != 'test' && ";
  return `\${{ ${isRelease}inputs.version != '' && format('refs/tags/{0}', inputs.version) || github.sha }}`;
}

/** Shell and folder of the steps of a workflow. */
export function stepDefaults({ directory }: Pick<WorkflowSettings, "directory">): YamlValue {
  return { run: { shell: "bash", ...(directory !== "." && { "working-directory": directory }) } };
}

export function checkout(more: Readonly<Record<string, string | number | undefined>>): Step {
  return {
    uses: pinned("actions/checkout"),
    with: { ...more, "persist-credentials": false },
  };
}

/** Goes to the tag of the latest stable version, where a schedule asks for it to be built again. */
export function latestStep({ schedules, tags }: Workflow): Step {
  const pattern = tags[0] ?? "v*";
  const prefix = pattern.replace(/\*.*$/s, "");
  return {
    name: "Latest release",
    id: "latest",
    if: `github.event.schedule == '${schedules.rebuild ?? ""}'`,
    run: script(
      `version=$(git tag --list --sort=-v:refname '${pattern}' | sed -nE '/^${prefix}[0-9]+\\.[0-9]+\\.[0-9]+$/p' | sed -n 1p)`,
      `git checkout --quiet --detach "\${version:?there is no tag of a stable version}"`,
      'echo "version=$version" >> "$GITHUB_OUTPUT"',
    ),
  };
}

/** Node, with what others can write to a cache left out. */
export function nodeStep(cache: Readonly<Record<string, string | boolean>> = noCache): Step {
  return { uses: pinned("actions/setup-node"), with: { "node-version": 24, ...cache } };
}

const noCache = { "package-manager-cache": false };

/** Node, the project's packages, and the tools that its declaration needs. */
export function installed(
  { directory, prepare, runsOn }: WorkflowSettings,
  facts: DeclarationFacts,
  { isCached, builderIf }: { isCached: boolean; builderIf?: string },
): Step[] {
  const lockFile = directory === "." ? "package-lock.json" : `${directory}/package-lock.json`;
  const builder = makeBuilder(facts, /arm/i.test(runsOn) ? "arm64" : "amd64");
  return [
    // What others can write to a cache is no part of a release: none where one is made from the same file.
    nodeStep(isCached ? { cache: "npm", "cache-dependency-path": lockFile } : noCache),
    ...(isCached
      ? [
          {
            uses: pinned("actions/cache"),
            with: {
              path: "~/.cache/slipway",
              key: `slipway-\${{ runner.os }}-\${{ runner.arch }}-\${{ hashFiles('${lockFile}') }}`,
            },
          },
        ]
      : []),
    { name: "Install packages", run: "npm ci" },
    {
      name: "Install Pulumi",
      run: `${installPulumi(folder)}echo "${folder}/pulumi" >> "$GITHUB_PATH"\n`,
    },
    ...Object.entries(prepare).map(([name, run]) => ({ name, run })),
    ...(facts.scanner === undefined
      ? []
      : [
          {
            name: "Install the scanner",
            run: `${installScanner(facts.scanner, `${folder}/bin`)}echo "${folder}/bin" >> "$GITHUB_PATH"\n`,
          },
        ]),
    ...(builder === undefined ? [] : [{ name: "Make the builder", if: builderIf, run: builder }]),
  ];
}

export function loginStep(logins: readonly Login[]): Step[] {
  if (logins.length === 0) return [];
  const accounts = logins.map(({ host, secrets }) => {
    if (secrets === undefined) {
      return {
        host,
        user: "GITHUB_ACTOR",
        token: "PACKAGES_TOKEN",
        env: { PACKAGES_TOKEN: "${{ github.token }}" },
      };
    }
    const { username, password } = secrets;
    return { host, user: username, token: password, env: secretEnvironment([username, password]) };
  });
  return [
    {
      name: "Sign in to registries",
      env: Object.assign({}, ...accounts.map(({ env }) => env)) as Record<string, string>,
      run: script(
        ...accounts.map(
          ({ host, user, token }) =>
            `printf '%s' "$${token}" | docker login ${host} --username "$${user}" --password-stdin`,
        ),
      ),
    },
  ];
}

/** The private key, which is encrypted, for the time of the job. */
export function keyStep({ signer }: DeclarationFacts): Step[] {
  if (signer?.kind !== "key") return [];
  return [
    {
      name: "Signing key",
      env: secretEnvironment(["COSIGN_KEY"]),
      run: script("umask 077", `printf '%s\\n' "$COSIGN_KEY" > ${shellWord(signer.file)}`),
    },
  ];
}

export function stateStep(settings: WorkflowSettings): Step[] {
  const { state } = settings;
  const select = selectStack(settings, folder);
  if (state.kind === "run") {
    const kept = `echo "PULUMI_CONFIG_PASSPHRASE_FILE=${folder}/passphrase" >> "$GITHUB_ENV"\n`;
    return [{ name: "State of this run", run: select + kept }];
  }
  return [{ name: "Select the stack", env: stateEnvironment(state), run: select }];
}

/** What reaches the state, for each step that does. */
export function stateEnvironment(state: StateBackend): Record<string, string> {
  if (state.kind === "cloud") return secretEnvironment(["PULUMI_ACCESS_TOKEN"]);
  if (state.kind === "run") return {};
  return {
    ...expressions(state.env),
    PULUMI_CONFIG_PASSPHRASE: `\${{ secrets.${state.passphrase} }}`,
  };
}

export function configurationStep(
  name: string,
  configuration: Configuration | undefined,
  state: StateBackend = { kind: "run" },
): Step[] {
  if (configuration === undefined) return [];
  const { env, run } = configuration;
  return [{ name, ...withEnvironment({ ...env, ...stateEnvironment(state) }), run }];
}

export function withEnvironment(env: Readonly<Record<string, string>>): Step {
  return Object.keys(env).length > 0 ? { env } : {};
}

export function secretEnvironment(names: readonly string[]): Record<string, string> {
  return expressions(Object.fromEntries(names.map((name) => [name, name])));
}

/** Variables by the secret that each is read from. */
export function expressions(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [name, `\${{ secrets.${secret} }}`]),
  );
}
