import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import type { FileContent } from "./file-content";
import type { GoBuildInfo, GoModule } from "./go-build-info";
import type { OwnProgramList } from "./own-programs";
import type { DeclaredPackage, OperatingSystem } from "./packages/declared-package";
import { packagePurl } from "./purl";

/** A package of an image. */
export interface InventoryPackage {
  readonly purl: string;
  readonly name: string;
  readonly version?: string;
  /** A library; or an application, for the module that a program is made of. */
  readonly kind: "library" | "application";
  /** License in the declaration's own words. */
  readonly license?: string;
  /** Paths of the files that say so, sorted; without a leading slash. */
  readonly locations: readonly string[];
  /** Package URLs of what an application was built from, sorted. */
  readonly dependsOn: readonly string[];
}

interface Draft {
  purl: string;
  name: string;
  version?: string;
  kind: "library" | "application";
  license?: string;
  locations: Set<string>;
  dependsOn: Set<string>;
}

/**
 * The packages that files declare, each once, sorted by package URL.
 *
 * @param own programs whose version and license are declared
 */
export function packageList(
  files: readonly (readonly [path: string, content: FileContent])[],
  system: OperatingSystem | undefined,
  own?: OwnProgramList,
): InventoryPackage[] {
  const drafts = new Map<string, Draft>();
  const add = (declared: DeclaredPackage, path: string, kind: Draft["kind"] = "library"): Draft => {
    const purl = packagePurl(declared, system);
    const { name, version, license } = declared;
    const draft = drafts.get(purl) ?? {
      purl,
      name,
      version,
      kind,
      license,
      locations: new Set(),
      dependsOn: new Set(),
    };
    if (kind === "application") draft.kind = kind;
    draft.locations.add(path);
    drafts.set(purl, draft);
    return draft;
  };
  for (const [path, { declaration, program }] of files) {
    for (const declared of declaration?.packages ?? []) add(declared, path);
    const main = program?.main && goPackage(program.main);
    const itself = own?.packageOf(path, main) ?? main;
    const modules = program ? goModules(program).map((module) => add(module, path).purl) : [];
    if (!itself) continue;
    const application = add(itself, path, "application");
    for (const purl of modules) application.dependsOn.add(purl);
  }
  return [...drafts.values()]
    .sort((a, b) => compare(a.purl, b.purl))
    .map(({ purl, name, version, kind, license, locations, dependsOn }) =>
      defined({
        purl,
        name,
        version: nonEmpty(version),
        kind,
        license: nonEmpty(license),
        locations: [...locations].sort(compare),
        dependsOn: [...dependsOn].filter((other) => other !== purl).sort(compare),
      }),
    );
}

/** The standard library is a module too: most of what is found in Go programs is found there. */
function goModules({ goVersion, modules }: GoBuildInfo): DeclaredPackage[] {
  const released = /^go(\d+\.\d+\S*)/.exec(goVersion)?.[1];
  const library: DeclaredPackage = defined({
    type: "golang",
    name: "stdlib",
    version: nonEmpty(released),
  });
  return [library, ...modules.map(goPackage)];
}

/**
 * The module that was really built; one that a folder replaces keeps its path, and has no known
 * version.
 */
function goPackage(module: GoModule): DeclaredPackage {
  const { path, version } = module.replace ?? module;
  const folder = module.replace && /^(\.{0,2}\/|[A-Za-z]:)/.test(module.replace.path);
  if (folder) return { type: "golang", name: module.path };
  return defined({ type: "golang", name: path, version: nonEmpty(version) });
}

/** By code unit: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
