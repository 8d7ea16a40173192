import { optional, type DeclaredPackage } from "./declared-package";
import { linesOf } from "./lines";

/**
 * Packages of apk's database of what is installed: a letter, a colon and the value on each line, an
 * empty line after each package. Lower and upper case letters are different fields.
 *
 * Source: Alpine wiki, "Apk spec", "Installed database".
 */
export function* parseApkInstalled(text: string): Generator<DeclaredPackage, void, undefined> {
  let fields = new Map<string, string>();
  for (const line of linesOf(`${text}\n`)) {
    if (line.trim() === "") {
      const found = packageOf(fields);
      if (found) yield found;
      fields = new Map();
    } else if (line[1] === ":" && "PVAoL".includes(line.charAt(0)) && !fields.has(line.charAt(0))) {
      // The other fields list files, which can be many.
      fields.set(line.charAt(0), line.slice(2).trim());
    }
  }
}

function packageOf(fields: ReadonlyMap<string, string>): DeclaredPackage | undefined {
  const name = fields.get("P");
  if (!name) return undefined;
  const origin = fields.get("o");
  return {
    type: "apk",
    name,
    ...optional("version", fields.get("V")),
    ...optional("architecture", fields.get("A")),
    ...optional("upstream", origin === name ? undefined : origin),
    ...optional("license", fields.get("L")),
  };
}
