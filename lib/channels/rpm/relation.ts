import { refuseField } from "../linux/package-about";

/** Relations between packages (rpm-dependencies(7)), in the order in which lists have them. */
export const rpmRelations = [
  "provides",
  "requires",
  "conflicts",
  "obsoletes",
  "suggests",
  "enhances",
  "recommends",
  "supplements",
] as const;

export type RpmRelationKind = (typeof rpmRelations)[number];

/** How versions are compared. */
export type Comparison = "<" | "<=" | "=" | ">=" | ">";

/** A relation of a package to another: its name, and a version compared with one. */
export interface RpmRelation {
  readonly name: string;
  readonly comparison?: Comparison;
  /** `[EPOCH:]VERSION[-RELEASE]`. */
  readonly version?: string;
}

/** Relations by kind. */
export type RpmRelations = Partial<Record<RpmRelationKind, readonly RpmRelation[]>>;

/**
 * A name of a package, a file, or a capability such as `libssl.so.3()(64bit)`, and a version. Those
 * in brackets, which are conditions, are not taken.
 */
const relationPattern =
  /^([A-Za-z0-9_/][A-Za-z0-9._+~/:@-]*(?:\([A-Za-z0-9._+~/:@-]*\))*)(?: (<|<=|=|>=|>) ((?:\d+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?))?$/;

/**
 * Relations as they are declared, e.g. `glibc >= 2.34`.
 *
 * @throws ChannelError
 */
export function parseRelations(
  declared: Partial<Record<RpmRelationKind, readonly string[] | undefined>>,
): RpmRelations {
  const found: Partial<Record<RpmRelationKind, readonly RpmRelation[]>> = {};
  for (const kind of rpmRelations) {
    const texts = declared[kind] ?? [];
    if (texts.length > 0) found[kind] = texts.map((text, index) => parseRelation(kind, text, index));
  }
  return found;
}

function parseRelation(kind: RpmRelationKind, text: string, index: number): RpmRelation {
  const [, name, comparison, version] = relationPattern.exec(text) ?? [];
  // Something that is provided is of one version (rpm, "Provides").
  const isAllowed = kind !== "provides" || comparison === undefined || comparison === "=";
  if (name === undefined || !isAllowed) {
    const example = kind === "provides" ? "hello-server = 1.2.0" : "glibc >= 2.34";
    refuseField(
      `relations.${kind}[${index}]`,
      text,
      "is not a relation to a package as rpm writes it",
      example,
    );
  }
  return {
    name,
    ...(comparison !== undefined && { comparison: comparison as Comparison }),
    ...(version !== undefined && { version }),
  };
}
