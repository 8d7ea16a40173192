import { call, fieldsOf, type Code } from "../code";
import type { Found, FoundEntry, Left, Reader, SourceText, Surroundings } from "../found";
import { filesIn, folderOf, lastPart } from "../paths";

/** Where programs are that nobody ships. */
const notShipped = /(^|\/)(_?examples?|hack|internal|scripts?|test|testdata|tests|tools?|vendor)\//;

/** Systems and processors that users of a command have. */
const platforms = [
  "linux/amd64",
  "linux/arm64",
  "darwin/amd64",
  "darwin/arm64",
  "windows/amd64",
  "windows/arm64",
];

/** Programs of a module that are proposed; more of them are named. */
const mostPrograms = 20;

/** Reads modules of Go, and finds their programs. */
export const goReader: Reader = {
  name: "go",
  takes: (path) => lastPart(path) === "go.mod",
  read(source, around) {
    const module = /^\s*module\s+"?([^\s"]+)/m.exec(source.text)?.[1];
    if (module === undefined)
      return { left: [{ file: source.path, what: "go.mod", reason: "has no line that begins with module" }] };
    return readModule(source, module, around);
  },
};

function readModule({ path, text }: SourceText, module: string, around: Surroundings): Found {
  const folder = folderOf(path);
  const line = text.split("\n").findIndex((content) => /^\s*module\s/.test(content)) + 1;
  const mains = mainPackages(folder, around);
  const shipped = mains.filter(({ file }) => !notShipped.test(file));
  const others = mains.filter((main) => !shipped.includes(main));
  const left: Left[] = [...others, ...shipped.slice(mostPrograms)].map(({ file }) => ({
    file,
    what: "package main",
    reason: "is proposed for nobody: add it to binaries if it is shipped",
  }));
  const name = nameOfModule(module);
  return {
    facts: folder === "." ? [{ about: "name", value: name, from: { file: path, line } }] : [],
    entries: shipped.slice(0, mostPrograms).flatMap((main) => programEntries(main, folder, name, around)),
    left,
  };
}

/** A module is called after its last part that is no major version. */
function nameOfModule(module: string): string {
  return lastPart(module.replace(/\/v\d+$/, "").replace(/\.v\d+$/, ""));
}

interface Main {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function mainPackages(folder: string, around: Surroundings): Main[] {
  const all = filesIn(around.files, folder);
  const nested = all.filter((file) => lastPart(file) === "go.mod" && folderOf(file) !== folder).map(folderOf);
  const found = new Map<string, Main>();
  for (const file of all) {
    if (!/(^|\/)main\.go$|(^|\/)cmd\/.*\.go$/.test(file) || file.endsWith("_test.go")) continue;
    const place = folderOf(file);
    if (found.has(place) || nested.some((other) => file.startsWith(`${other}/`))) continue;
    const text = around.textOf(file);
    const line = (text ?? "").split("\n").findIndex((content) => /^package main\b/.test(content)) + 1;
    if (text !== undefined && line > 0) found.set(place, { file, line, text });
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function programEntries(
  { file, line, text }: Main,
  module: string,
  moduleName: string,
  { files }: Surroundings,
): FoundEntry[] {
  const place = folderOf(file);
  const inModule = module === "." ? place : place === module ? "." : place.slice(module.length + 1);
  const name = inModule === "." ? moduleName : lastPart(place);
  const hasVersion = /^(?:var\s+|\s+)version\s*(?:string\s*)?=\s*"/m.test(text);
  const from = { file, line };
  const licenses = ["LICENSE", "LICENSE.md", "LICENSE.txt", "README.md"].filter((one) => files.has(one));
  const binary: Code = call(
    "goBinary",
    fieldsOf({
      directory: module === "." ? undefined : module,
      package: inModule === "." ? undefined : `./${inModule}`,
      ldflags: hasVersion ? "-s -w -X main.version={version}" : "-s -w",
      platforms,
    }),
  );
  const archive = fieldsOf({
    binaries: [name],
    files: licenses.length === 0 ? undefined : licenses.map((one) => fieldsOf({ path: one, source: one })),
    formats: fieldsOf({ windows: "zip" }),
  });
  return [
    { section: "binaries", name, fields: binary, platforms, from },
    { section: "archives", name, fields: archive, from },
  ];
}
