import { checkPackageAbout, refuseField, type PackageAbout } from "../linux/package-about";
import { apkArchitecture } from "./architecture";
import { checkedRelations, type ApkRelationKind, type ApkRelations } from "./relation";
import { apkRevision, apkVersion } from "./version";

/** What a package says of itself. */
export interface ApkDescription {
  readonly name: string;
  /** With its revision, e.g. `1.2.0_rc1-r0`. */
  readonly version: string;
  /** Architecture as Alpine names it, e.g. `x86_64`. */
  readonly architecture: string;
  /** One line. */
  readonly description: string;
  /** SPDX expression. */
  readonly license: string;
  readonly maintainer: string;
  readonly homepage?: string;
  readonly relations: Readonly<Record<ApkRelationKind, readonly string[]>>;
}

/** The same, as it is declared. */
export interface DeclaredDescription extends PackageAbout {
  readonly name: string;
  /** Version of the release. */
  readonly version: string;
  /** Revision, for the same version packaged anew. */
  readonly revision?: string;
  /** Platform, e.g. `linux/amd64`. */
  readonly platform: string;
  /** SPDX expression. */
  readonly license: string;
  readonly relations?: ApkRelations;
}

/** Names of Alpine's own packages (abuild, "pkgname"). */
const namePattern = /^[a-z0-9][a-z0-9+._-]*$/;
/** SPDX specification, annex D, by its characters: identifiers, operators and brackets. */
const licensePattern = /^[A-Za-z0-9(][A-Za-z0-9.+:() -]*$/;

/** @throws ChannelError for what apk or the rules of Alpine do not take */
export function apkDescription(declared: DeclaredDescription): ApkDescription {
  const { name, version, revision, platform, maintainer, description, homepage, license } = declared;
  if (!namePattern.test(name)) {
    refuseField(
      "name",
      name,
      "is not a name of a package of Alpine: it has small letters, digits and +._-, and begins with a letter or a digit",
      "hello",
    );
  }
  checkPackageAbout(declared);
  if (!licensePattern.test(license))
    refuseField("license", license, "is not an SPDX expression", "Apache-2.0");
  const [line = ""] = description.split("\n");
  return {
    name,
    version: `${apkVersion(version)}-${apkRevision(revision)}`,
    architecture: apkArchitecture(platform),
    description: line.trim(),
    license,
    maintainer,
    ...(homepage !== undefined && { homepage }),
    relations: checkedRelations(declared.relations ?? {}),
  };
}
