import { digestHex } from "../../oci/digest";
import { ChannelError, fileName, type ChannelArtifact } from "../artifact";

/** What Chocolatey calls the file for 64 and for 32 bits; it has no other kinds. */
const platforms = {
  "windows/amd64": { url: "url64bit", sum: "checksum64", type: "checksumType64" },
  "windows/386": { url: "url", sum: "checksum", type: "checksumType" },
} as const;

/** Platforms that a package can have. */
export const chocolateyPlatforms = Object.keys(platforms) as readonly (keyof typeof platforms)[];

/**
 * The script that installs a program: it downloads the released file and compares it with its SHA-256.
 * Chocolatey makes a command of each `.exe` that comes to be in the folder of the package, and takes
 * both away with it, so there is nothing to do when it is uninstalled.
 *
 * Source: docs.chocolatey.org, `Install-ChocolateyZipPackage` and `Get-ChocolateyWebFile`.
 *
 * @param artifacts one file a platform; those of other systems are left out
 * @throws ChannelError for what Chocolatey cannot install
 */
export function installScript(artifacts: readonly ChannelArtifact[]): string {
  const own = artifacts.flatMap((artifact) =>
    chocolateyPlatforms
      .filter((one) => one === artifact.platform)
      .map((platform) => ({ artifact, platform })),
  );
  const [first] = own;
  if (first === undefined) {
    throw new ChannelError(
      "archive",
      `has none of the platforms of Chocolatey, ${chocolateyPlatforms.join(", ")}: add one to its programs`,
    );
  }
  for (const { artifact } of own) checkInstallable(artifact);
  const { format, programs } = first.artifact;
  const place =
    format === "zip"
      ? ["unzipLocation", "$toolsDir"]
      : ["fileFullPath", `Join-Path $toolsDir ${quoted(fileName(programs[0] ?? ""))}`];
  const files = own.flatMap(({ artifact, platform }) => {
    const { url, sum, type } = platforms[platform];
    return [
      [url, quoted(new URL(artifact.url).href)],
      [sum, quoted(digestHex(artifact.digest))],
      [type, quoted("sha256")],
    ];
  });
  const settings = [["packageName", "$env:ChocolateyPackageName"], place, ...files];
  const lines = settings.map(([name = "", value = ""]) => `  ${name.padEnd(14)} = ${value}`);
  const script = [
    "$ErrorActionPreference = 'Stop'",
    "$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition",
    "$packageArgs = @{",
    ...lines,
    "}",
    format === "zip" ? "Install-ChocolateyZipPackage @packageArgs" : "Get-ChocolateyWebFile @packageArgs",
  ];
  const text = `${script.join("\r\n")}\r\n`;
  // Windows PowerShell takes a script without a mark for one of the machine's code page.
  return /[^\0-\x7f]/.test(text) ? `\uFEFF${text}` : text;
}

function checkInstallable({ name, format, programs }: ChannelArtifact): void {
  if (format !== "zip" && format !== "binary") {
    throw new ChannelError(
      "archive",
      `${name}: Chocolatey unpacks zip, and takes a program as it is (a valid example: formats: { windows: "zip" })`,
    );
  }
  if (!programs.some((program) => program.toLowerCase().endsWith(".exe"))) {
    throw new ChannelError("archive", `${name} has no .exe, and Chocolatey makes commands of those alone`);
  }
}

/** A text in PowerShell, whose quotes are also the typographic ones (about_Quoting_Rules). */
function quoted(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/g, "$&$&")}'`;
}
