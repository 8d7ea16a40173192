import { ChannelError } from "../channels/artifact";
import { digestHex } from "../oci/digest";
import { latestAddress } from "../release/latest-address";
import { powershellQuoted } from "../text/powershell-word";
import { checkInstaller, type InstallerArtifact, type InstallerDeclaration } from "./installer";
import { downloadingFiles, findingSystem, placingPrograms, verifyingList } from "./powershell-parts";

/** An installer for Windows: it installs programs of an archive. */
export type PowershellDeclaration = Omit<
  InstallerDeclaration,
  "methods" | "image" | "contents" | "keep" | "directory"
> & {
  /** Folder that is installed into, with variables as in `%LOCALAPPDATA%`. */
  readonly directory: string;
};

/** What it unpacks: Windows has `tar` since version 1803. */
const formats: readonly string[] = ["zip", "tar.gz", "binary"];

/**
 * Renders `install.ps1`, for Windows PowerShell 5.1 and PowerShell 7. All of it is one block, so that a download that was cut
 * off is no script, and that nothing of it stays in the session that runs it. The version that it is made for is checked by
 * the sums in it; another one by the release's sums file, and by its signature where a key is known.
 *
 * @throws ChannelError for what a script cannot say
 */
export function renderPowershellInstaller(declared: PowershellDeclaration): string {
  checkInstaller({ ...declared, methods: ["binary"], contents: "programs", keep: [] });
  checkArtifacts(declared.artifacts);
  const { publicKey } = declared;
  const text = [
    head(declared),
    "& {",
    body(declared),
    findingSystem,
    releaseFiles(declared),
    downloadingFiles,
    addresses(declared),
    ...(publicKey === undefined ? [] : [verifyingList(publicKey)]),
    findingSum,
    ...(hasLatest(declared) ? [findingVersion] : []),
    placingPrograms,
    installing(declared),
    run(declared),
    "}",
    "",
  ].join("\n");
  checkText(text);
  return text;
}

function checkArtifacts(artifacts: readonly InstallerArtifact[]): void {
  for (const { name, format } of artifacts) {
    if (formats.includes(format)) continue;
    throw new ChannelError(
      "archive",
      `${name}: install.ps1 unpacks ${formats.join(", ")}, and not ${format} (a valid example: formats: { windows: "zip" })`,
    );
  }
}

/** Windows PowerShell reads a script without a byte order mark in the code page of the machine. */
function checkText(text: string): void {
  const [found] = /[^\t\n\x20-\x7E]+/.exec(text) ?? [];
  if (found === undefined) return;
  throw new ChannelError(
    "directory",
    `${JSON.stringify(found)} is read as something else on machines with another code page: an installer for PowerShell is in ASCII`,
  );
}

function head({ name, version, homepage, publicKey }: PowershellDeclaration): string {
  const skipping = publicKey === undefined ? "" : "\n    [switch]$SkipSignature,";
  return `# Installs ${name}${homepage === undefined ? "" : ` (${homepage})`}. Made for ${name} ${version}; -Help tells what it can.
param(
    [string]$Version = '',
    [string]$Dir = '',
    [switch]$AddToPath,
    [switch]$Uninstall,${skipping}
    [switch]$DryRun,
    [switch]$Help
)`;
}

function body({ name, version, environment, sumsFile, directory, publicKey }: PowershellDeclaration): string {
  const skipping =
    publicKey === undefined
      ? ""
      : "\n  -SkipSignature    takes a list of sums that cannot be checked without openssl.";
  return `    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $name = ${powershellQuoted(name)}
    $madeFor = ${powershellQuoted(version)}
    $sumsFile = ${powershellQuoted(sumsFile)}
    $usualDirectory = ${powershellQuoted(directory)}
    $usage = ${powershellQuoted(`Installs ${name}.

Usage: install.ps1 [OPTIONS]

  -Version VERSION  which one, with or without v; latest (default). Also ${environment.version}.
  -Dir DIRECTORY    where to. Default: ${directory}. Also ${environment.directory}.
  -AddToPath        puts that folder into the Path of this user.
  -Uninstall        removes what was installed there.${skipping}
  -DryRun           tells what would be done.
  -Help             this text.
`)}`;
}

/** The files of the release, by platform. */
function releaseFiles({ artifacts, version }: PowershellDeclaration): string {
  const entries = artifacts.map(
    ({ platform, name, format, root, digest, programs }) => `            ${powershellQuoted(platform)} {
                return @{
                    File = ${versioned(name, version)}
                    Format = ${powershellQuoted(format)}
                    Rooted = ${root === undefined ? "$false" : "$true"}
                    Sum = ${powershellQuoted(digestHex(digest))}
                    Programs = @(${programs.map(powershellQuoted).join(", ")})
                }
            }`,
  );
  return `
    # A platform's file, as it is called in a version. The sum is that of the version that this script is made for.
    function Get-ReleaseFile([string]$Platform, [string]$Wanted) {
        switch ($Platform) {
${entries.join("\n")}
        }
        return $null
    }`;
}

/** A text in which the version that the script is made for stands for `$Wanted`. */
function versioned(text: string, version: string): string {
  return text
    .split(version)
    .map((part) => powershellQuoted(part))
    .join(" + $Wanted + ");
}

function addresses({ hosts, version }: PowershellDeclaration): string {
  const latest = hosts.flatMap((host) => latestAddress(host, version) ?? []);
  const list = (values: readonly string[]) => values.map((value) => `            (${value})`).join("\n");
  return `
    # Where the files of a version are, in the order in which they are asked for.
    function Get-Address([string]$Wanted) {${
      latest.length === 0
        ? ""
        : `
        if ($Wanted -ceq 'latest') {
            return @(
${list(latest.map(powershellQuoted))}
            )
        }`
    }
        return @(
${list(hosts.map((host) => versioned(host, version)))}
        )
    }

    # Downloads a file of the release from the first host that has it.
    function Save-ReleaseFile([string]$Wanted, [string]$File, [string]$Path) {
        foreach ($place in @(Get-Address $Wanted)) {
            try {
                Save-Address "$place/$File" $Path
                return $true
            } catch {
                Write-Warning "$place/$File could not be downloaded: $($_.Exception.Message)"
            }
        }
        return $false
    }`;
}

const findingSum = `
    # The sum that a list has for a file.
    function Find-Sum([string]$List, [string]$File) {
        foreach ($line in [IO.File]::ReadAllLines($List)) {
            if ($line -cmatch '^([0-9a-fA-F]{64}) [ *](.+)$') {
                if ($Matches[2] -ceq $File) { return $Matches[1].ToLowerInvariant() }
            }
        }
        return $null
    }`;

const findingVersion = `
    # The version that the files of a list have, by the name of the one for a platform.
    function Find-Version([string]$List, [string]$Platform) {
        $parts = @((Get-ReleaseFile $Platform '@').File.Split('@') | ForEach-Object { [regex]::Escape($_) })
        if ($parts.Count -lt 2) { return 'latest' }
        $pattern = '^' + $parts[0] + '(?<version>[0-9A-Za-z.~_-]+)' + ($parts[1..($parts.Count - 1)] -join '\\k<version>') + '$'
        foreach ($line in [IO.File]::ReadAllLines($List)) {
            if ($line -cmatch '^[0-9a-fA-F]{64} [ *](.+)$') {
                $found = [regex]::Match($Matches[1], $pattern)
                if ($found.Success) { return $found.Groups['version'].Value }
            }
        }
        return $null
    }`;

/** Whether a host says which version is the latest. */
function hasLatest({ hosts, version }: PowershellDeclaration): boolean {
  return hosts.some((host) => latestAddress(host, version) !== undefined);
}

function installing(declared: PowershellDeclaration): string {
  const { publicKey } = declared;
  const checked = (wanted: string, indent: string) =>
    publicKey === undefined ? "" : `\n${indent}Confirm-List $list $Work ${wanted}`;
  const latest = hasLatest(declared)
    ? `
            if (-not (Save-ReleaseFile 'latest' $sumsFile $list)) {
                throw "\${name}: the latest version could not be found out: name one with -Version"
            }
            $found = Find-Version $list $Platform
            if ($null -eq $found) {
                throw "\${name}: the latest release has no file for \${Platform}: name another version with -Version"
            }
            if ($found -cne $madeFor) {${checked("'latest'", "                ")}
            }
            return @{ Version = $found; List = $list }`
    : `
            return @{ Version = $madeFor; List = $list }`;
  return `
    # The version that is installed, and the list that has its sums.
    function Resolve-Version([string]$Wanted, [string]$Platform, [string]$Work) {
        $list = Join-Path $Work 'list'
        if ($Wanted -ceq 'latest') {${latest}
        }
        if ($Wanted -cne $madeFor) {
            if (-not (Save-ReleaseFile $Wanted $sumsFile $list)) { throw "$name $Wanted could not be found" }${checked("$Wanted", "            ")}
        }
        return @{ Version = $Wanted; List = $list }
    }

    function Install-Program([string]$Wanted, [string]$Platform, [string]$Directory, [string]$Work) {
        $resolved = Resolve-Version $Wanted $Platform $Work
        $chosen = $resolved.Version
        $file = Get-ReleaseFile $Platform $chosen
        $sum = $file.Sum
        if ($chosen -cne $madeFor) { $sum = Find-Sum $resolved.List $file.File }
        if ($null -eq $sum) { throw "\${name}: $sumsFile of $chosen does not list $($file.File)" }
        if ($DryRun) {
            Write-Output "$($file.File) ($name $chosen) would be installed in $Directory"
            return
        }
        # Expand-Archive takes nothing that has another ending.
        $download = Join-Path $Work 'download.zip'
        if (-not (Save-ReleaseFile $chosen $file.File $download)) {
            throw "\${name}: $($file.File) could not be downloaded from any host; nothing was installed"
        }
        $got = (Get-FileHash -LiteralPath $download -Algorithm SHA256).Hash.ToLowerInvariant()
        if ($got -cne $sum) {
            throw "\${name}: $($file.File) is not what was released: its SHA-256 is $got, and $sum is expected; nothing was installed"
        }
        $unpacked = Join-Path $Work 'unpacked'
        Expand-Release $download $file $unpacked
        $from = $unpacked
        if ($file.Rooted) { $from = @(Get-ChildItem -LiteralPath $unpacked -Directory)[0].FullName }
        Move-Program $from @($file.Programs) $Directory
        Write-Output "$name $chosen is installed:"
        foreach ($program in $file.Programs) { Write-Output ('  ' + (Join-Path $Directory (Split-Path -Leaf $program))) }
    }

    function Uninstall-Program([string]$Platform, [string]$Directory) {
        $removed = $false
        foreach ($program in (Get-ReleaseFile $Platform $madeFor).Programs) {
            $target = Join-Path $Directory (Split-Path -Leaf $program)
            if (Test-Path -LiteralPath $target) {
                Remove-Item -LiteralPath $target -Force
                $removed = $true
            }
        }
        if (-not $removed) { throw "$name is not installed in $Directory" }
        Write-Output "$name is removed from $Directory"
    }`;
}

function run({ environment, artifacts }: PowershellDeclaration): string {
  const platforms = artifacts.map(({ platform }) => platform).join(", ");
  return `
    if ($Help) {
        Write-Output $usage
        return
    }
    $wanted = $Version
    if (-not $wanted) { $wanted = $env:${environment.version} }
    if (-not $wanted) { $wanted = 'latest' }
    if ($wanted -cnotmatch '^[0-9A-Za-z.~_-]+$') { throw "\${name}: $wanted is no version (a valid example: $madeFor)" }
    if ($wanted -cmatch '^v[0-9]') { $wanted = $wanted.Substring(1) }
    $directory = $Dir
    if (-not $directory) { $directory = $env:${environment.directory} }
    if (-not $directory) { $directory = [Environment]::ExpandEnvironmentVariables($usualDirectory) }
    # Programs of .NET have another current folder than PowerShell.
    $directory = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($directory)
    $candidates = @(Get-Platform)
    $platform = $null
    foreach ($candidate in $candidates) {
        if ($null -eq $platform -and $null -ne (Get-ReleaseFile $candidate $madeFor)) { $platform = $candidate }
    }
    if ($null -eq $platform) {
        throw "\${name}: there is no program for $($candidates -join ', '): there are ${platforms}"
    }
    if ($Uninstall) {
        Uninstall-Program $platform $directory
        return
    }
    Use-Tls12
    $work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    $null = New-Item -ItemType Directory -Path $work
    try {
        Install-Program $wanted $platform $directory $work
    } finally {
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
    }
    if (-not $DryRun) { Update-UserPath $directory ([bool]$AddToPath) }`;
}
