// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { aptPackageDefinition } from "./definitions/apt-package";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link AptPackage}. */
export type AptPackageArgs = {
  /**
   * Where the package is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  path: pulumi.Input<string>;
  /** Name of the package. Example: `"hello"`. */
  name: pulumi.Input<string>;
  /**
   * Version of the release. A pre-release such as `1.2.0-rc.1` is `1.2.0~rc.1` in the package, which
   * dpkg orders before `1.2.0`. Example: `"1.2.0"`.
   */
  version: pulumi.Input<string>;
  /** Revision of the package, for the same version packaged anew. Default: none. Example: `"2"`. */
  revision?: pulumi.Input<string | undefined>;
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
  /** Section of Debian's archive. Default: `utils`. Example: `"net"`. */
  section?: pulumi.Input<string | undefined>;
  /**
   * Packages that it needs, recommends, replaces and so on. Example: `{"depends":["libc6 (>=
   * 2.34)"]}`.
   */
  relations?: DeepInput<types.PackageRelations | undefined>;
  /** Units of systemd. */
  units?: DeepInput<types.PackagedUnit[] | undefined>;
  /** Maintainer scripts. */
  scripts?: DeepInput<types.MaintainerScripts | undefined>;
  /** What it installs. */
  files: DeepInput<types.PackagedFile[]>;
};

/**
 * A Debian package (`.deb`) of declared files, at a path of the project. Equal content gives equal
 * bytes, on every machine, so that its digest is known at preview. It is placed when it changes,
 * and where it is not on this machine, when something needs it. (`slipway:apt:Package`)
 */
export class AptPackage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof aptPackageDefinition>
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
   * dpkg orders before `1.2.0`. Example: `"1.2.0"`.
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
  /** What it installs. */
  declare readonly files: pulumi.Output<types.PackagedFile[]>;
  /** Digest of the package. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** The control file of the package, which an index of packages repeats. */
  declare readonly control: pulumi.Output<string>;
  /** The package, as a release takes it. */
  declare readonly artifacts: pulumi.Output<types.Artifact[]>;

  constructor(name: string, args: AptPackageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, control: undefined, artifacts: undefined };
    super("slipway:apt:Package", name, properties<typeof aptPackageDefinition>(outputs, args), options);
  }
}
