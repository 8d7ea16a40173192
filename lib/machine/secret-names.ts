/**
 * Names that say that a value is a secret, of variables and of fields alike. What has no such name
 * is passed on and shown, so the kinds are wide: a variable that is left out for its name can be
 * inherited by declaration.
 */
const kinds: readonly RegExp[] = [
  // GITHUB_TOKEN, NPM_CONFIG__AUTHTOKEN, PGPASSWORD, SECRET_KEY_BASE,
  // GOOGLE_APPLICATION_CREDENTIALS; no TOKENIZERS.
  /(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL)S?(?![A-Z])/,
  // DB_PASS, GITHUB_PAT, MYSQL_PWD, NPM_CONFIG__AUTH, DOCKER_AUTH_CONFIG; neither PWD nor
  // SSH_AUTH_SOCK.
  /_(?:PASS|PAT|PWD|AUTH)$/,
  /^(?:PASS|PAT)$/,
  /_AUTH_CONFIG$/,
  // API_KEY, APIKEY, AWS_SECRET_ACCESS_KEY; what is public is none.
  /(?:(?<!(?:^|_)PUB(?:LIC)?)_|API|ACCESS|PRIVATE|SIGNING)KEYS?$/,
];

/** The engine's and signing's own, by the beginning of their names. */
const beginnings: readonly RegExp[] = [
  // Settings of keys, their passwords among them.
  /^COSIGN_/,
  // A stack's configuration in clear, which the engine gives to programs.
  /^PULUMI_CONFIG$/,
];

/** Returns whether a variable or a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  // fooBar is FOO_BAR.
  const upper = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return [...beginnings, ...kinds].some((kind) => kind.test(upper));
}
