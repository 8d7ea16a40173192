import { InputError, propertyPath } from "../../resources/definitions/input-findings";
import type { SecretPaths } from "../base/properties";

/**
 * Inputs of a type that become arguments of a process, and where a secret of it belongs instead.
 */
interface ProcessArguments {
  /** `*` stands for any one key. */
  readonly paths: readonly (readonly string[])[];
  readonly instead: string;
}

const ofCommand = (variables: string) =>
  `give it as a variable (${variables}), which only the user who runs it can read, and use it from there ` +
  `(a valid example: ["sh", "-c", 'login --token-file "$TOKEN_FILE"'])`;

const ofSigner: ProcessArguments = {
  paths: [["signer", "kms"]],
  instead:
    "cosign takes credentials for a key service from the environment, e.g. VAULT_TOKEN; the URI names the key alone " +
    '(a valid example: "awskms:///alias/release")',
};

const argumentsOf: Readonly<Record<string, ProcessArguments>> = {
  "slipway:build:Builder": {
    paths: [["endpoint"], ["options"], ["platforms"]],
    instead:
      "buildx takes secrets from files: the paths of certificates for `remote` (a valid example: " +
      '{ "key": "certificates/key.pem" }), Docker\'s contexts, or the kubeconfig',
  },
  "slipway:build:Command": {
    paths: [["command"], ["expect", "tests", "*", "command"]],
    instead: ofCommand("`env`, or `inherit` for one of the machine's"),
  },
  "slipway:gate:Check": {
    paths: [["command", "command"]],
    instead: ofCommand("`command.env`, or `command.inherit` for one of the machine's"),
  },
  "slipway:trust:Scan": {
    paths: [["scanner", "arguments"]],
    instead:
      'scanners take secrets from a configuration file (a valid example: ["--config", "trivy.yaml"], a file that only ' +
      "its owner can read)",
  },
  "slipway:trust:Attestation": ofSigner,
  "slipway:trust:FileSignature": ofSigner,
  "slipway:trust:Provenance": ofSigner,
  "slipway:trust:Signature": ofSigner,
};

/**
 * Refuses secrets that would become arguments of a process, which every user of the machine can
 * list while it runs.
 *
 * @throws InputError naming the fields, and where their secrets belong instead
 */
export function refuseSecretArguments(token: string, secrets: SecretPaths): void {
  const declared = Object.hasOwn(argumentsOf, token) ? argumentsOf[token] : undefined;
  if (!declared) return;
  const found = [...secrets]
    .map((secret) => JSON.parse(secret) as string[])
    .filter((keys) => declared.paths.some((path) => startsWith(keys, path)));
  if (found.length === 0) return;
  throw new InputError(
    found.map((keys) => ({
      property: propertyPath(keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key))),
      reason:
        "is secret, and would be an argument of a process, which every user of the machine can read: " +
        declared.instead,
    })),
  );
}

function startsWith(keys: readonly string[], path: readonly string[]): boolean {
  return path.length <= keys.length && path.every((key, index) => key === "*" || key === keys[index]);
}
