import { expression } from "../code";
import type { Fact, Found, Reader, SourceText, Surroundings } from "../found";
import { folderOf, isThere, joined, lastPart } from "../paths";

/** Reads packages of Node. Source: docs.npmjs.com, package.json. */
export const packageJsonReader: Reader = {
  name: "npm",
  takes: (path) => lastPart(path) === "package.json",
  read(source, around) {
    let content: unknown;
    try {
      content = JSON.parse(source.text.replace(/^\uFEFF/, ""));
    } catch (error) {
      return { left: [{ file: source.path, what: "package.json", reason: (error as Error).message }] };
    }
    if (typeof content !== "object" || content === null || Array.isArray(content))
      return { left: [{ file: source.path, what: "package.json", reason: "is no object" }] };
    return readPackage(source, content as Readonly<Record<string, unknown>>, around);
  },
};

function readPackage(
  source: SourceText,
  content: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Found {
  const { path } = source;
  const folder = folderOf(path);
  if (isOnlyInstalled(content, folder, around)) return {};
  const text = (name: string) => (typeof content[name] === "string" ? content[name] : undefined);
  const { repository } = content;
  const address =
    typeof repository === "string"
      ? repository
      : typeof repository === "object" && repository !== null && "url" in repository
        ? String(repository.url)
        : undefined;
  const said: [Fact["about"], string, string | undefined][] = [
    ["name", "name", text("name")?.replace(/^@[^/]+\//, "")],
    ["version", "version", text("version")],
    ["description", "description", text("description")],
    ["licenses", "license", text("license")],
    ["homepage", "homepage", text("homepage")],
    ["source", "repository", webAddress(address)],
  ];
  const facts = said.flatMap(([about, key, value]): Fact[] =>
    value === undefined || value === "" || folder !== "."
      ? []
      : [{ about, value, from: { file: path, line: lineOf(source, key) } }],
  );
  return { facts, ...published(source, content, folder, around) };
}

/** A package that others install has something to load or to run, and is not private. */
function published(
  source: SourceText,
  content: Readonly<Record<string, unknown>>,
  folder: string,
  around: Surroundings,
): Found {
  if (content.private === true || typeof content.name !== "string") return {};
  if (!hasContent(content, folder, around) && content.exports === undefined && content.files === undefined)
    return {};
  const line = lineOf(source, "name");
  return {
    channels: [
      {
        call: "npmPackages",
        fields: [
          { name: "folder", value: folder },
          { name: "token", value: expression("npmToken") },
        ],
        needs: [{ key: "npmToken", value: undefined, comment: "A secret, which may publish to npm" }],
        from: { file: source.path, line },
      },
    ],
  };
}

/** What `npm install` has made to have this package. */
function isOnlyInstalled(
  content: Readonly<Record<string, unknown>>,
  folder: string,
  around: Surroundings,
): boolean {
  if (folder !== ".") return false;
  const names = (key: string) => Object.keys((content[key] as object | undefined) ?? {});
  const others = [...names("dependencies"), ...names("devDependencies")].filter(
    (name) => name !== "slipway" && name !== "@pulumi/pulumi",
  );
  return (
    others.length === 0 &&
    names("scripts").every((name) => name === "test") &&
    !hasContent(content, folder, around)
  );
}

function hasContent(
  { main, bin }: Readonly<Record<string, unknown>>,
  folder: string,
  { files }: Surroundings,
): boolean {
  const paths: unknown[] = [
    main,
    ...(typeof bin === "object" && bin !== null
      ? Object.values(bin as Readonly<Record<string, unknown>>)
      : [bin]),
  ];
  return paths.some((one) => {
    const place = typeof one === "string" ? joined(folder, one) : undefined;
    return place !== undefined && isThere(files, place);
  });
}

function webAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(address)?.[1];
  if (short !== undefined) return `https://github.com/${short}`;
  const plain = address
    .replace(/^git\+/, "")
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, "https://")
    .replace(/^git@([^:]+):/, "https://$1/")
    .replace(/\.git$/, "");
  return URL.canParse(plain) && plain.startsWith("http") ? plain : undefined;
}

function lineOf({ text }: SourceText, key: string): number {
  const index = text.split("\n").findIndex((content) => content.includes(`"${key}"`));
  return index + 1 || 1;
}
