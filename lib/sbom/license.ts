import { createHash } from "node:crypto";

/**
 * Licences in the words of package managers, as the documents want them: identifiers of the SPDX licence list where
 * they are some, and a reference to the words themselves where they are not.
 */

/** Identifiers of the SPDX licence list 3.25 that packages of distributions, Python and npm mostly have. */
const identifiers: ReadonlySet<string> = new Set(
  (
    "0BSD AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl " +
    "Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause " +
    "BSD-4-Clause-UC BSL-1.0 BlueOak-1.0.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 " +
    "CNRI-Python CPL-1.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL FSFULLR FTL GFDL-1.1-or-later " +
    "GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GPL-1.0-only GPL-1.0-or-later GPL-2.0-only " +
    "GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG IPL-1.0 ISC JSON LGPL-2.0-only LGPL-2.0-or-later " +
    "LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LPPL-1.3c Libpng MIT MIT-0 MIT-CMU MPL-1.0 " +
    "MPL-1.1 MPL-2.0 MS-PL NCSA NTP OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01 PSF-2.0 PostgreSQL Python-2.0 Python-2.0.1 " +
    "QPL-1.0 Ruby SISSL SSH-OpenSSH Sleepycat TCL UPL-1.0 Unicode-3.0 Unicode-DFS-2016 Unlicense Vim W3C WTFPL X11 " +
    "ZPL-2.1 Zlib bzip2-1.0.6 curl libpng-2.0 libtiff zlib-acknowledgement"
  ).split(" "),
);

const exceptions: ReadonlySet<string> = new Set([
  "Autoconf-exception-2.0",
  "Autoconf-exception-3.0",
  "Bison-exception-2.2",
  "Classpath-exception-2.0",
  "Font-exception-2.0",
  "GCC-exception-2.0",
  "GCC-exception-3.1",
  "LLVM-exception",
  "Linux-syscall-note",
  "OpenSSL-exception",
  "openvpn-openssl-exception",
  "u-boot-exception-2.0",
]);

/** Words that are no identifier, to be printed beside a document. */
export interface LicenceReference {
  /** `LicenseRef-…`, the same for the same words. */
  readonly id: string;
  readonly words: string;
}

/** A licence for a document. */
export interface LicenceExpression {
  /** A licence expression (SPDX 2.3, annex D). */
  readonly expression: string;
  /** The identifier, where the expression is a single one of the licence list. */
  readonly identifier?: string;
  /** What the expression refers to beside the licence list. */
  readonly references: readonly LicenceReference[];
}

/**
 * The expression for a licence in a declaration's own words. What is not of the grammar becomes one reference as a
 * whole; a name that is not on the list becomes a reference where it stands.
 */
export function licenceExpression(words: string): LicenceExpression {
  const text = words.trim().replace(/\s+/g, " ");
  if (identifiers.has(text)) return { expression: text, identifier: text, references: [] };
  const tokens = text.match(/\(|\)|[^\s()]+/g) ?? [];
  const references: LicenceReference[] = [];
  let depth = 0;
  let operand = true;
  let valid = true;
  const written = tokens.map((token, index) => {
    if (token === "(" || token === ")") {
      valid &&= (token === "(") === operand;
      depth += token === "(" ? 1 : -1;
      valid &&= depth >= 0;
      return token;
    }
    if (/^(AND|OR|WITH)$/.test(token)) {
      valid &&= !operand && (token !== "WITH" || exceptions.has(tokens[index + 1] ?? ""));
      operand = true;
      return token;
    }
    valid &&= operand;
    operand = false;
    if (tokens[index - 1] === "WITH") {
      valid &&= tokens[index - 2] !== ")";
      return token;
    }
    if (identifiers.has(token)) return token;
    const reference = referenceTo(token);
    references.push(reference);
    return reference.id;
  });
  if (!valid || operand || depth !== 0 || tokens.length === 1) {
    const reference = referenceTo(text);
    return { expression: reference.id, references: [reference] };
  }
  const expression = written.join(" ").replace(/\( /g, "(").replace(/ \)/g, ")");
  return { expression, references };
}

function referenceTo(words: string): LicenceReference {
  const readable = words
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  const hash = createHash("sha256").update(words).digest("hex").slice(0, 12);
  return { id: `LicenseRef-${readable ? `${readable}-` : ""}${hash}`, words };
}
