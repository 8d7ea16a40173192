import { controlParagraphs } from "./control-paragraphs";
import { optional, type DeclaredPackage } from "./declared-package";

const wanted: ReadonlySet<string> = new Set(["package", "status", "version", "architecture", "source"]);

/**
 * Installed packages of dpkg's status file, or of a file in `status.d`, as distroless images have
 * them (those have no `Status`). A package that was removed and left its configuration is not
 * there.
 *
 * Source: deb-control(5), dpkg-query(1).
 */
export function* parseDpkgStatus(text: string): Generator<DeclaredPackage, void, undefined> {
  for (const fields of controlParagraphs(text, wanted)) {
    const name = fields.get("package");
    const status = fields.get("status");
    if (!name || (status !== undefined && !status.split(/\s+/).includes("installed"))) continue;
    yield {
      type: "deb",
      name,
      ...optional("version", fields.get("version")),
      ...optional("architecture", fields.get("architecture")),
      ...optional("upstream", upstream(name, fields.get("source"))),
    };
  }
}

/** `Source` is `name` or `name (version)`, and left out where it is the package itself. */
function upstream(name: string, source: string | undefined): string | undefined {
  const [, origin, version] = /^(\S+)(?:\s+\((\S+)\))?$/.exec(source ?? "") ?? [];
  if (origin === undefined || (origin === name && version === undefined)) return undefined;
  return version === undefined ? origin : `${origin}@${version}`;
}
