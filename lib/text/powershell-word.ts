/**
 * A text in single quotes, in which PowerShell expands nothing. It takes four more characters for such quotes; each of
 * them is doubled.
 *
 * Source: about_Quoting_Rules, and `CodeGeneration.EscapeSingleQuotedStringContent`.
 */
export function powershellQuoted(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201B]/g, "$&$&")}'`;
}
