/**
 * The version after that of a stack's configuration, a patch: `v1.0.1` where the text has
 * `NAME:version: v1.0.0`. Undefined where it has none, as in a stack whose version follows from
 * something else.
 */
export function nextVersion(configuration: string): string | undefined {
  const found = /^ +[\w-]+:version: *["']?(v?\d+\.\d+\.)(\d+)["']?[ \t]*$/m.exec(configuration);
  return found ? `${found[1]}${Number(found[2]) + 1}` : undefined;
}
