import { shellWord } from "../text/shell-word";
import { policyPack, script } from "./scripts";

/** A script that people and CI of any kind start. */
export interface EntryScript {
  /** Path relative to the project's folder, in it. */
  readonly path: string;
  readonly distribution: string;
  /** What the run does, as the mode of a distribution; `load` and `build` publish nothing. */
  readonly mode: "publish" | "load" | "build";
  /** Programs that alone are built; undefined for everything. */
  readonly programs?: readonly string[] | undefined;
  readonly stack: string;
  /** Whether the configuration has the version, so that the script may be told another one. */
  readonly takesVersion: boolean;
  /** Words in place of a version, for a build that has none. */
  readonly withoutVersion: readonly string[];
  /** Configuration of the policy pack; undefined for runs without the pack. */
  readonly policies?: string | undefined;
}

/**
 * Renders it: a POSIX shell script that finds the project from where it is itself and carries the declaration out. The
 * run has a copy of the stack's configuration, so that what is refused leaves no trace in the file; a version that was
 * published is written there.
 */
export function entryScript(declared: EntryScript): string {
  return script(
    "#!/bin/sh",
    "set -eu",
    ...usage(declared),
    "case ${1-} in -h | --help) usage; exit 0 ;; esac",
    "unset CDPATH",
    `cd "$(dirname -- "$0")/${"../".repeat(declared.path.split("/").length - 1)}"`,
    `stack=\${PULUMI_STACK:-${declared.stack}}`,
    "work=$(mktemp -d)",
    `trap 'rm -rf "$work"' EXIT`,
    "trap 'exit 129' HUP",
    "trap 'exit 130' INT",
    "trap 'exit 143' TERM",
    "# An organization and a project can be in front of the name of a stack.",
    "file=Pulumi.${stack##*/}.yaml",
    'if [ -f "$file" ]; then cp "$file" "$work/$file"; else : > "$work/$file"; fi',
    ...(declared.mode === "publish" ? [] : ownState),
    ...(declared.takesVersion ? chosenVersion(declared) : []),
    ...whatRuns(declared),
    'npx --no -- slipway up --stack "$stack" --config-file "$work/$file" "$@"',
    ...(declared.takesVersion && declared.mode === "publish" ? keptVersion(declared) : []),
  );
}

function usage({ path, distribution, mode, programs, stack, ...declared }: EntryScript): string[] {
  const does = {
    publish: `Builds and publishes ${distribution}.`,
    load: `Builds ${distribution} and gives its images to the Docker engine of this machine; publishes nothing.`,
    build:
      programs === undefined
        ? `Builds ${distribution} and publishes nothing.`
        : `Builds ${programs.join(", ")}, and nothing else.`,
  }[mode];
  const { takesVersion, withoutVersion } = declared;
  const version = [
    "VERSION   such as v1.2.3, or in the variable VERSION; latest, the default, is that of the configuration" +
      (mode === "publish" ? "," : ""),
    ...(mode === "publish" ? ["          which has the version that was published from then on"] : []),
    ...(withoutVersion.length > 0
      ? [`          ${withoutVersion.join(", ")}: a build without a version`]
      : []),
  ];
  return [
    "usage() {",
    "  cat <<'END'",
    `usage: ${path} ${takesVersion ? "[VERSION] " : ""}[OPTION...]`,
    "",
    does,
    "",
    ...(takesVersion ? version : []),
    "OPTION    of `slipway up`, such as --yes, which a run without a terminal needs",
    "",
    `PULUMI_STACK names another stack than ${stack}.`,
    "END",
    "}",
  ];
}

function chosenVersion({ withoutVersion }: EntryScript): string[] {
  const copy = '--stack "$stack" --config-file "$work/$file"';
  return [
    "version=${VERSION:-latest}",
    "if [ $# -gt 0 ]; then",
    "  case $1 in -*) ;; *) version=${1:-$version}; shift ;; esac",
    "fi",
    "case $version in",
    "  latest) ;;",
    ...(withoutVersion.length > 0
      ? [`  ${withoutVersion.map(shellWord).join(" | ")}) pulumi config rm ${copy} version ;;`]
      : []),
    `  *) pulumi config set ${copy} --plaintext version -- "$version" ;;`,
    "esac",
  ];
}

/** What publishes nothing leaves the state of what is published as it is, and needs no access to it. */
const ownState = [
  "# A state of this run.",
  "stack=${stack##*/}",
  'mkdir "$work/state"',
  `{ sed -n '/^name:/p' Pulumi.yaml; echo "runtime: nodejs"; } > "$work/Pulumi.yaml"`,
  'export PULUMI_BACKEND_URL="file://$work/state"',
  'if [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE-}" ]; then',
  '  export PULUMI_CONFIG_PASSPHRASE="${PULUMI_CONFIG_PASSPHRASE-}"',
  "fi",
  '(cd "$work" && pulumi stack init "$stack" > /dev/null)',
];

function whatRuns({ mode, programs, policies }: EntryScript): string[] {
  const options = [
    ...(mode === "publish" ? [] : [`--config mode=${mode}`]),
    ...(policies === undefined
      ? []
      : [`--policy-pack ${policyPack} --policy-pack-config ${shellWord(policies)}`]),
    ...(programs === undefined
      ? []
      : [
          "**:Distribution::*",
          ...programs.flatMap((name) => [`**:Command::${name}-*`, `**:PlacedFile::${name}-*`]),
        ].map((one) => `--target ${shellWord(one)}`)),
  ];
  return options.length === 0 ? [] : [`set -- ${options.join(" \\\n  ")} "$@"`];
}

/** What is published is the latest version for the next run too. */
function keptVersion({ withoutVersion }: EntryScript): string[] {
  return [
    "case $version in",
    `  ${["latest", ...withoutVersion].map(shellWord).join(" | ")}) ;;`,
    '  *) pulumi config set --stack "$stack" --plaintext version -- "$version" ;;',
    "esac",
  ];
}
