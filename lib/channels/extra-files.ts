import { ChannelError, fileName } from "./artifact";

/** Files of an archive that are installed beside its programs, by their paths below the root. */
export interface ExtraFiles {
  /** Completions by shell. */
  readonly completions?: Partial<Record<Shell, string>> | undefined;
  readonly manPages?: readonly string[] | undefined;
}

/** Shells that complete what a user types, in the order of what is installed. */
export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

const completionFiles: Readonly<Record<Shell, (file: string) => string>> = {
  bash: (file) => `bash-completion/completions/${file.replace(/\.(bash|sh)$/, "")}`,
  zsh: (file) => `zsh/site-functions/_${file.replace(/\.zsh$/, "").replace(/^_/, "")}`,
  fish: (file) => `fish/vendor_completions.d/${file.replace(/\.fish$/, "")}.fish`,
};

/** Where a shell looks for a completion, below `share`, by the path that it has now. */
export function completionPath(shell: Shell, file: string): string {
  return completionFiles[shell](fileName(file));
}

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
