import { digestHex } from "../../oci/digest";
import { bareVersion } from "../../version/version";
import { ChannelError, checkContained, type ChannelArtifact } from "../artifact";
import { declaredCompletions, declaredManPages, type ExtraFiles } from "../extra-files";
import { checkDescription } from "./names";
import { block, indented, rubyList, rubyString } from "./ruby";

/** A cask, as it is declared. Paths are those in the archive, below its root. */
export interface CaskDeclaration extends ExtraFiles {
  /** Token of the cask, which is that of its file. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  /** What a user has to know after the installation. */
  readonly caveats?: string | undefined;
}

/** Processors of macOS, as archives and casks name them. */
const processors = [
  ["darwin/arm64", "arm", "arm64"],
  ["darwin/amd64", "intel", "x86_64"],
] as const;

/** Archives that a cask unpacks. */
const unpacked: readonly string[] = ["tar.gz", "zip"];

const tokenPattern = /^[a-z0-9]+(-[a-z0-9]+)*(@[a-z0-9.]+)?$/;

/** The archives of a release that a cask installs: those for macOS. */
export function caskArtifacts<T extends Pick<ChannelArtifact, "platform">>(artifacts: readonly T[]): T[] {
  return artifacts.filter(({ platform }) => processors.some(([own]) => own === platform));
}

/**
 * Renders a cask that installs released programs for macOS, without a hook
 * (https://docs.brew.sh/Cask-Cookbook).
 *
 * @param artifacts one archive a platform; those of other systems are left out
 * @throws ChannelError for what a cask cannot say
 */
export function renderCask(cask: CaskDeclaration, artifacts: readonly ChannelArtifact[]): string {
  const { name, version, description, homepage, caveats } = cask;
  if (!tokenPattern.test(name)) {
    throw new ChannelError(
      "name",
      `${JSON.stringify(name)}: Homebrew's rule: small letters and digits, words joined by - (a valid example: "hello")`,
    );
  }
  checkDescription(description, name);
  const own = caskArtifacts(artifacts);
  const [first] = own;
  if (!first) throw new ChannelError("archive", "has no platform of macOS, darwin/arm64 or darwin/amd64");
  for (const { name: file, format } of own) {
    if (!unpacked.includes(format))
      throw new ChannelError("archive", `${file}: a cask unpacks ${unpacked.join(" and ")}`);
  }
  const lines = [
    `version ${rubyString(bareVersion(version))}`,
    "",
    ...downloads(own),
    "",
    `name ${rubyString(name)}`,
    `desc ${rubyString(description)}`,
    `homepage ${rubyString(homepage)}`,
    ...livecheck(first),
    "",
    "depends_on :macos",
    "",
    ...installed(cask, own),
    ...(caveats === undefined
      ? []
      : ["", ...block("caveats", [`${rubyList(caveats.trimEnd().split("\n"))}.join("\\n")`])]),
  ];
  return [`cask ${rubyString(name)} do`, ...indented(lines), "end", ""].join("\n");
}

/** Address and sum of each processor; one alone is what the cask depends on. */
function downloads(artifacts: readonly ChannelArtifact[]): string[] {
  const found = processors.flatMap(([platform, processor, architecture]) => {
    const artifact = artifacts.find((one) => one.platform === platform);
    if (!artifact) return [];
    const lines = [`sha256 ${rubyString(digestHex(artifact.digest))}`, `url ${rubyString(artifact.url)}`];
    return [{ processor, architecture, lines }];
  });
  const [first] = found;
  if (first && found.length === 1)
    return [...first.lines, "", `depends_on arch: ${rubySymbol(first.architecture)}`];
  return found.flatMap(({ processor, lines }, index) => [
    ...(index === 0 ? [] : [""]),
    ...block(`on_${processor}`, lines),
  ]);
}

/** What is linked. The path of a cask has the folder that the archive unpacks to. */
function installed(cask: CaskDeclaration, artifacts: readonly ChannelArtifact[]): string[] {
  const [first = [], ...others] = artifacts.map((artifact) => {
    const below = (file: string) =>
      rubyString(artifact.root === undefined ? file : `${artifact.root}/${file}`);
    const extra = ({ field, file }: { field: string; file: string }) => {
      checkContained(artifact, field, file);
      return below(file);
    };
    return [
      ...artifact.programs.map((file) => `binary ${below(file)}`),
      ...declaredManPages(cask).map((one) => `manpage ${extra(one)}`),
      ...declaredCompletions(cask).map((one) => `${one.shell}_completion ${extra(one)}`),
    ];
  });
  if (others.some((lines) => lines.join("\n") !== first.join("\n"))) {
    throw new ChannelError(
      "archive",
      "has its programs at other paths for one processor than for another, and a cask has one way to install (a root " +
        "without the platform's name is the same for both)",
    );
  }
  return first;
}

/** GitHub tells which release is the latest one; other hosts do not. */
function livecheck({ url }: ChannelArtifact): string[] {
  if (new URL(url).hostname !== "github.com") return [];
  return ["", ...block("livecheck", ["url :url", "strategy :github_latest"])];
}

function rubySymbol(name: string): string {
  return `:${name}`;
}
