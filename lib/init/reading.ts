import type { Found, Left, Reader } from "./found";
import type { Project } from "./project";
import { bakeReader } from "./readers/bake";
import { cargoReader } from "./readers/cargo";
import { changelogReader } from "./readers/changelog";
import { composeReader } from "./readers/compose";
import { dockerfileReader } from "./readers/dockerfile";
import { workflowReader } from "./readers/github-workflow";
import { goReader } from "./readers/go-module";
import { licenseReader } from "./readers/license";
import { packageJsonReader } from "./readers/package-json";
import { pyprojectReader } from "./readers/pyproject";

/** All readers; what two of them say is taken from the first. */
export const readers: readonly Reader[] = [
  workflowReader,
  bakeReader,
  composeReader,
  dockerfileReader,
  goReader,
  cargoReader,
  packageJsonReader,
  pyprojectReader,
  changelogReader,
  licenseReader,
];

/** Files of one kind that are read; others are named. */
const mostOfOneKind = 100;

/** Folders of what nobody ships. */
const aside = /(^|\/)(\.devcontainer|_?examples?|docs?|e2e|fixtures?|samples?|testdata|tests?)\//;

/** What a reader has found. */
export interface ReaderFound {
  readonly reader: string;
  readonly found: Found;
}

/** Reads the files of a project. @param from names of readers. Default: all */
export function readFound(project: Project, from?: readonly string[]): ReaderFound[] {
  return readers
    .filter(({ name }) => from?.includes(name) ?? true)
    .flatMap((reader) => {
      const taken = [...project.files].filter((path) => reader.takes(path)).sort(byDepth);
      const all = taken.filter((path) => !aside.test(path));
      const left = [
        ...leftOf(
          reader,
          taken.filter((path) => aside.test(path)),
          "is in a folder of what nobody ships",
        ),
        ...leftOf(reader, all.slice(mostOfOneKind), `more than ${mostOfOneKind} of a kind are not read`),
      ];
      const found = all.slice(0, mostOfOneKind).map((path) => readOne(reader, path, project));
      return [{ left }, ...found].map((one) => ({ reader: reader.name, found: one }));
    });
}

/** What others wrote may be anything: a reader that fails on it has not read it. */
function readOne(reader: Reader, path: string, project: Project): Found {
  const text = project.textOf(path);
  if (text === undefined)
    return { left: [{ file: path, what: reader.name, reason: "cannot be read, or is longer than a MiB" }] };
  try {
    return reader.read({ path, text }, project);
  } catch (error) {
    return {
      left: [{ file: path, what: reader.name, reason: `is not understood: ${(error as Error).message}` }],
    };
  }
}

function leftOf({ name }: Reader, paths: readonly string[], reason: string): Left[] {
  const [first] = paths;
  if (first === undefined) return [];
  return paths.length === 1
    ? [{ file: first, what: name, reason }]
    : [{ file: first, what: `${name}, and ${paths.length - 1} more`, reason }];
}

function byDepth(one: string, other: string): number {
  const depth = (path: string) => path.split("/").length;
  return depth(one) - depth(other) || (one < other ? -1 : 1);
}
