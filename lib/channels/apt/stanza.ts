import { digestHex } from "../../oci/digest";

/** A package as an index has it. */
export interface PackageStanza {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Path of the file in the repository, e.g. `pool/main/h/hello/hello_1.2.0_amd64.deb`. */
  readonly filename: string;
  readonly digest: string;
  /** The stanza, with a line feed at its end and no empty line. */
  readonly text: string;
}

/** An index of packages that is not as this program writes it. */
export class PackagesIndexError extends Error {
  override readonly name = "PackagesIndexError";
}

/**
 * The stanza of a package: its control file and where the file is.
 *
 * Source: Debian's repository format, "Packages indices".
 */
export function packageStanza(
  control: string,
  file: { readonly component: string; readonly digest: string; readonly size: number },
): PackageStanza {
  const fields = fieldsOf(control);
  const name = fields.get("Package") ?? "";
  const version = fields.get("Version") ?? "";
  const architecture = fields.get("Architecture") ?? "";
  const filename = poolPath(file.component, name, version, architecture);
  const place = `Filename: ${filename}\nSize: ${file.size}\nSHA256: ${digestHex(file.digest)}\n`;
  // The description is the longest field, and stands last, as Debian has it.
  const [before = "", description = ""] = control.split(/^(?=Description: )/m);
  return {
    name,
    version,
    architecture,
    filename,
    digest: file.digest,
    text: `${before}${place}${description}`,
  };
}

/** Where a package is in a repository. Libraries have four letters as folder (Debian's pool). */
export function poolPath(component: string, name: string, version: string, architecture: string): string {
  const letter = name.startsWith("lib") && name.length > 3 ? name.slice(0, 4) : name.slice(0, 1);
  return `pool/${component}/${letter}/${name}/${name}_${version}_${architecture}.deb`;
}

/**
 * The stanzas of an index, in their order.
 *
 * @throws PackagesIndexError for one without a name, a version, a file or its digest
 */
export function parsePackages(index: string): PackageStanza[] {
  return index
    .split(/\n{2,}/)
    .filter((text) => text.trim() !== "")
    .map((paragraph) => {
      const text = `${paragraph.trim()}\n`;
      const fields = fieldsOf(text);
      const wanted = (field: string) => {
        const value = fields.get(field);
        if (value !== undefined) return value;
        throw new PackagesIndexError(`a package without ${field}: ${JSON.stringify(text.slice(0, 80))}`);
      };
      return {
        name: wanted("Package"),
        version: wanted("Version"),
        architecture: wanted("Architecture"),
        filename: wanted("Filename"),
        digest: `sha256:${wanted("SHA256")}`,
        text,
      };
    });
}

/** An index of stanzas, by name and then as they came. */
export function packagesText(stanzas: readonly PackageStanza[]): string {
  return [...stanzas]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ text }) => `${text}\n`)
    .join("");
}

/** Fields of one paragraph; of a folded one the first line. */
export function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of paragraph.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith(" ")) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}
