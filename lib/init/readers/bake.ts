import { parseReference } from "../../oci/reference";
import { fields, type Field } from "../code";
import type { Found, FoundImage, Left, Reader, SourceText } from "../found";
import { folderOf, joined, lastPart } from "../paths";
import { repositoryText } from "../repository-text";

/** Reads bake files in JSON. Source: docs.docker.com, "Bake file reference". */
export const bakeReader: Reader = {
  name: "bake",
  takes: (path) => /^docker-bake(\.[\w-]+)?\.(hcl|json)$/.test(lastPart(path)),
  read(source) {
    const { path, text } = source;
    if (path.endsWith(".hcl")) {
      const reason =
        "bake files in HCL are not read: `docker buildx bake --print > docker-bake.json` writes one that is";
      return { left: [{ file: path, what: "bake file", reason }] };
    }
    try {
      return readBake(source, JSON.parse(text.replace(/^\uFEFF/, "")));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { left: [{ file: path, what: "bake file", reason: error.message }] };
    }
  },
};

type Target = Readonly<Record<string, unknown>>;

function readBake(source: SourceText, content: unknown): Found {
  const targets = recordOf(recordOf(content).target);
  const found = Object.entries(targets).map(([name]) =>
    readTarget(source, name, inherited(name, targets, new Set())),
  );
  return {
    images: found.flatMap(({ images = [] }) => images),
    left: found.flatMap(({ left = [] }) => left),
  };
}

/** A target over those that it inherits from; the last of them counts. */
function inherited(name: string, targets: Target, seen: ReadonlySet<string>): Target {
  if (seen.has(name)) return {};
  const own = recordOf(targets[name]);
  const parents = textsOf(own.inherits).map((parent) => inherited(parent, targets, new Set([...seen, name])));
  return Object.assign({}, ...parents, own) as Target;
}

function readTarget(source: SourceText, name: string, target: Target): Found {
  const { path } = source;
  const line = source.text.split("\n").findIndex((content) => content.includes(`"${name}"`)) + 1 || 1;
  const from = { file: path, line };
  const tags = textsOf(target.tags);
  // Without tags it is a part that others inherit from.
  if (tags.length === 0) return {};
  const left: Left[] = [];
  const written = typeof target.context === "string" ? target.context : ".";
  const context = written.includes("://") ? undefined : joined(folderOf(path), written);
  const dockerfile =
    context === undefined
      ? undefined
      : joined(context, typeof target.dockerfile === "string" ? target.dockerfile : "Dockerfile");
  if (context === undefined || dockerfile === undefined)
    return {
      left: [
        { ...from, what: `target.${name}`, reason: `${JSON.stringify(written)} is no place in this project` },
      ],
    };
  const repositories = tags.flatMap((tag) => {
    try {
      return [repositoryText(parseReference(tag))];
    } catch (error) {
      left.push({ ...from, what: `target.${name}.tags`, reason: (error as Error).message });
      return [];
    }
  });
  const args = Object.entries(recordOf(target.args)).flatMap(([key, value]): Field[] =>
    typeof value === "string" ? [{ name: key, value }] : [],
  );
  const platforms = textsOf(target.platforms);
  const image: FoundImage = {
    repositories: [...new Set(repositories)].filter((one) => one.split("/").length > 2),
    name,
    dockerfile,
    context,
    ...(typeof target.target === "string" && { stage: target.target }),
    ...(platforms.length > 0 && { platforms }),
    fields: args.length === 0 ? [] : [{ name: "buildArgs", value: fields(...args) }],
    isBuilt: true,
    from,
  };
  const known = [
    "inherits",
    "context",
    "dockerfile",
    "args",
    "platforms",
    "target",
    "tags",
    "output",
    "labels",
  ];
  for (const key of Object.keys(target).filter((one) => !known.includes(one)))
    left.push({
      ...from,
      what: `target.${name}.${key}`,
      reason: "is not converted: docs/buildkit.md has what an image can say",
    });
  return { images: [image], left };
}

function recordOf(value: unknown): Target {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Target) : {};
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
