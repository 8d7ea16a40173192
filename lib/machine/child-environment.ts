import { isSecretName } from "./secret-names";

/**
 * Environment of a program that is started. The process that starts it may sign, publish and read
 * the state; a compiler, a scanner or a test may do none of it, and prints or sends what it likes.
 */

/**
 * The engine's and signing's own, and the identity of a CI job: no other program has to do with
 * them.
 */
const ownNames =
  /^(?:COSIGN_|PULUMI_ACCESS_TOKEN$|PULUMI_CONFIG|SIGSTORE_ID_TOKEN$|ACTIONS_ID_TOKEN_|ACTIONS_RUNTIME_)/i;

/** Tokens of forges and package registries; what signs in elsewhere does without them. */
const publishingNames =
  /^(?:GITHUB_|GH_|GITLAB_|CI_JOB_|NPM_|NODE_AUTH_|TWINE_|PYPI_|CARGO_REGISTRY)\w*(?:TOKEN|PASSWORD|SECRET)/i;

/** Settings of the modules that cosign reaches keys in hardware with, the PIN among them. */
const hardwareKeys = /^COSIGN_PKCS11_/i;

/**
 * For declared commands, checks and tests, scanners, makers of SBOMs, compilers, git: without what
 * is named as a secret.
 *
 * @param inherited names that a declaration asks for
 */
export function plainEnvironment(
  env: NodeJS.ProcessEnv,
  inherited: readonly string[] = [],
): NodeJS.ProcessEnv {
  return filtered(env, (name) => inherited.includes(name) || !isSecretName(name));
}

/** For Docker and buildx: what their credential helpers sign in to clouds with is there. */
export function dockerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return filtered(env, (name) => !ownNames.test(name) && !publishingNames.test(name));
}

/**
 * For cosign and its plug-ins, which reach keys in services: the same, and what opens a key in
 * hardware.
 */
export function keyServiceEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return filtered(
    env,
    (name) => hardwareKeys.test(name) || (!ownNames.test(name) && !publishingNames.test(name)),
  );
}

/** For credential helpers, whose work is to hand out credentials, those of variables too. */
export function credentialHelperEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return filtered(env, (name) => !ownNames.test(name));
}

function filtered(env: NodeJS.ProcessEnv, keeps: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => keeps(name)));
}
