/** A string of Nix: nothing in it is put in its place (https://nix.dev/manual/nix/latest/language/string-literals). */
export function nixString(text: string): string {
  return `"${text.replace(/["\\]|\$(?=\{)/g, "\\$&")}"`;
}

/** A script, as a string of several lines; the shell's variables are those of the shell. */
export function nixScript(lines: readonly string[], indent: string): string[] {
  const escaped = lines.map((line) => line.replaceAll("''", "'''").replaceAll("${", "''${"));
  return ["''", ...escaped.map((line) => `${indent}  ${line}`), `${indent}'';`];
}
