import { PackageURL } from "packageurl-js";
import * as z from "zod";
import { ScanError } from "./scanner";

const cycloneDxComponent = z.looseObject({
  type: z.string().optional(),
  purl: z.string().optional(),
  get components() {
    return z.array(cycloneDxComponent).optional();
  },
});

/** Types of components that have no package URL. */
const withoutPurl: ReadonlySet<string> = new Set(["file", "operating-system", "container", "data"]);

const cycloneDx = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  components: z.array(cycloneDxComponent).optional(),
});

const spdx = z.looseObject({
  spdxVersion: z.string(),
  packages: z
    .array(
      z.looseObject({
        externalRefs: z
          .array(z.looseObject({ referenceType: z.string(), referenceLocator: z.string() }))
          .optional(),
      }),
    )
    .optional(),
});

/** Packages that an SBOM names. */
export interface NamedPackages {
  /** Package URLs, each once, in the order of the SBOM. */
  purls: PackageURL[];
  /** Number of packages without a package URL. */
  unnamed: number;
}

/**
 * Packages that an SBOM names.
 *
 * @param sbom CycloneDX (section "components") or SPDX 2.x (section 7.21, external references) as
 * parsed JSON
 * @throws ScanError for what is neither
 */
export function packagesOf(sbom: unknown): NamedPackages {
  const asCycloneDx = cycloneDx.safeParse(sbom);
  if (asCycloneDx.success) return named((asCycloneDx.data.components ?? []).flatMap(purlsOf));
  const asSpdx = spdx.safeParse(sbom);
  if (!asSpdx.success) throw new ScanError("the SBOM is neither CycloneDX nor SPDX in JSON");
  return named(
    (asSpdx.data.packages ?? []).map(
      ({ externalRefs }) =>
        externalRefs?.find(({ referenceType }) => referenceType === "purl")?.referenceLocator,
    ),
  );
}

/**
 * Package URL of a component and of those in it; of files and operating systems none is expected.
 */
function purlsOf({ type, purl, components }: z.infer<typeof cycloneDxComponent>): (string | undefined)[] {
  const own = purl !== undefined || !withoutPurl.has(type ?? "") ? [purl] : [];
  return [...own, ...(components ?? []).flatMap(purlsOf)];
}

function named(found: readonly (string | undefined)[]): NamedPackages {
  const texts = found.filter((purl): purl is string => purl !== undefined);
  return { purls: [...new Set(texts)].map(parsed), unnamed: found.length - texts.length };
}

function parsed(purl: string): PackageURL {
  try {
    return PackageURL.fromString(purl);
  } catch (error) {
    throw new ScanError(`the SBOM names a package by ${JSON.stringify(purl)}, which is not a package URL`, {
      cause: error,
    });
  }
}

/** The smallest CycloneDX document that names the packages. */
export function packageList(purls: readonly PackageURL[]): object {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    components: purls.map((purl) => ({
      type: "library",
      name: purl.name,
      version: purl.version ?? "",
      purl: purl.toString(),
    })),
  };
}
