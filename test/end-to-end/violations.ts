/** Violations in the output of the CLI, as it shows them, by rule and resource: `RULE NAME`. */
export function violationsIn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(/^\s+- (?=\[)/m).slice(1)) {
    const [, rule, resource] = /^\[\w+\](?: \[severity: \w+\])?\s+(\S+)\s+\(\S+: (\S+)\)/.exec(part) ?? [];
    if (rule !== undefined) found.set(`${rule} ${resource}`, part);
  }
  return found;
}
