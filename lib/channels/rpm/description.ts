import { checkPackageAbout, refuseField, type PackageAbout } from "../linux/package-about";
import { rpmArchitecture } from "./architecture";
import { parseRelations, type RpmRelationKind, type RpmRelations } from "./relation";
import { rpmRelease, rpmVersion } from "./version";

/** What a package says of itself. */
export interface RpmDescription {
  readonly name: string;
  /** Version as rpm orders it; see `rpmVersion`. */
  readonly version: string;
  readonly release: string;
  /** Architecture as rpm names it, e.g. `x86_64`, or `noarch`. */
  readonly architecture: string;
  readonly summary: string;
  readonly description: string;
  /** SPDX expression. */
  readonly license: string;
  /** Name and address of who packages it. */
  readonly packager: string;
  readonly url?: string;
  readonly relations?: RpmRelations;
}

/** The same, as it is declared. */
export interface DeclaredDescription extends PackageAbout {
  readonly name: string;
  /** Version of the release. */
  readonly version: string;
  /** Revision, for the same version packaged anew. */
  readonly revision?: string;
  /** Platform, e.g. `linux/amd64`, or `all`. */
  readonly platform: string;
  /** SPDX expression. */
  readonly license: string;
  readonly relations?: Partial<Record<RpmRelationKind, readonly string[] | undefined>>;
}

/** Fedora's packaging guidelines, "Naming". */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
/** SPDX specification, annex D, by its characters: identifiers, operators and brackets. */
const licensePattern = /^[A-Za-z0-9(][A-Za-z0-9.+:() -]*$/;

/** @throws ChannelError for what rpm or the rules of its distributions do not take */
export function rpmDescription(declared: DeclaredDescription): RpmDescription {
  const { name, version, revision, platform, maintainer, description, homepage, license, relations } =
    declared;
  if (!namePattern.test(name)) {
    refuseField(
      "name",
      name,
      "is not a name of a package of rpm: it has letters, digits and ._+-, and begins with a letter or a digit",
      "hello",
    );
  }
  checkPackageAbout(declared);
  if (!licensePattern.test(license))
    refuseField("license", license, "is not an SPDX expression", "Apache-2.0");
  const [summary = "", ...more] = description.trimEnd().split("\n");
  const text = more
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
  return {
    name,
    version: rpmVersion(version),
    release: rpmRelease(revision),
    architecture: rpmArchitecture(platform),
    summary: summary.trim(),
    description: text === "" ? summary.trim() : text,
    license,
    packager: maintainer,
    ...(homepage !== undefined && { url: homepage }),
    ...(relations && { relations: parseRelations(relations) }),
  };
}
