import type { DeclarationFacts, RegistryFacts } from "./facts";
import type { WorkflowSettings } from "./workflow";

/** An account that a job signs in to a registry with. */
export interface Login {
  readonly host: string;
  /** The repository's secrets with name and password; undefined for the actor and the token of the run. */
  readonly secrets: { readonly username: string; readonly password: string } | undefined;
}

/** The registry whose packages belong to repositories of GitHub. */
const GITHUB_PACKAGES = "ghcr.io";

const wellKnown: Readonly<Record<string, string>> = { "docker.io": "DOCKERHUB", [GITHUB_PACKAGES]: "GHCR" };

/**
 * Who signs in where: one account a host. The token of a run may push packages of the owner of its repository, and
 * nothing else.
 */
export function loginsOf(
  { registries }: DeclarationFacts,
  { repository, logins }: Pick<WorkflowSettings, "repository" | "logins">,
): Login[] {
  const open = registries.filter(({ isSignedIn }) => !isSignedIn);
  return [...new Set(open.map(({ host }) => host))].map((host) => {
    const declared = logins[host];
    if (declared !== undefined) return { host, secrets: declared };
    const isOwn = open.filter((one) => one.host === host).every((one) => isOwnPackage(one, repository));
    return { host, secrets: isOwn ? undefined : secretsOf(host) };
  });
}

/** Whether the job needs the right to write packages. */
export function writesPackages(logins: readonly Login[]): boolean {
  return logins.some(({ secrets }) => secrets === undefined);
}

function isOwnPackage({ host, namespace }: RegistryFacts, repository: string): boolean {
  const owner = repository.split("/")[0]?.toLowerCase();
  return host === GITHUB_PACKAGES && namespace.split("/")[0] === owner;
}

/** Names of secrets after the host: `HARBOR_EXAMPLE_COM_USERNAME` and `…_TOKEN`. */
function secretsOf(host: string): { username: string; password: string } {
  const prefix = wellKnown[host] ?? secretName(host);
  return { username: `${prefix}_USERNAME`, password: `${prefix}_TOKEN` };
}

/** A text in the letters that names of secrets and variables have. */
export function secretName(text: string): string {
  const name = text
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z\d]+/g, "_")
    .toUpperCase();
  return /^\d/.test(name) ? `_${name}` : name;
}
