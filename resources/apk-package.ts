// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { apkPackageDefinition } from "./definitions/apk-package";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ApkPackage}. */
export type ApkPackageArgs = {
  /**
   * Where the package is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  path: pulumi.Input<string>;
  /** Name of the package. Example: `"hello"`. */
  name: pulumi.Input<string>;
  /**
   * Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0_rc1` in the package, which
   * apk orders before `1.2.0`. Example: `"1.2.0"`.
   */
  version: pulumi.Input<string>;
  /** Platform that it is for. Example: `"linux/amd64"`. */
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
   * Packages that it depends on, conflicts with, replaces and so on. Example:
   * `{"depends":["so:libc.musl-x86_64.so.1"]}`.
   */
  relations?: DeepInput<types.ApkRelations | undefined>;
  /** Services of OpenRC. */
  services?: DeepInput<types.PackagedService[] | undefined>;
  /** Scripts that apk runs before and after it installs, upgrades or removes. */
  scripts?: DeepInput<types.ApkScripts | undefined>;
  /**
   * Revision of the package, for the same version packaged anew: the number after `-r`. Default: `0`.
   * Example: `"1"`.
   */
  revision?: pulumi.Input<string | undefined>;
  /** RSA private key that signs packages and indexes, as PEM, a secret: of 2048 bits or more. */
  key: pulumi.Input<string>;
  /** Passphrase of the key, a secret. Default: it has none. */
  passphrase?: pulumi.Input<string | undefined>;
  /**
   * Name of the public key in `/etc/apk/keys`, without `.rsa.pub`: another key needs another name.
   * Example: `"releases@acme.example-1"`.
   */
  keyName: pulumi.Input<string>;
  /**
   * The key that clients have from before: a package that it has signed stays as it is, and every
   * other one is signed by `key`. Default: none.
   */
  formerKey?: DeepInput<types.FormerApkKey | undefined>;
  /** What it installs. */
  files: DeepInput<types.PackagedFile[]>;
};

/**
 * A signed package of Alpine (`.apk`) of declared files, at a path of the project. Equal content
 * and key give equal bytes, on every machine, so that its digest is known at preview. It is placed
 * when it changes, and where it is not on this machine, when something needs it.
 * (`slipway:apk:Package`)
 */
export class ApkPackage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof apkPackageDefinition>
{
  /**
   * Where the package is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  declare readonly path: pulumi.Output<string>;
  /** Name of the package. Example: `"hello"`. */
  declare readonly name: pulumi.Output<string>;
  /**
   * Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0_rc1` in the package, which
   * apk orders before `1.2.0`. Example: `"1.2.0"`.
   */
  declare readonly version: pulumi.Output<string>;
  /** Platform that it is for. Example: `"linux/amd64"`. */
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
  /** RSA private key that signs packages and indexes, as PEM, a secret: of 2048 bits or more. */
  declare readonly key: pulumi.Output<string>;
  /**
   * Name of the public key in `/etc/apk/keys`, without `.rsa.pub`: another key needs another name.
   * Example: `"releases@acme.example-1"`.
   */
  declare readonly keyName: pulumi.Output<string>;
  /** What it installs. */
  declare readonly files: pulumi.Output<types.PackagedFile[]>;
  /** Digest of the package. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** What an index has of the package. */
  declare readonly index: pulumi.Output<string>;
  /** The package, as a release takes it. */
  declare readonly artifacts: pulumi.Output<types.Artifact[]>;

  constructor(name: string, args: ApkPackageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, index: undefined, artifacts: undefined };
    super("slipway:apk:Package", name, properties<typeof apkPackageDefinition>(outputs, args), options);
  }
}
