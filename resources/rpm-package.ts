// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { rpmPackageDefinition } from "./definitions/rpm-package";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link RpmPackage}. */
export type RpmPackageArgs = {
  /**
   * Where the package is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  path: pulumi.Input<string>;
  /** Name of the package. Example: `"hello"`. */
  name: pulumi.Input<string>;
  /**
   * Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0~rc.1` in the package, which
   * rpm orders before `1.2.0`. Example: `"1.2.0"`.
   */
  version: pulumi.Input<string>;
  /** Platform that it is for, or `all` for every one. Example: `"linux/amd64"`. */
  platform: pulumi.Input<string>;
  /** Who maintains the package. Example: `"Acme <releases@acme.example>"`. */
  maintainer: pulumi.Input<string>;
  /**
   * One line of at most 80 characters, which lists show; lines after it say more. Example: `"Says
   * hello to the world"`.
   */
  description: pulumi.Input<string>;
  /** Address of the project. Example: `"https://acme.example/hello"`. */
  homepage?: pulumi.Input<string | undefined>;
  /** License, as an SPDX expression. Example: `"Apache-2.0"`. */
  license: pulumi.Input<string>;
  /**
   * Packages that it requires, recommends, obsoletes and so on. Example: `{"requires":["glibc >=
   * 2.34"]}`.
   */
  relations?: DeepInput<types.RpmRelations | undefined>;
  /** Units of systemd. */
  units?: DeepInput<types.PackagedUnit[] | undefined>;
  /** Scripts that rpm runs before and after it installs or removes. */
  scripts?: DeepInput<types.RpmScripts | undefined>;
  /**
   * Revision of the package, for the same version packaged anew: its release. Default: `1`. Example:
   * `"2"`.
   */
  revision?: pulumi.Input<string | undefined>;
  /**
   * Armored OpenPGP private key that signs packages and lists, a secret: Ed25519, or RSA of 3072 bits
   * or more.
   */
  key: pulumi.Input<string>;
  /** Passphrase of the key, a secret. Default: it has none. */
  passphrase?: pulumi.Input<string | undefined>;
  /**
   * The key that clients have from before: a package that it has signed stays as it is, and every
   * other one is signed by `key`. Default: none.
   */
  formerKey?: DeepInput<types.FormerKey | undefined>;
  /** What it installs. */
  files: DeepInput<types.PackagedFile[]>;
};

/**
 * A signed RPM package of declared files, at a path of the project. Equal content and key give
 * equal bytes, on every machine, so that its digest is known at preview. It is placed when it
 * changes, and where it is not on this machine, when something needs it. (`slipway:rpm:Package`)
 */
export class RpmPackage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof rpmPackageDefinition>
{
  /**
   * Where the package is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  declare readonly path: pulumi.Output<string>;
  /** Name of the package. Example: `"hello"`. */
  declare readonly name: pulumi.Output<string>;
  /**
   * Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0~rc.1` in the package, which
   * rpm orders before `1.2.0`. Example: `"1.2.0"`.
   */
  declare readonly version: pulumi.Output<string>;
  /** Platform that it is for, or `all` for every one. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;
  /** Who maintains the package. Example: `"Acme <releases@acme.example>"`. */
  declare readonly maintainer: pulumi.Output<string>;
  /**
   * One line of at most 80 characters, which lists show; lines after it say more. Example: `"Says
   * hello to the world"`.
   */
  declare readonly description: pulumi.Output<string>;
  /** License, as an SPDX expression. Example: `"Apache-2.0"`. */
  declare readonly license: pulumi.Output<string>;
  /**
   * Armored OpenPGP private key that signs packages and lists, a secret: Ed25519, or RSA of 3072 bits
   * or more.
   */
  declare readonly key: pulumi.Output<string>;
  /** What it installs. */
  declare readonly files: pulumi.Output<types.PackagedFile[]>;
  /** Digest of the package. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** What the lists of a repository have of the package. */
  declare readonly lists: pulumi.Output<types.RpmPackageLists>;
  /** The package, as a release takes it. */
  declare readonly artifacts: pulumi.Output<types.Artifact[]>;

  constructor(name: string, args: RpmPackageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, lists: undefined, artifacts: undefined };
    super("slipway:rpm:Package", name, properties<typeof rpmPackageDefinition>(outputs, args), options);
  }
}
