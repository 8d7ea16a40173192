import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { rpmArchitecture } from "../../lib/channels/rpm/architecture";
import { ChannelError } from "../../lib/channels/artifact";
import { checkRpmFiles } from "../../lib/channels/rpm/declared-package";
import { rpmDescription } from "../../lib/channels/rpm/description";
import { rpmRelease, rpmVersion } from "../../lib/channels/rpm/version";
import { versionOfTag } from "../../lib/version/version";
import {
  RpmPackage,
  RpmRepository,
  type PackagedFile,
  type PackagedUnit,
  type RpmRelations,
  type RpmScripts,
} from "../../resources";
import type { Finding } from "../../resources/definitions/input-findings";
import { rpmPackageDefinition, rpmPackageFields } from "../../resources/definitions/rpm-package";
import { rpmRepositoryFields, rpmRepositoryName } from "../../resources/definitions/rpm-repository";
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

/** An RPM package of programs of the distribution. */
export interface RpmPackageDeclaration {
  /** Programs of the distribution, which get into `/usr/bin`. */
  programs: string[];
  /** Platforms. Default: those of Linux that all of its programs have. */
  platforms?: string[];
  /** Who maintains it, e.g. `Acme <releases@acme.example>`. Default: the repository's. */
  maintainer?: string;
  /** One line of at most 80 characters, which lists show; lines after it say more. */
  description: string;
  homepage?: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Packages that it requires, recommends, obsoletes and so on. */
  relations?: RpmRelations;
  /** Further files, such as configuration below `/etc`. */
  files?: PackagedFile[];
  /** Units of systemd. */
  units?: PackagedUnit[];
  /** Texts of scripts that rpm runs. */
  scripts?: RpmScripts;
  /** Revision, for the same version packaged anew. Default: `1`. */
  revision?: string;
}

/** Arguments of {@link rpmRepository}. */
export interface RpmRepositoryTargetArgs {
  /** Folder that is served, relative to the project's folder. */
  directory: string;
  /** What it is, as clients show it. */
  label: string;
  /** Who maintains the packages, e.g. `Acme <releases@acme.example>`. */
  maintainer: string;
  /** Packages by name. */
  packages: Record<string, RpmPackageDeclaration>;
  /** Armored OpenPGP private key that signs packages and lists; kept a secret. */
  key: pulumi.Input<string>;
  /** Passphrase of the key; kept a secret. Default: it has none. */
  passphrase?: pulumi.Input<string>;
  /**
   * The key that clients have from before, which this one is about to replace; kept a secret. Both sign what
   * names the lists until a day (`2027-06-30`, UTC), or until it is removed, and clients get both.
   */
  formerKey?: FormerSigningKey;
  /** Hosts that the folder is copied to. Default: none, it is served where it is. */
  hosts?: StaticHost[];
  /** Address that the folder is served under. Default: there is no `.repo` file for users. */
  url?: string;
  /** Name of the files with key and `.repo`, and its id for dnf. Default: the distribution's. */
  name?: string;
  /**
   * Whether a pre-release is published too, which everybody gets then who updates. Default: false; give
   * pre-releases a repository with a `directory` and a `name` of its own.
   */
  prereleases?: boolean;
  /** For how many days a list that is replaced is kept. Default: 7. */
  keepDays?: number;
  /** Whether a repository that another key has signed is gone on with. Default: false, it is refused. */
  takeOver?: boolean;
}

const packageArguments = z.strictObject({
  ...rpmPackageFields,
  maintainer: rpmPackageFields.maintainer.optional(),
  license: rpmPackageFields.license.optional(),
  ...programArguments,
  files: rpmPackageDefinition.inputs.shape.files.optional(),
});

const repositoryArguments = z.strictObject({
  ...rpmRepositoryFields,
  key: inputText,
  passphrase: inputText.optional(),
  formerKey: rpmRepositoryFields.formerKey
    .unwrap()
    .extend({ key: inputText, passphrase: inputText.optional() })
    .optional(),
  maintainer: rpmPackageFields.maintainer,
  hosts: hostList.optional(),
  packages: packagesByName(packageArguments),
  name: rpmRepositoryName.optional(),
  prereleases: z.boolean().optional(),
});

/**
 * RPM packages of the distribution's programs in a signed repository, a folder for any static host:
 * users install them with `dnf install NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the key
 */
export function rpmRepository(args: RpmRepositoryTargetArgs): ChannelTarget {
  checkArguments("rpmRepository()", repositoryArguments, args);
  return new RpmTarget(args);
}

class RpmTarget implements ChannelTarget {
  readonly kind = "RPM repository";
  readonly name: string;

  constructor(private readonly args: RpmRepositoryTargetArgs) {
    this.name = args.directory;
  }

  findings(release: ChannelRelease): Finding[] {
    return packageFindings(this.args.packages, release, (name, declared, platforms) => {
      checkRpmFiles(declared.files ?? [], declared);
      const architectures = platforms.map((platform) => rpmArchitecture(platform, "platforms"));
      checkArchitectures(platforms, architectures, "RPM");
      for (const platform of platforms) rpmDescription(this.described(name, declared, platform, release));
    });
  }

  /** What a package says of itself. @throws ChannelError */
  private described(
    name: string,
    { programs: _programs, platforms: _platforms, files: _files, ...declared }: RpmPackageDeclaration,
    platform: string,
    { version, licenses }: ChannelRelease,
  ) {
    const { license = licenses } = declared;
    if (license === undefined)
      throw new ChannelError("license", 'rpm wants one (a valid example: license: "Apache-2.0")');
    return { maintainer: this.args.maintainer, ...declared, license, name, version, platform };
  }

  install({ distribution }: ChannelRelease): InstallWay | undefined {
    const { url, name = distribution, packages } = this.args;
    if (url === undefined) return undefined;
    const address = `${url.replace(/\/$/, "")}/${name}.repo`;
    return {
      with: "DNF",
      on: "Fedora, RHEL",
      commands: [
        `sudo dnf config-manager addrepo --from-repofile=${address}`,
        `sudo dnf install ${Object.keys(packages).join(" ")}`,
      ],
    };
  }

  create(content: ChannelContent, options: ChannelOptions): CopiedChannel {
    const {
      packages,
      maintainer: _maintainer,
      prereleases = false,
      name,
      hosts = [],
      ...repository
    } = this.args;
    const made = madePackages(packages, content, (...one) =>
      this.packageFor(...one, content, options.parent),
    );
    const isForIt = prereleases || versionOfTag(content.version)?.stable !== false;
    const resource = new RpmRepository(
      `rpm@${this.name}`,
      {
        ...repository,
        ...signingSecrets(this.args),
        formerKey: formerSecrets(this.args.formerKey),
        name: name ?? content.distribution,
        packages: made.map(({ path, digest, lists }) => ({ path, digest, lists })),
        ...(!isForIt && {
          held: `${content.version} is a pre-release, and only stable versions are for it`,
        }),
        gated: true,
      },
      options,
    );
    const copies = copiesOf(this.args.directory, hosts, resource, options.parent);
    return { resource, copies };
  }

  private packageFor(
    name: string,
    declared: RpmPackageDeclaration,
    platform: string,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): RpmPackage {
    const { version } = content;
    const { programs, files = [], revision } = declared;
    const architecture = rpmArchitecture(platform);
    const file = `${name}-${rpmVersion(version)}-${rpmRelease(revision)}.${architecture}.rpm`;
    // Two repositories may have packages of one name that are signed by two keys.
    const folder = this.name.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
    return new RpmPackage(
      `${name}-${platform.replaceAll("/", "-")}-rpm@${this.name}`,
      {
        ...this.described(name, declared, platform, content),
        ...signingSecrets(this.args),
        formerKey: formerSecrets(this.args.formerKey),
        path: `${defaultDirectory({ version })}/packages/${folder}/${file}`,
        files: [...programFiles(programs, platform, content), ...files],
      },
      { parent },
    );
  }
}
