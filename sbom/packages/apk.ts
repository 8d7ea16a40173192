import { optional, type DeclaredPackage } from "./declared-package";

/**
 * Packages of apk's database of what is installed: a letter, a colon and the value on each line, an empty line after
 * each package. Lower and upper case letters are different fields.
 *
 * Source: Alpine wiki, "Apk spec", "Installed database".
 */
export function parseApkInstalled(text: string): DeclaredPackage[] {
  return text.split(/\n\s*\n/).flatMap((paragraph): DeclaredPackage[] => {
    const field = (letter: string) => new RegExp(`^${letter}:(.*)$`, "m").exec(paragraph)?.[1]?.trim();
    const name = field("P");
    if (!name) return [];
    const origin = field("o");
    return [
      {
        type: "apk",
        name,
        ...optional("version", field("V")),
        ...optional("architecture", field("A")),
        ...optional("upstream", origin === name ? undefined : origin),
        ...optional("licence", field("L")),
      },
    ];
  });
}
