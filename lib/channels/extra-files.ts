import { ChannelError } from "./artifact";

/** Files of an archive that are installed beside its programs, by their paths below the root. */
export interface ExtraFiles {
  /** Completions by shell. */
  readonly completions?: Partial<Record<Shell, string>> | undefined;
  readonly manPages?: readonly string[] | undefined;
}

/** Shells that complete what a user types, in the order of what is installed. */
export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The completions that are declared, each with the field that says so. */
export function declaredCompletions({
  completions = {},
}: ExtraFiles): { shell: Shell; file: string; field: string }[] {
  return shells.flatMap((shell) => {
    const file = completions[shell];
    return file === undefined ? [] : [{ shell, file, field: `completions.${shell}` }];
  });
}

/** The man pages that are declared, each with its section and the field that says so. */
export function declaredManPages({
  manPages = [],
}: ExtraFiles): { section: string; file: string; field: string }[] {
  return manPages.map((file, index) => {
    const field = `manPages[${index}]`;
    return { section: manSection(file, field), file, field };
  });
}

/** @throws ChannelError for a name that does not end with a section */
function manSection(file: string, field: string): string {
  const section = /\.([1-8])(\.gz)?$/.exec(file)?.[1];
  if (section !== undefined) return section;
  throw new ChannelError(
    field,
    `${JSON.stringify(file)} does not end with its section (a valid example: "man/hello.1")`,
  );
}
