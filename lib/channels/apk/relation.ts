import { ChannelError } from "../artifact";

/** Relations between packages (apk-tools, doc/apk-package.5), as they are declared. */
export const apkRelations = ["depends", "conflicts", "provides", "replaces", "installIf"] as const;

export type ApkRelationKind = (typeof apkRelations)[number];

export type ApkRelations = Partial<Record<ApkRelationKind, readonly string[] | undefined>>;

/** A name, also of a library (`so:`), a program (`cmd:`) or a file, and a version. */
const name = "[A-Za-z0-9_/][A-Za-z0-9+._,:/-]*";
const version = String.raw`\d+(\.\d+)*[a-z]?(_[a-z]+\d*)*(~[0-9a-f]+)?(-r\d+)?`;
const required = new RegExp(`^${name}((<|<=|=|>=|>|~|<~|>~)${version})?$`);
const provided = new RegExp(`^${name}(=${version})?$`);

/**
 * Relations as a package has them: what it conflicts with is what it depends on to be absent.
 *
 * @throws ChannelError for what apk would not read
 */
export function checkedRelations(
  relations: ApkRelations,
): Required<Record<ApkRelationKind, readonly string[]>> {
  const checked = (kind: ApkRelationKind) =>
    (relations[kind] ?? []).map((text, index) => {
      if ((kind === "provides" ? provided : required).test(text)) return text;
      const example = kind === "provides" ? "hello-server=1.2.0" : "so:libc.musl-x86_64.so.1 or openssl>=3.1";
      throw new ChannelError(
        `relations.${kind}[${index}]`,
        `${JSON.stringify(text)} is not a relation to a package as apk writes it (a valid example: "${example}")`,
      );
    });
  return {
    depends: checked("depends"),
    conflicts: checked("conflicts"),
    provides: checked("provides"),
    replaces: checked("replaces"),
    installIf: checked("installIf"),
  };
}
