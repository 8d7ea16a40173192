import type { DeclarationFacts } from "./facts";
import type { GitlabSettings } from "./gitlab-pipeline";
import { loginsOf, type Login } from "./logins";
import { script } from "./scripts";

/** GitLab's own registry, and the account that each job has there for its own project. */
const ownRegistry = "registry.gitlab.com";
const ownAccount = { username: "CI_REGISTRY_USER", password: "CI_REGISTRY_PASSWORD" };

/** Who signs in where, each by variables. */
export function gitlabLogins(settings: GitlabSettings, facts: DeclarationFacts): Login[] {
  const { project, logins } = settings;
  const own = facts.registries.filter(({ host, isSignedIn }) => host === ownRegistry && !isSignedIn);
  const isOwn =
    project !== undefined &&
    own.every(({ namespace }) => namespace === project || namespace.startsWith(`${project}/`));
  // Nobody but GitHub gives a token for packages there.
  return loginsOf(facts, {
    repository: "",
    logins: { ...(isOwn && { [ownRegistry]: ownAccount }), ...logins },
  });
}

/** What a job takes from variables of the project. */
export interface NeededVariables {
  /** Ends the job where one is not set, before anything else; undefined where none is needed. */
  readonly required: string | undefined;
  /** Gives them the names that programs know; undefined where they have them. */
  readonly exported: string | undefined;
}

/** The variables that reach the state. */
export function stateVariables({ state }: Pick<GitlabSettings, "state">): NeededVariables {
  return needed(stateNames(state), state.kind === "cloud" ? ["PULUMI_ACCESS_TOKEN"] : []);
}

/** The variables that a release needs. */
export function releaseVariables(settings: GitlabSettings, facts: DeclarationFacts): NeededVariables {
  const { state, secrets, env } = settings;
  const logins = gitlabLogins(settings, facts).flatMap(({ secrets: account }) =>
    account === undefined ? [] : [account.username, account.password],
  );
  const isReleased = facts.releases.some(({ isSignedIn }) => !isSignedIn);
  return needed({ ...(isReleased && { GITHUB_TOKEN: "RELEASE_TOKEN" }), ...env, ...stateNames(state) }, [
    ...(state.kind === "cloud" ? ["PULUMI_ACCESS_TOKEN"] : []),
    ...Object.values(secrets),
    ...logins,
    ...(facts.signer?.kind === "key" ? ["COSIGN_KEY", "COSIGN_PASSWORD"] : []),
  ]);
}

/** The variables that a refresh of bases pulls with, and proposes by. */
export function refreshVariables(settings: GitlabSettings, facts: DeclarationFacts): NeededVariables {
  const { propose } = settings;
  const logins = gitlabLogins(settings, facts).flatMap(({ secrets: account }) =>
    account === undefined ? [] : [account.username, account.password],
  );
  return needed({}, [...logins, ...(propose === undefined ? [] : [propose])]);
}

/** The variable that a branch is pushed by. */
export function pushVariables({ propose }: Pick<GitlabSettings, "propose">): NeededVariables {
  return needed({}, propose === undefined ? [] : [propose]);
}

/** Options of git with the account of a variable, which no list of processes shows. */
export function pushHelper(variable: string): string {
  const helper = `!f() { echo username=slipway; echo \\"password=\\$${variable}\\"; }; f`;
  return `-c credential.helper= -c credential.helper="${helper}"`;
}

/** Variables that programs know, by those of the project. */
function stateNames(state: GitlabSettings["state"]): Record<string, string> {
  return state.kind === "address" ? { ...state.env, PULUMI_CONFIG_PASSPHRASE: state.passphrase } : {};
}

/** @param renamed variables of the project by the names that programs know; @param others those that have them */
function needed(renamed: Readonly<Record<string, string>>, others: readonly string[]): NeededVariables {
  const names = [...Object.values(renamed), ...others].filter((name) => !name.startsWith("CI_"));
  const exported = Object.entries(renamed).filter(([name, variable]) => name !== variable);
  const missing =
    "is not set: it is a protected variable of the project, and this ref has to be protected too";
  return {
    required:
      names.length === 0
        ? undefined
        : script(...[...new Set(names)].sort().map((name) => `: "\${${name}:?${missing}}"`)),
    exported:
      exported.length === 0
        ? undefined
        : script(...exported.map(([name, variable]) => `export ${name}="$${variable}"`)),
  };
}

/** Hosts as Docker's configuration names them. */
const configured: Readonly<Record<string, string>> = { "docker.io": "https://index.docker.io/v1/" };

/**
 * Writes the accounts of registries where Docker's clients, and Slipway, look for them. No client of Docker has to be
 * there, and no list of processes shows a token.
 *
 * @param folder of the job, as a word of the shell
 */
export function signIn(
  settings: GitlabSettings,
  facts: DeclarationFacts,
  folder: string,
): string | undefined {
  const logins = gitlabLogins(settings, facts);
  if (logins.length === 0) return undefined;
  const accounts = logins.map(({ host, secrets }) => {
    const { username, password } = secrets ?? ownAccount;
    return { host: configured[host] ?? host, account: `"$(account "$${username}" "$${password}")"` };
  });
  const format = accounts.map(({ host }) => `"${host}":{"auth":"%s"}`).join(",");
  return script(
    "account() { printf '%s:%s' \"$1\" \"$2\" | base64 | tr -d '\\n'; }",
    `export DOCKER_CONFIG="${folder}/docker"`,
    '(umask 077 && mkdir "$DOCKER_CONFIG")',
    `printf '{"auths":{${format}}}' ${accounts.map(({ account }) => account).join(" ")} > "$DOCKER_CONFIG/config.json"`,
  );
}
