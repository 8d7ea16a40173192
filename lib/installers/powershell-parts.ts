/** The parts of an installer for PowerShell that are the same for every project, for Windows PowerShell 5.1 and PowerShell 7. */

/** Which system this is. */
export const findingSystem = `
    # The platforms whose programs run here, the best one first. What the process is told is its own architecture, which is
    # another one where it is emulated.
    function Get-Platform {
        $architecture = [Environment]::GetEnvironmentVariable('PROCESSOR_ARCHITECTURE', 'Machine')
        if (-not $architecture) { $architecture = $env:PROCESSOR_ARCHITECTURE }
        switch ($architecture) {
            'AMD64' { return @('windows/amd64', 'windows/386') }
            'ARM64' { return @('windows/arm64', 'windows/amd64', 'windows/386') }
            'x86' { return @('windows/386') }
        }
        throw "\${name}: this installer is for Windows on amd64, arm64 and 386, and this machine is '$architecture'"
    }`;

/** How something is downloaded. */
export const downloadingFiles = `
    # Windows PowerShell offers no TLS 1.2 where the system says nothing of it.
    function Use-Tls12 {
        if ($PSVersionTable.PSVersion.Major -lt 6) {
            $offered = [Net.ServicePointManager]::SecurityProtocol
            [Net.ServicePointManager]::SecurityProtocol = $offered -bor [Net.SecurityProtocolType]::Tls12
        }
    }

    # Without the switch, Windows PowerShell has Internet Explorer read what it gets.
    function Save-Address([string]$Address, [string]$Path) {
        Invoke-WebRequest -Uri $Address -OutFile $Path -UseBasicParsing
    }`;

/** What comes after a download: unpacked, and put in its place at once. */
export const placingPrograms = `
    # Unpacks a file of the release into a folder.
    function Expand-Release([string]$Download, [hashtable]$File, [string]$Directory) {
        $null = New-Item -ItemType Directory -Path $Directory
        switch ($File.Format) {
            'zip' { Expand-Archive -LiteralPath $Download -DestinationPath $Directory }
            'tar.gz' {
                & tar -xzf $Download -C $Directory
                if ($LASTEXITCODE -ne 0) { throw "\${name}: $($File.File) could not be unpacked; nothing was installed" }
            }
            'binary' {
                $target = Join-Path $Directory $File.Programs[0]
                $null = New-Item -ItemType Directory -Force -Path (Split-Path -Parent $target)
                Copy-Item -LiteralPath $Download -Destination $target
            }
        }
    }

    # Puts programs in their places: all of them are beside their places before the first one moves, and what fails puts the
    # former ones back. A program that runs can be moved, and not removed.
    function Move-Program([string]$From, [string[]]$Programs, [string]$Directory) {
        $null = New-Item -ItemType Directory -Force -Path $Directory
        $stage = Join-Path $Directory ".$name-$PID"
        $null = New-Item -ItemType Directory -Force -Path $stage
        $moved = @()
        try {
            foreach ($program in $Programs) {
                Copy-Item -LiteralPath (Join-Path $From $program) -Destination (Join-Path $stage (Split-Path -Leaf $program))
            }
            foreach ($program in $Programs) {
                $leaf = Split-Path -Leaf $program
                $target = Join-Path $Directory $leaf
                if (Test-Path -LiteralPath $target) { Move-Item -LiteralPath $target -Destination (Join-Path $stage "$leaf.former") }
                $moved += $leaf
                Move-Item -LiteralPath (Join-Path $stage $leaf) -Destination $target
            }
        } catch {
            foreach ($leaf in $moved) {
                $target = Join-Path $Directory $leaf
                Remove-Item -LiteralPath $target -Force -ErrorAction SilentlyContinue
                $former = Join-Path $stage "$leaf.former"
                if (Test-Path -LiteralPath $former) { Move-Item -LiteralPath $former -Destination $target }
            }
            Remove-Stage $Directory
            throw
        }
        Remove-Stage $Directory
    }

    # Also what an earlier run could not remove, because it was running.
    function Remove-Stage([string]$Directory) {
        Get-ChildItem -LiteralPath $Directory -Force -Directory -Filter ".$name-*" |
            Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
    }

    # Variables in the Path stay unexpanded, as Windows has them. Setting a variable is what tells other programs.
    function Update-UserPath([string]$Directory, [bool]$Change) {
        if (@($env:Path -split ';') -contains $Directory) { return }
        if (-not $Change) {
            Write-Output "To find it, add its folder to your path, or run this again with -AddToPath: $Directory"
            return
        }
        $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $true)
        try {
            $options = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
            $folders = @([string]$key.GetValue('Path', '', $options) -split ';' | Where-Object { $_ -ne '' })
            if ($folders -notcontains $Directory) {
                $value = ($folders + $Directory) -join ';'
                $key.SetValue('Path', $value, [Microsoft.Win32.RegistryValueKind]::ExpandString)
            }
        } finally {
            $key.Close()
        }
        [Environment]::SetEnvironmentVariable('SLIPWAY_PATH_CHANGED', '1', 'User')
        [Environment]::SetEnvironmentVariable('SLIPWAY_PATH_CHANGED', $null, 'User')
        $env:Path = "$env:Path;$Directory"
        Write-Output "$Directory is in the Path of this user."
    }`;

/**
 * Verifies a list with a key.
 *
 * @param publicKey PEM
 */
export function verifyingList(publicKey: string): string {
  return `
    # Checks the signature of a list, which is in the Sigstore bundle beside it, by the key of all versions.
    function Confirm-List([string]$List, [string]$Work, [string]$Wanted) {
        if ($SkipSignature) { return }
        if (-not (Get-Command -Name openssl -CommandType Application -ErrorAction SilentlyContinue)) {
            throw "\${name}: the signature of $sumsFile cannot be checked without openssl: install it, or accept the list with -SkipSignature"
        }
        $bundle = Join-Path $Work 'bundle'
        if (-not (Save-ReleaseFile $Wanted "$sumsFile.sigstore.json" $bundle)) {
            throw "\${name}: the signature of $sumsFile could not be downloaded; nothing was installed"
        }
        $key = Join-Path $Work 'key.pem'
        $signature = Join-Path $Work 'signature'
        $text = @'
${publicKey.trim()}
'@
        [IO.File]::WriteAllText($key, $text.Replace("\`r\`n", "\`n") + "\`n")
        $found = (Get-Content -Raw -LiteralPath $bundle | ConvertFrom-Json).messageSignature.signature
        [IO.File]::WriteAllBytes($signature, [Convert]::FromBase64String($found))
        $null = & openssl dgst '-sha256' -verify $key -signature $signature $List
        if ($LASTEXITCODE -ne 0) {
            throw "\${name}: $sumsFile of $Wanted is not signed by the key of $name; nothing was installed"
        }
    }`;
}
