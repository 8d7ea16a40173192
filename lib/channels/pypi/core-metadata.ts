/**
 * Core metadata of a distribution file, `METADATA` of a wheel and `PKG-INFO` of an sdist: headers as
 * in an e-mail, then the description. Source: packaging specifications, "Core metadata".
 */

/** What a distribution file says of itself. */
export interface CoreMetadata {
  readonly metadataVersion: string;
  readonly name: string;
  readonly version: string;
  /** Fields of the legacy upload form with their values, in the order of the file; those above are among them. */
  readonly fields: readonly (readonly [field: string, value: string])[];
}

/** Fields of the form that have another name than the header, lower-case with underscores. */
const renamed: Readonly<Record<string, string>> = {
  classifier: "classifiers",
  project_url: "project_urls",
};

/** Headers that the form has a field for, one for each line. */
const known: ReadonlySet<string> = new Set([
  "metadata_version",
  "name",
  "version",
  "dynamic",
  "platform",
  "supported_platform",
  "summary",
  "description",
  "description_content_type",
  "keywords",
  "home_page",
  "download_url",
  "author",
  "author_email",
  "maintainer",
  "maintainer_email",
  "license",
  "license_expression",
  "license_file",
  "classifier",
  "requires_dist",
  "requires_python",
  "requires_external",
  "project_url",
  "provides_extra",
  "provides_dist",
  "obsoletes_dist",
]);

/**
 * Reads core metadata.
 *
 * @param file where it stands, for messages
 * @throws Error where the name or version is missing, or stands twice
 */
export function parseCoreMetadata(text: string, file: string): CoreMetadata {
  const { headers, body } = split(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const only = (wanted: string): string => {
    const values = headers.filter(([header]) => header === wanted);
    const value = values[0]?.[1].trim() ?? "";
    if (values.length === 1 && value !== "") return value;
    throw new Error(`${file} has ${values.length === 0 || value === "" ? "no" : "more than one"} ${wanted}`);
  };
  const metadataVersion = only("metadata_version");
  // Older tools write the field without the version that has it (PEP 639); indexes refuse that.
  const hasLicenseFiles =
    Number(metadataVersion.split(".")[1] ?? 0) >= 4 || !metadataVersion.startsWith("2.");
  const fields = headers.flatMap(([header, value]): [string, string][] => {
    if (!known.has(header) || (header === "license_file" && !hasLicenseFiles)) return [];
    return [[renamed[header] ?? header, value]];
  });
  if (body !== "") fields.push(["description", body]);
  return { metadataVersion, name: only("name"), version: only("version"), fields };
}

function split(text: string): { headers: [string, string][]; body: string } {
  const headers: [string, string][] = [];
  const lines = text.split("\n");
  let position = 0;
  for (; position < lines.length; position++) {
    const line = lines[position] ?? "";
    if (line === "") break;
    const last = headers.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last) last[1] += `\n${line}`;
      continue;
    }
    const [, header, value = ""] = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line) ?? [];
    // What is no header begins the description, as Python's reader of e-mails has it.
    if (header === undefined) break;
    headers.push([header.toLowerCase().replaceAll("-", "_"), value]);
  }
  const rest = lines.slice(lines[position] === "" ? position + 1 : position);
  return { headers, body: rest.join("\n") };
}
