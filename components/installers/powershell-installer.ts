import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import { defaultEnvironment } from "../../lib/installers/installer";
import {
  renderPowershellInstaller,
  type PowershellDeclaration,
} from "../../lib/installers/powershell-script";
import { bareVersion } from "../../lib/version/version";
import type { Finding } from "../../resources/definitions/input-findings";
import { addressFindings } from "../channels/released-archive";
import { checkArguments } from "../declaration/call-arguments";
import type { Installer, InstallerFacts, InstallerRelease } from "../declaration/installer";
import { installedFile, onlyOne } from "./declared-archive";
import { archiveName, homepageAddress, installedName, variableName } from "./installer-arguments";

/** Arguments of {@link powershellInstaller}. */
export interface PowershellInstallerArgs {
  /** Name of what is installed. Default: the distribution's. */
  name?: string;
  /** Address that its head names. Default: the distribution's `source`. */
  homepage?: string;
  /** Name of the archive that is installed, in `archives`. Default: the only one. */
  archive?: string;
  /**
   * Folder that is installed into, with variables as in `%USERPROFILE%`. Default:
   * `%LOCALAPPDATA%\\Programs\\NAME`.
   */
  directory?: string;
  /** Environment variables that it reads. Default: `NAME_VERSION` and `NAME_INSTALL_DIR`. */
  environment?: { version?: string; directory?: string };
}

const installerArguments = z.strictObject({
  name: installedName.optional(),
  homepage: homepageAddress.optional(),
  archive: archiveName.optional(),
  directory: z
    .string()
    .regex(
      /^(%[A-Za-z_()]+%|[A-Za-z]:)(\\[^\p{Cc}"<>|?*/]*)?$/u,
      "a path from a variable or a drive is expected",
    )
    .meta({ examples: ["%LOCALAPPDATA%\\Programs\\hello"] })
    .optional(),
  environment: z
    .strictObject({ version: variableName.optional(), directory: variableName.optional() })
    .optional(),
});

/**
 * An installer for Windows, for `irm ADDRESS | iex`: it finds the architecture, downloads what was released for it from the
 * first host that has it, checks it by its sum, and puts the programs in their places at once.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function powershellInstaller(args: PowershellInstallerArgs = {}): Installer {
  checkArguments("powershellInstaller()", installerArguments, args);
  return new PowershellInstaller(args);
}

class PowershellInstaller implements Installer {
  constructor(private readonly args: PowershellInstallerArgs) {}

  findings(release: InstallerRelease): Finding[] {
    try {
      this.render(release, { digestOf: () => `sha256:${"0".repeat(64)}` });
      return [];
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: error.field, reason: error.reason }];
    }
  }

  render(release: InstallerRelease, facts: InstallerFacts): string {
    return renderPowershellInstaller(this.declared(release, facts));
  }

  private declared(release: InstallerRelease, facts: InstallerFacts): PowershellDeclaration {
    const { name = release.distribution, homepage = release.source, environment } = this.args;
    const [unknown] = addressFindings(release);
    if (unknown) throw new ChannelError("archive", unknown.reason);
    const archive = onlyOne("archive", "archives", Object.keys(release.archives), this.args.archive);
    const files = (release.archives[archive] ?? []).filter(({ platform }) => platform.startsWith("windows/"));
    if (files.length === 0) {
      const reason = `${archive} has no file for Windows: declare one of its platforms, such as windows/amd64`;
      throw new ChannelError("archive", reason);
    }
    return {
      name,
      homepage,
      version: bareVersion(release.version),
      environment: { ...defaultEnvironment(name), ...environment },
      directory: this.args.directory ?? `%LOCALAPPDATA%\\Programs\\${name}`,
      artifacts: files.map((planned) => ({
        platform: planned.platform,
        ...installedFile(planned, facts.digestOf(archive, planned.platform)),
      })),
      hosts: release.hosts,
      sumsFile: release.sumsFile,
      publicKey: facts.publicKey,
    };
  }
}
