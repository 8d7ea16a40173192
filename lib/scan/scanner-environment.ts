import { plainEnvironment } from "../machine/child-environment";

/**
 * The environment of a scanner: that of this process without secrets, and without the scanner's own
 * settings, which can hide findings. Those that say where databases come from are kept.
 *
 * @param prefix of the scanner's variables, e.g. `TRIVY_`
 * @param kept names and beginnings of names, without the prefix
 */
export function scannerEnvironment(
  prefix: string,
  kept: readonly string[],
  set: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const entries = Object.entries(plainEnvironment(process.env)).filter(
    ([name]) => !name.startsWith(prefix) || kept.some((part) => name.startsWith(`${prefix}${part}`)),
  );
  return { ...Object.fromEntries(entries), ...set };
}
