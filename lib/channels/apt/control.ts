import { checkPackageAbout, refuseField, type PackageAbout } from "../linux/package-about";
import { debianArchitectures } from "./architecture";

/** What a Debian package says of itself. */
export interface DebianControl extends PackageAbout {
  /** Name, e.g. `hello`. */
  readonly name: string;
  /** Version as dpkg has it; see `debianVersion`. */
  readonly version: string;
  /** Architecture as dpkg names it, e.g. `amd64`, or `all`. */
  readonly architecture: string;
  /** Default: `utils`. */
  readonly section?: string;
  /** Packages by relation, e.g. `{ depends: ["libc6 (>= 2.34)"] }`. */
  readonly relations?: Partial<Record<Relation, readonly string[]>>;
}

/** Relations between packages (Debian policy 7), in the order in which they are written. */
export const relations = [
  "preDepends",
  "depends",
  "recommends",
  "suggests",
  "enhances",
  "breaks",
  "conflicts",
  "provides",
  "replaces",
] as const;

export type Relation = (typeof relations)[number];

/** Debian policy 5.6.1. */
const namePattern = /^[a-z0-9][a-z0-9+.-]+$/;
const sectionPattern = /^[a-z0-9-]+(\/[a-z0-9-]+)?$/;
/** Debian policy 7.1: a name, an architecture, a version; alternatives between bars. */
const oneRelation =
  /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?( \((<<|<=|=|>=|>>) [0-9][A-Za-z0-9.+~:-]*\))?( \[!?[a-z0-9-]+( !?[a-z0-9-]+)*\])?$/;

/**
 * The `control` file of a package.
 *
 * Source: Debian policy 5.3, "Binary package control files"; deb-control(5).
 *
 * @param installedSize of what it installs, in KiB
 * @throws ChannelError for what dpkg or Debian's rules do not take
 */
export function controlText(control: DebianControl, installedSize: number): string {
  checkControl(control);
  const { name, version, architecture, maintainer, homepage, section = "utils" } = control;
  const fields: [string, string][] = [
    ["Package", name],
    ["Version", version],
    ["Architecture", architecture],
    ["Maintainer", maintainer],
    ["Installed-Size", String(installedSize)],
    ...relations.flatMap((relation): [string, string][] => {
      const packages = control.relations?.[relation] ?? [];
      return packages.length === 0 ? [] : [[relationField(relation), packages.join(", ")]];
    }),
    ["Section", section],
    ["Priority", "optional"],
    ...(homepage === undefined ? [] : [["Homepage", homepage] as [string, string]]),
    ["Description", foldedDescription(control.description)],
  ];
  return fields.map(([field, value]) => `${field}: ${value}\n`).join("");
}

function checkControl(control: DebianControl): void {
  const { name, architecture, section } = control;
  if (!namePattern.test(name)) {
    refuseField(
      "name",
      name,
      "is not a name of a Debian package: it has two or more small letters, digits and +.-, and begins with a letter or " +
        "a digit",
      "hello",
    );
  }
  if (!debianArchitectures.includes(architecture))
    refuseField("architecture", architecture, `is none of ${debianArchitectures.join(", ")}`, "amd64");
  checkPackageAbout(control);
  if (section !== undefined && !sectionPattern.test(section))
    refuseField("section", section, "is not a section of Debian", "utils");
  for (const relation of relations) {
    for (const [index, text] of (control.relations?.[relation] ?? []).entries()) {
      const alternatives = text.split(" | ");
      if (alternatives.every((one) => oneRelation.test(one)) && isAllowedIn(relation, text)) continue;
      refuseField(
        `relations.${relation}[${index}]`,
        text,
        "is not a relation to a package as Debian writes it",
        relation === "provides" ? "hello-server (= 1.2.0)" : "libc6 (>= 2.34)",
      );
    }
  }
}

/** Alternatives are for what can be chosen when a package is installed; policy 7.1 and 7.5. */
function isAllowedIn(relation: Relation, text: string): boolean {
  if (relation === "provides") return !text.includes("|") && !/\((?!= )/.test(text);
  const chosen: readonly Relation[] = ["preDepends", "depends", "recommends", "suggests"];
  return chosen.includes(relation) || !text.includes("|");
}

function relationField(relation: Relation): string {
  if (relation === "preDepends") return "Pre-Depends";
  return `${relation.charAt(0).toUpperCase()}${relation.slice(1)}`;
}

/** Lines after the first begin with a blank, and empty ones are a dot (policy 5.6.13). */
function foldedDescription(description: string): string {
  const [synopsis = "", ...more] = description.trimEnd().split("\n");
  return [synopsis.trim(), ...more.map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))].join(
    "\n",
  );
}
