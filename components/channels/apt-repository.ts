import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { debianArchitecture } from "../../lib/channels/apt/architecture";
import { controlText } from "../../lib/channels/apt/control";
import { checkPackageFiles } from "../../lib/channels/apt/package-entries";
import { mainSuite, sourceName } from "../../lib/channels/apt/repository";
import { debianVersion } from "../../lib/channels/apt/version";
import { versionOfTag } from "../../lib/version/version";
import {
  AptPackage,
  AptRepository,
  type MaintainerScripts,
  type PackagedFile,
  type PackagedUnit,
  type PackageRelations,
} from "../../resources";
import { aptPackageDefinition, packageFields } from "../../resources/definitions/apt-package";
import { repositoryFields, suiteName } from "../../resources/definitions/apt-repository";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments, inputText } from "../declaration/call-arguments";
import type {
  ChannelContent,
  ChannelOptions,
  ChannelRelease,
  ChannelTarget,
  CopiedChannel,
} from "../declaration/channel-target";
import type { InstallWay } from "../declaration/install-way";
import type { StaticHost } from "../declaration/static-host";
import { defaultDirectory } from "../default-directory";
import { copiesOf, hostList } from "../static-hosts";
import {
  checkArchitectures,
  formerSecrets,
  madePackages,
  packageFindings,
  packagesByName,
  programArguments,
  programFiles,
  signingSecrets,
  type FormerSigningKey,
} from "./packaged-programs";

/** A Debian package of programs of the distribution. */
export interface AptPackageDeclaration {
  /** Programs of the distribution, which get into `/usr/bin`. */
  programs: string[];
  /** Platforms. Default: those of Linux that all of its programs have. */
  platforms?: string[];
  /** Who maintains it, e.g. `Acme <releases@acme.example>`. Default: the repository's. */
  maintainer?: string;
  /** One line of at most 80 characters, which lists show; lines after it say more. */
  description: string;
  homepage?: string;
  /** Section of Debian's archive. Default: `utils`. */
  section?: string;
  /** Packages that it needs, recommends, replaces and so on. */
  relations?: PackageRelations;
  /** Further files, such as configuration below `/etc`. */
  files?: PackagedFile[];
  /** Units of systemd. */
  units?: PackagedUnit[];
  /** Texts of maintainer scripts. */
  scripts?: MaintainerScripts;
  /** Revision, for the same version packaged anew. Default: none. */
  revision?: string;
}

/** Arguments of {@link aptRepository}. */
export interface AptRepositoryTargetArgs {
  /** Folder that is served, relative to the project's folder. */
  directory: string;
  /** Who publishes it, as clients show it. */
  origin: string;
  /** Who maintains the packages, e.g. `Acme <releases@acme.example>`. */
  maintainer: string;
  /** Packages by name. */
  packages: Record<string, AptPackageDeclaration>;
  /** Armored OpenPGP private key that signs it; kept a secret. */
  key: pulumi.Input<string>;
  /** Passphrase of the key; kept a secret. Default: it has none. */
  passphrase?: pulumi.Input<string>;
  /**
   * The key that clients have from before, which this one is about to replace; kept a secret. Both sign, and both are in the source,
   * until it is removed, or until a day (`2027-06-30`, UTC).
   */
  formerKey?: FormerSigningKey;
  /** Hosts that the folder is copied to. Default: none, it is served where it is. */
  hosts?: StaticHost[];
  /** Address that the folder is served under. Default: there is no source file for users. */
  url?: string;
  /** Name of the files with key and source. Default: the distribution's. */
  name?: string;
  /** Suite of stable versions. Default: `stable`. */
  suite?: string;
  /** Suite of pre-releases, which has stable versions too. Default: `testing`. */
  prereleases?: string;
  /** Default: `main`. */
  component?: string;
  /** What it is, as clients show it. Default: the origin. */
  label?: string;
  /** One line about it. Default: none. */
  description?: string;
  /** For how many days clients believe an index. Default: for good. */
  validDays?: number;
  /** For how many days an index that is replaced is kept. Default: 7. */
  keepDays?: number;
  /** Whether a suite that another key has signed is gone on with. Default: false, it is refused. */
  takeOver?: boolean;
}

const packageArguments = z.strictObject({
  ...packageFields,
  maintainer: packageFields.maintainer.optional(),
  ...programArguments,
  files: aptPackageDefinition.inputs.shape.files.optional(),
  revision: aptPackageDefinition.inputs.shape.revision,
});

const repositoryArguments = z.strictObject({
  ...repositoryFields,
  key: inputText,
  passphrase: inputText.optional(),
  formerKey: repositoryFields.formerKey
    .unwrap()
    .extend({ key: inputText, passphrase: inputText.optional() })
    .optional(),
  maintainer: packageFields.maintainer,
  hosts: hostList.optional(),
  packages: packagesByName(packageArguments),
  name: suiteName.optional(),
  suite: suiteName.optional(),
  prereleases: suiteName.optional(),
});

/**
 * Debian packages of the distribution's programs in a signed APT repository, a folder for any static
 * host: users install them with `apt-get install NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the key
 */
export function aptRepository(args: AptRepositoryTargetArgs): ChannelTarget {
  checkArguments("aptRepository()", repositoryArguments, args);
  return new AptTarget(args);
}

class AptTarget implements ChannelTarget {
  readonly kind = "APT repository";
  readonly name: string;

  constructor(private readonly args: AptRepositoryTargetArgs) {
    this.name = args.directory;
  }

  findings(release: ChannelRelease): Finding[] {
    return packageFindings(this.args.packages, release, (name, declared, platforms) => {
      this.refuse(name, declared, platforms, release);
    });
  }

  /** @throws ChannelError for what Debian's rules refuse of a package */
  private refuse(
    name: string,
    declared: AptPackageDeclaration,
    platforms: readonly string[],
    { version }: ChannelRelease,
  ): void {
    const { files = [], units = [], revision, ...rest } = declared;
    checkPackageFiles(files, units);
    const architectures = platforms.map((platform) => debianArchitecture(platform, "platforms"));
    checkArchitectures(platforms, architectures, "Debian");
    const control = {
      maintainer: this.args.maintainer,
      ...rest,
      name,
      version: debianVersion(version, revision),
      architecture: architectures[0] ?? "",
    };
    controlText(control, 0);
  }

  install({ distribution }: ChannelRelease): InstallWay | undefined {
    const { url, name = distribution, suite = mainSuite, packages } = this.args;
    if (url === undefined) return undefined;
    const source = sourceName(name, suite);
    const address = `${url.replace(/\/$/, "")}/${source}`;
    return {
      with: "APT",
      on: "Debian, Ubuntu",
      commands: [
        `sudo curl -fsSLo /etc/apt/sources.list.d/${source} ${address}`,
        "sudo apt-get update",
        `sudo apt-get install ${Object.keys(packages).join(" ")}`,
      ],
    };
  }

  create(content: ChannelContent, options: ChannelOptions): CopiedChannel {
    const {
      packages,
      maintainer,
      suite,
      prereleases,
      name,
      hosts = [],
      formerKey,
      ...repository
    } = this.args;
    const made = madePackages(packages, content, (...one) =>
      this.packageFor(...one, content, options.parent),
    );
    const resource = new AptRepository(
      `apt@${this.name}`,
      {
        ...repository,
        name: name ?? content.distribution,
        suites: this.suitesOf(content.version),
        ...signingSecrets(this.args),
        formerKey: formerSecrets(formerKey),
        packages: made.map(({ path, digest, size, control }) => ({ path, digest, size, control })),
        gated: true,
      },
      options,
    );
    const copies = copiesOf(this.args.directory, hosts, resource, options.parent);
    return { resource, copies };
  }

  private packageFor(
    name: string,
    { programs, platforms: _platforms, files = [], ...declared }: AptPackageDeclaration,
    platform: string,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): AptPackage {
    const { version } = content;
    const packaged = debianVersion(version, declared.revision);
    const file = `${name}_${packaged}_${debianArchitecture(platform)}.deb`;
    return new AptPackage(
      `${name}-${platform.replaceAll("/", "-")}-deb`,
      {
        maintainer: this.args.maintainer,
        ...declared,
        path: `${defaultDirectory({ version })}/packages/${file}`,
        name,
        version,
        platform,
        files: [...programFiles(programs, platform, content), ...files],
      },
      { parent },
    );
  }

  /** A stable version is in both, so that who asked for pre-releases gets it too. */
  private suitesOf(version: string): string[] {
    const { suite = mainSuite, prereleases = "testing" } = this.args;
    return versionOfTag(version)?.stable === false ? [prereleases] : [...new Set([suite, prereleases])];
  }
}
