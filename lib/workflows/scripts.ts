import { shellWord } from "../text/shell-word";
import { archiveUrl, PULUMI_ARCHIVES } from "../machine/pulumi-archives";
import type { DeclarationFacts, ScannerName } from "./facts";
import type { StatusJob, WorkflowSettings } from "./workflow";

/** Lines of a step as one text. */
export function script(...lines: string[]): string {
  return lines.length === 1 ? (lines[0] ?? "") : `${lines.join("\n")}\n`;
}

/**
 * Unpacks the official CLI into a folder of the job, once its sum is the pinned one.
 *
 * @param folder where it is unpacked, as a word of the shell
 */
export function installPulumi(folder: string): string {
  const { sums } = PULUMI_ARCHIVES;
  const [url, other] = [archiveUrl(PULUMI_ARCHIVES, "$platform"), `${folder}/pulumi.tar.gz`];
  return script(
    'case "$(uname -m)" in',
    `  aarch64) platform=linux-arm64 sum=${sums["linux-arm64"]} ;;`,
    `  *) platform=linux-x64 sum=${sums["linux-x64"]} ;;`,
    "esac",
    `curl --fail --silent --show-error --location --retry 3 --output "${other}" "${url}"`,
    `echo "$sum  ${other}" | sha256sum --check --quiet`,
    `tar -xzf "${other}" -C "${folder}"`,
  );
}

/**
 * A builder in a container of Docker; undefined where no image needs one.
 *
 * @param own architecture of the machine
 */
export function makeBuilder(
  { hasDockerfiles, architectures }: DeclarationFacts,
  own: string,
): string | undefined {
  if (!hasDockerfiles) return undefined;
  const emulated = architectures.filter((one) => one !== own);
  return script(
    ...(emulated.length === 0
      ? []
      : [`docker run --privileged --rm docker.io/tonistiigi/binfmt --install ${emulated.join(",")}`]),
    // A pull request pushes to the registry on this machine; the driver of the default builder writes no cache.
    "docker buildx create --name slipway --driver docker-container --driver-opt network=host --use",
    `pulumi plugin install resource docker-build ${DOCKER_BUILD_VERSION}`,
  );
}

/** Version of the provider that builds Dockerfiles; package.json has the same. */
export const DOCKER_BUILD_VERSION = "0.0.22";

/** Scanners by module and version: Go compares what it downloads with the public list of sums (sum.golang.org). */
const scanners: Readonly<Record<ScannerName, string>> = {
  trivy:
    'GOEXPERIMENT=jsonv2 go install -ldflags "-X github.com/aquasecurity/trivy/pkg/version/app.ver=0.74.0" github.com/aquasecurity/trivy/cmd/trivy@v0.74.0',
  grype: 'go install -ldflags "-X main.version=0.121.2" github.com/anchore/grype/cmd/grype@v0.121.2',
  "osv-scanner": "go install github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.6.0",
};

/** Builds a scanner into a folder. */
export function installScanner(scanner: ScannerName, folder: string): string {
  return script(`export GOBIN="${folder}" GOTOOLCHAIN=auto`, scanners[scanner]);
}

/** Selects the stack, where its state is. */
export function selectStack(
  { state, stack, versionFrom }: Pick<WorkflowSettings, "state" | "stack" | "versionFrom">,
  folder: string,
): string {
  const name = shellWord(stack);
  // A stable version is made of files of its commit; what a job sets for itself is none of them.
  const own = `git ls-files -z ${shellWord(`Pulumi.${stack}.yaml`)} | git update-index --skip-worktree -z --stdin`;
  const before = versionFrom === "git" ? [own] : [];
  if (state.kind !== "run") {
    return script(...before, signInToState(state), `pulumi stack select --create ${name}`);
  }
  return script(
    ...before,
    `mkdir -p "${folder}/state"`,
    `openssl rand -hex 32 > "${folder}/passphrase"`,
    `export PULUMI_CONFIG_PASSPHRASE_FILE="${folder}/passphrase"`,
    `pulumi login "file://${folder}/state"`,
    `pulumi stack init ${name}`,
  );
}

/** Sets a value of the stack's configuration, whatever it begins with. */
export function setting(stack: string, key: string, value: string): string {
  return `pulumi config set --stack ${shellWord(stack)} --plaintext ${shellWord(key)} -- ${value}`;
}

/** Sets a secret, which no list of processes shows. */
export function secretSetting(stack: string, key: string, variable: string): string {
  return `printf '%s' "$${variable}" | pulumi config set --stack ${shellWord(stack)} --secret ${shellWord(key)}`;
}

/** Folder of the policy pack in a project that has the package. */
export const policyPack = "node_modules/slipway/policies";

/**
 * Looks whether a release has all that it needs, and ends the job where something is missing.
 *
 * @param folder of the job, and `summary` the file that people read, as words of the shell
 */
export function examine({ stack }: Pick<WorkflowSettings, "stack">, folder: string, summary: string): string {
  return script(
    "code=0",
    `npx --no slipway doctor --stack ${shellWord(stack)} --format markdown --output "${folder}/doctor.md" || code=$?`,
    `if [[ -f ${folder}/doctor.md ]]; then tee -a "${summary}" < "${folder}/doctor.md"; fi`,
    'exit "$code"',
  );
}

/** Variable that `slipway status` reads the address of a webhook from. */
export const webhookVariable = "SLIPWAY_STATUS_WEBHOOK";

/**
 * Looks at what is served.
 *
 * @param options further ones, as words of the shell
 */
export function look(
  { stack }: Pick<WorkflowSettings, "stack">,
  { releases, failOn }: StatusJob,
  options: readonly string[],
): string {
  const what = releases === undefined ? `--stack ${shellWord(stack)}` : `--releases ${shellWord(releases)}`;
  const fails = failOn.length === 0 ? [] : [`--fail-on ${failOn.join(",")}`];
  // What needs an account to be read is told as unknown each time, and is no reason to fail.
  return ["npx --no slipway status", what, "--partial", ...options, ...fails].join(" ");
}

/** Ends a job whose webhook has no address. */
export function neededWebhook({ webhook }: StatusJob): string[] {
  return webhook === undefined ? [] : [`: "\${${webhookVariable}:?the secret ${webhook} is not set}"`];
}

/** Signs in to where the state is. */
export function signInToState(state: Exclude<WorkflowSettings["state"], { kind: "run" }>): string {
  return state.kind === "cloud" ? "pulumi login" : `pulumi login ${shellWord(state.url)}`;
}

/** Carries out the declaration. */
export function update(
  { stack, policies }: Pick<WorkflowSettings, "stack" | "policies">,
  isTest: boolean,
): string {
  // What is not published need not be signed by whom the policies trust.
  const configuration = isTest ? `${policyPack}/advisory.json` : policies;
  const options = configuration === undefined ? "" : ` --policy-pack-config ${shellWord(configuration)}`;
  // What is published is looked at as a whole before anything is.
  const how = isTest ? "--yes --skip-preview" : "--yes";
  return `npx --no slipway up ${how} --stack ${shellWord(stack)} --policy-pack ${policyPack}${options}`;
}
