import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { apkArchitecture } from "../../lib/channels/apk/architecture";
import { checkApkFiles } from "../../lib/channels/apk/declared-package";
import { apkDescription } from "../../lib/channels/apk/description";
import { sameKeyName } from "../../lib/channels/apk/key-name";
import { apkRevision, apkVersion } from "../../lib/channels/apk/version";
import { ChannelError } from "../../lib/channels/artifact";
import { checkBaseUrl } from "../../lib/text/url-below";
import { versionOfTag } from "../../lib/version/version";
import {
  ApkPackage,
  ApkRepository,
  type ApkRelations,
  type ApkScripts,
  type PackagedFile,
  type PackagedService,
} from "../../resources";
import { apkPackageDefinition, apkPackageFields } from "../../resources/definitions/apk-package";
import { apkRepositoryFields } from "../../resources/definitions/apk-repository";
import { checked } from "../../resources/definitions/definition";
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
  type FormerApkSigningKey,
} from "./packaged-programs";

/** A package of Alpine of programs of the distribution. */
export interface ApkPackageDeclaration {
  /** Programs of the distribution, which get into `/usr/bin`. They have to run with musl, or be static. */
  programs: string[];
  /** Platforms. Default: those of Linux that all of its programs have. */
  platforms?: string[];
  /** Who maintains it, e.g. `Acme <releases@acme.example>`. Default: the repository's. */
  maintainer?: string;
  /** One line of at most 80 characters, which lists show. */
  description: string;
  homepage?: string;
  /** SPDX expression. Default: the distribution's `licenses`. */
  license?: string;
  /** Packages that it depends on, conflicts with, replaces and so on. */
  relations?: ApkRelations;
  /** Further files, such as configuration below `/etc`. */
  files?: PackagedFile[];
  /** Services of OpenRC. */
  services?: PackagedService[];
  /** Texts of scripts that apk runs. */
  scripts?: ApkScripts;
  /** Revision, for the same version packaged anew. Default: `0`. */
  revision?: string;
}

/** Arguments of {@link apkRepository}. */
export interface ApkRepositoryTargetArgs {
  /** Folder that is served, relative to the project's folder. */
  directory: string;
  /** What it is, in its indexes. */
  label: string;
  /** Who maintains the packages, e.g. `Acme <releases@acme.example>`. */
  maintainer: string;
  /** Packages by name. */
  packages: Record<string, ApkPackageDeclaration>;
  /** RSA private key, as PEM, that signs packages and indexes; kept a secret. */
  key: pulumi.Input<string>;
  /** Passphrase of the key; kept a secret. Default: it has none. */
  passphrase?: pulumi.Input<string>;
  /**
   * Name of the public key in `/etc/apk/keys`, without `.rsa.pub`; another key needs another one.
   * Default: the distribution's.
   */
  keyName?: string;
  /**
   * The key that clients have from before, which this one is about to replace; kept a secret. Both sign the
   * indexes until a day (`2027-06-30`, UTC), or until it is removed; `keyName` has to be another one.
   */
  formerKey?: FormerApkSigningKey;
  /** Hosts that the folder is copied to. Default: none, it is served where it is. */
  hosts?: StaticHost[];
  /** Address that the folder is served under, for documents that say how to install. */
  url?: string;
  /**
   * Whether a pre-release is published too, which everybody gets then who upgrades. Default: false;
   * give pre-releases a repository with a `directory` of its own.
   */
  prereleases?: boolean;
  /** Whether an index that another key has signed is gone on with. Default: false, it is refused. */
  takeOver?: boolean;
}

const packageArguments = z.strictObject({
  ...apkPackageFields,
  maintainer: apkPackageFields.maintainer.optional(),
  license: apkPackageFields.license.optional(),
  ...programArguments,
  files: apkPackageDefinition.inputs.shape.files.optional(),
});

const repositoryArguments = z.strictObject({
  ...apkRepositoryFields,
  key: inputText,
  passphrase: inputText.optional(),
  keyName: apkRepositoryFields.keyName.optional(),
  formerKey: apkRepositoryFields.formerKey
    .unwrap()
    .extend({
      key: inputText,
      passphrase: inputText.optional(),
      keyName: apkRepositoryFields.keyName.optional(),
    })
    .optional(),
  maintainer: apkPackageFields.maintainer,
  hosts: hostList.optional(),
  url: checked(checkBaseUrl)
    .meta({ examples: ["https://alpine.acme.example"] })
    .optional(),
  packages: packagesByName(packageArguments),
  prereleases: z.boolean().optional(),
});

/**
 * Packages of the distribution's programs in a signed repository of Alpine, a folder for any static
 * host: users install them with `apk add NAME`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the key
 */
export function apkRepository(args: ApkRepositoryTargetArgs): ChannelTarget {
  checkArguments("apkRepository()", repositoryArguments, args);
  return new ApkTarget(args);
}

class ApkTarget implements ChannelTarget {
  readonly kind = "Alpine repository";
  readonly name: string;

  constructor(private readonly args: ApkRepositoryTargetArgs) {
    this.name = args.directory;
  }

  findings(release: ChannelRelease): Finding[] {
    const former = this.formerKey(release.distribution)?.keyName;
    const sameName =
      former === undefined ? undefined : sameKeyName(this.keyName(release.distribution), former);
    const named = sameName === undefined ? [] : [{ property: "formerKey.keyName", reason: sameName }];
    const packages = packageFindings(this.args.packages, release, (name, declared, platforms) => {
      checkApkFiles(declared.files ?? [], declared);
      const architectures = platforms.map((platform) => apkArchitecture(platform, "platforms"));
      checkArchitectures(platforms, architectures, "Alpine");
      // What is held makes no package, so that apk's rules for versions are not for it.
      const version = this.isFor(release.version) ? release.version : "0";
      for (const platform of platforms)
        apkDescription(this.described(name, declared, platform, { ...release, version }));
    });
    return [...named, ...packages];
  }

  private keyName(distribution: string): string {
    return this.args.keyName ?? distribution;
  }

  private formerKey(distribution: string) {
    const { formerKey } = this.args;
    return formerSecrets(formerKey && { ...formerKey, keyName: formerKey.keyName ?? distribution });
  }

  /** What a package says of itself. @throws ChannelError */
  private described(
    name: string,
    { programs: _programs, platforms: _platforms, files: _files, ...declared }: ApkPackageDeclaration,
    platform: string,
    { version, licenses }: ChannelRelease,
  ) {
    const { license = licenses } = declared;
    if (license === undefined)
      throw new ChannelError("license", 'Alpine wants one (a valid example: license: "Apache-2.0")');
    return { maintainer: this.args.maintainer, ...declared, license, name, version, platform };
  }

  private isFor(version: string): boolean {
    return this.args.prereleases === true || versionOfTag(version)?.stable !== false;
  }

  install({ distribution }: ChannelRelease): InstallWay | undefined {
    const { url, packages } = this.args;
    if (url === undefined) return undefined;
    const address = url.replace(/\/$/, "");
    const key = `${this.keyName(distribution)}.rsa.pub`;
    return {
      with: "apk",
      on: "Alpine",
      commands: [
        `wget -O /etc/apk/keys/${key} ${address}/${key}`,
        `echo ${address} >>/etc/apk/repositories`,
        `apk add ${Object.keys(packages).join(" ")}`,
      ],
    };
  }

  create(content: ChannelContent, options: ChannelOptions): CopiedChannel {
    const {
      packages,
      maintainer: _maintainer,
      prereleases: _prereleases,
      hosts = [],
      url: _url,
      ...repository
    } = this.args;
    const isForIt = this.isFor(content.version);
    const made = madePackages(isForIt ? packages : {}, content, (...one) =>
      this.packageFor(...one, content, options.parent),
    );
    const resource = new ApkRepository(
      `apk@${this.name}`,
      {
        ...repository,
        ...signingSecrets(this.args),
        keyName: this.keyName(content.distribution),
        formerKey: this.formerKey(content.distribution),
        packages: made.map(({ path, digest, index }) => ({ path, digest, index })),
        ...(!isForIt && {
          held: `${content.version} is a pre-release, and only stable versions are for it`,
        }),
        gated: true,
      },
      options,
    );
    return { resource, copies: copiesOf(this.args.directory, hosts, resource, options.parent) };
  }

  private packageFor(
    name: string,
    declared: ApkPackageDeclaration,
    platform: string,
    content: ChannelContent,
    parent: pulumi.Resource,
  ): ApkPackage {
    const { version } = content;
    const { programs, files = [], revision } = declared;
    const file = `${name}-${apkVersion(version)}-${apkRevision(revision)}.apk`;
    // Two repositories may have packages of one name that are signed by two keys.
    const folder = this.name.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
    return new ApkPackage(
      `${name}-${platform.replaceAll("/", "-")}-apk@${this.name}`,
      {
        ...this.described(name, declared, platform, content),
        ...signingSecrets(this.args),
        keyName: this.keyName(content.distribution),
        formerKey: this.formerKey(content.distribution),
        path: `${defaultDirectory({ version })}/packages/${folder}/${apkArchitecture(platform)}/${file}`,
        files: [...programFiles(programs, platform, content), ...files],
      },
      { parent },
    );
  }
}
