import * as assert from "node:assert/strict";
import {
  credentialHelperEnvironment,
  dockerEnvironment,
  keyServiceEnvironment,
  plainEnvironment,
} from "../../../lib/machine/child-environment";

describe("the environment of programs that are started", () => {
  const kinds = { plainEnvironment, dockerEnvironment, keyServiceEnvironment, credentialHelperEnvironment };
  const all = Object.keys(kinds);
  const cases: [variable: string, whoHasIt: string[]][] = [
    ["PATH", all],
    ["HOME", all],
    ["PWD", all],
    ["SSH_AUTH_SOCK", all],
    ["DOCKER_HOST", all],
    ["AWS_REGION", all],
    ["AWS_ACCESS_KEY_ID", all],
    ["GITHUB_REPOSITORY", all],
    ["TOKENIZERS_PARALLELISM", all],
    ["GPG_PUBLIC_KEY", all],
    ["COSIGN_PASSWORD", []],
    ["COSIGN_PRIVATE_KEY", []],
    ["PULUMI_CONFIG_PASSPHRASE", []],
    ["PULUMI_CONFIG_PASSPHRASE_FILE", []],
    ["PULUMI_CONFIG", []],
    ["PULUMI_ACCESS_TOKEN", []],
    ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", []],
    ["SIGSTORE_ID_TOKEN", []],
    ["COSIGN_PKCS11_PIN", ["keyServiceEnvironment"]],
    ["GITHUB_TOKEN", ["credentialHelperEnvironment"]],
    ["NPM_TOKEN", ["credentialHelperEnvironment"]],
    ["AWS_SECRET_ACCESS_KEY", ["dockerEnvironment", "keyServiceEnvironment", "credentialHelperEnvironment"]],
    ["AWS_SESSION_TOKEN", ["dockerEnvironment", "keyServiceEnvironment", "credentialHelperEnvironment"]],
    ["VAULT_TOKEN", ["dockerEnvironment", "keyServiceEnvironment", "credentialHelperEnvironment"]],
  ];
  for (const [variable, whoHasIt] of cases) {
    it(`has ${variable} for ${whoHasIt.join(", ") || "none"}`, () => {
      const found = Object.entries(kinds).filter(([, kind]) => variable in kind({ [variable]: "x" }));
      assert.deepEqual(
        found.map(([name]) => name),
        whoHasIt,
      );
    });
  }

  it("has what a declaration inherits by name, and nothing that is only like it", () => {
    const env = { NPM_TOKEN: "a", NPM_TOKEN_OLD: "b", OTHER_TOKEN: "c", PLAIN: "d" };
    assert.deepEqual(plainEnvironment(env, ["NPM_TOKEN"]), { NPM_TOKEN: "a", PLAIN: "d" });
  });
});
