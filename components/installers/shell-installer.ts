import * as z from "zod";
import { ChannelError } from "../../lib/channels/artifact";
import {
  checkInstaller,
  defaultEnvironment,
  installMethods,
  type InstallerArtifact,
  type InstallerDeclaration,
  type InstallMethod,
} from "../../lib/installers/installer";
import { renderShellInstaller } from "../../lib/installers/shell-script";
import { bareVersion } from "../../lib/version/version";
import type { Finding } from "../../resources/definitions/input-findings";
import { addressFindings } from "../channels/released-archive";
import { checkArguments } from "../declaration/call-arguments";
import type { Installer, InstallerFacts, InstallerRelease } from "../declaration/installer";
import { installedFile, onlyOne } from "./declared-archive";
import { archiveName, homepageAddress, installedName, variableName } from "./installer-arguments";

/** Arguments of {@link shellInstaller}. */
export interface ShellInstallerArgs {
  /** Name of what is installed. Default: the distribution's. */
  name?: string;
  /** Address that its head names. Default: the distribution's `source`. */
  homepage?: string;
  /** Name of the archive that is installed, in `archives`. Default: the only one. */
  archive?: string;
  /** Name of the archive for a Linux with musl instead of glibc. Default: the same one. */
  muslArchive?: string;
  /** What is installed of it: its programs, or everything. Default: `programs`. */
  contents?: "programs" | "all";
  /**
   * Files of the user's own, by their paths in the archive below its root: one that is there already
   * stays as it is. For `contents: "all"`.
   */
  keep?: string[];
  /**
   * Folder that is installed into; `$HOME` is the user's. Default: `/usr/local/bin` where it can be
   * written to, else `$HOME/.local/bin`; for `contents: "all"`, `$HOME/.NAME`.
   */
  directory?: string;
  /**
   * `binary` downloads an archive, `docker` pulls an image; the first is the default. Default:
   * `["binary"]`.
   */
  methods?: InstallMethod[];
  /** Image that the method `docker` pulls. Default: the only one. */
  image?: string;
  /**
   * Environment variables that it reads. Default: `NAME_VERSION`, `NAME_INSTALL_METHOD` and
   * `NAME_INSTALL_DIR`.
   */
  environment?: { version?: string; method?: string; directory?: string };
}

const installerArguments = z.strictObject({
  name: installedName.optional(),
  homepage: homepageAddress.optional(),
  archive: archiveName.optional(),
  muslArchive: archiveName.optional(),
  contents: z.enum(["programs", "all"]).optional(),
  keep: z
    .array(archiveName)
    .meta({ examples: [["config/hello.yaml"]] })
    .optional(),
  directory: z
    .string()
    .regex(/^(\$HOME|\/)[^\p{Cc}`"\\$]*$/u, "a path from / or $HOME is expected")
    .meta({ examples: ["$HOME/.hello"] })
    .optional(),
  methods: z
    .array(z.enum(installMethods))
    .min(1)
    .refine((list) => new Set(list).size === list.length, "each method once is expected")
    .optional(),
  image: archiveName.optional(),
  environment: z
    .strictObject({
      version: variableName.optional(),
      method: variableName.optional(),
      directory: variableName.optional(),
    })
    .optional(),
});

/**
 * An installer in POSIX shell, for `curl -fsSL ADDRESS | sh`: it finds the system, downloads what was
 * released for it, checks it by its sum, and puts it in its place at once. Its own version is the one
 * that it was released with; others it finds by the release's sums file, and checks the signature of
 * that where a key signs.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function shellInstaller(args: ShellInstallerArgs = {}): Installer {
  checkArguments("shellInstaller()", installerArguments, args);
  return new ShellInstaller(args);
}

class ShellInstaller implements Installer {
  constructor(private readonly args: ShellInstallerArgs) {}

  findings(release: InstallerRelease): Finding[] {
    try {
      checkInstaller(this.declared(release, { digestOf: () => `sha256:${"0".repeat(64)}` }));
      return [];
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: error.field, reason: error.reason }];
    }
  }

  render(release: InstallerRelease, facts: InstallerFacts): string {
    return renderShellInstaller(this.declared(release, facts));
  }

  private declared(release: InstallerRelease, facts: InstallerFacts): InstallerDeclaration {
    const { methods = ["binary"], contents = "programs", keep = [], directory, environment } = this.args;
    const { name = release.distribution, homepage = release.source } = this.args;
    const downloads = methods.includes("binary");
    const [unknown] = addressFindings(release);
    if (downloads && unknown) throw new ChannelError("methods", unknown.reason);
    return {
      name,
      version: bareVersion(release.version),
      homepage,
      methods,
      environment: { ...defaultEnvironment(name), ...environment },
      contents,
      keep,
      directory,
      artifacts: downloads ? this.artifactsOf(release, facts) : [],
      hosts: release.hosts,
      sumsFile: release.sumsFile,
      image: methods.includes("docker") ? this.imageOf(release) : undefined,
      publicKey: facts.publicKey,
    };
  }

  private artifactsOf(release: InstallerRelease, facts: InstallerFacts): InstallerArtifact[] {
    const archive = onlyOne("archive", "archives", Object.keys(release.archives), this.args.archive);
    const { muslArchive } = this.args;
    const other =
      muslArchive === undefined
        ? []
        : (release.archives[onlyOne("muslArchive", "archives", Object.keys(release.archives), muslArchive)] ??
          []);
    return (release.archives[archive] ?? []).map((planned) => {
      const musl = other.find(({ platform }) => platform === planned.platform);
      return {
        platform: planned.platform,
        ...installedFile(planned, facts.digestOf(archive, planned.platform)),
        musl: musl && installedFile(musl, facts.digestOf(muslArchive ?? archive, planned.platform)),
      };
    });
  }

  private imageOf({ images }: InstallerRelease) {
    return images[onlyOne("image", "images", Object.keys(images), this.args.image)];
  }
}
