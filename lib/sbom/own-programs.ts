import { defined } from "../objects/defined";
import type { DeclaredPackage } from "./packages/declared-package";

/** What the maker of an image says of the programs in it that are the maker's own. */
export interface OwnPrograms {
  /** Version of the distribution, as it is declared. */
  readonly version?: string | undefined;
  /** SPDX expression. */
  readonly licenses?: string | undefined;
  /** Address of the sources: Go programs of a module below it are own ones, wherever they are. */
  readonly source?: string | undefined;
  /** Programs by their path in the image. */
  readonly files?: readonly { readonly path: string; readonly name: string }[] | undefined;
}

/**
 * Programs of the maker's own. Neither a linker nor a file tells which version and license the
 * distribution gives them, so packages are taken with what is declared.
 */
export class OwnProgramList {
  private readonly names: ReadonlyMap<string, string>;
  private readonly module: string | undefined;

  /** @param realPath the path of a file without links on the way */
  constructor(
    private readonly own: OwnPrograms,
    realPath: (path: string) => string,
  ) {
    this.names = new Map((own.files ?? []).map(({ path, name }) => [realPath(path), name]));
    this.module = moduleOf(own.source);
  }

  /**
   * The package that a program is, with the declared version and license; undefined for one of
   * others.
   *
   * @param found the main module of a Go program; absent for other programs
   */
  packageOf(path: string, found?: DeclaredPackage): DeclaredPackage | undefined {
    const name = this.names.get(path);
    if (name === undefined && !this.isOfSource(found)) return undefined;
    const { version = found?.version, licenses } = this.own;
    return defined({
      type: found?.type ?? "generic",
      name: found?.name ?? name ?? "",
      version,
      license: licenses,
    });
  }

  private isOfSource(found: DeclaredPackage | undefined): boolean {
    if (found === undefined || this.module === undefined) return false;
    return `${found.name}/`.startsWith(`${this.module}/`);
  }
}

/** Modules are called as their sources are addressed (go.dev/ref/mod, "VCS"); at least `host/name`. */
function moduleOf(source: string | undefined): string | undefined {
  if (source === undefined || !URL.canParse(source)) return undefined;
  const { host, pathname } = new URL(source);
  const path = pathname.replace(/\/+$/, "").replace(/\.git$/, "");
  return host === "" || path === "" ? undefined : `${host}${path}`;
}
