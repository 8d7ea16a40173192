import { starGlob } from "../text/glob";
import type { MetadataField, RepositoryMetadata } from "./metadata";

/** Services of which Slipway sets what they show of a repository. */
export const metadataKinds = ["docker-hub", "quay", "harbor"] as const;

export type MetadataKind = (typeof metadataKinds)[number];

/** What a service takes. */
export interface MetadataRules {
  /** Its name in messages. */
  readonly name: string;
  /** Host of the service in references, and address of its API, where there is one of it. */
  readonly host?: string;
  readonly api?: string;
  /** Host of the service whose credentials the API takes; undefined where it takes others. */
  readonly takesRegistryLogin: boolean;
  /** Whether a login has a user name. */
  readonly hasUsername: boolean;
  /** Fields that it does not have, with what to do instead. */
  readonly lacks: Partial<Record<MetadataField, string>>;
  /** Fields that it tells, and that people alone can set, on its page. */
  readonly setByPeople: readonly MetadataField[];
  /** Longest texts, in bytes of UTF-8. */
  readonly longest: Partial<Record<"description" | "fullDescription", number>>;
  /** How it writes patterns of tags. */
  readonly patterns: "regular expression" | "glob";
  /** Most patterns of a repository. */
  readonly mostPatterns?: number;
  /** An example of patterns for version tags. */
  readonly patternExample: string;
  /** What its paths have. */
  readonly path: { readonly shape: RegExp; readonly words: string };
}

const oneText = "it has one text for a repository: set fullDescription";
const noCategories = "it has none";

/** Sources: those of the clients, in the folder of each. */
export const metadataRules: Readonly<Record<MetadataKind, MetadataRules>> = {
  "docker-hub": {
    name: "Docker Hub",
    host: "docker.io",
    api: "https://hub.docker.com",
    takesRegistryLogin: true,
    hasUsername: true,
    lacks: {},
    setByPeople: ["categories"],
    longest: { description: 100, fullDescription: 25_000 },
    patterns: "regular expression",
    // docs.docker.com/docker-hub/repos/manage/hub-images/immutable-tags, November 2026.
    mostPatterns: 5,
    patternExample: "^v[0-9]+\\.[0-9]+\\.[0-9]+",
    path: { shape: /^[^/]+\/[^/]+$/, words: "a namespace and a name (a valid example: acme/hello)" },
  },
  quay: {
    name: "Quay",
    host: "quay.io",
    api: "https://quay.io",
    takesRegistryLogin: false,
    hasUsername: false,
    lacks: { description: oneText, categories: noCategories },
    setByPeople: [],
    longest: {},
    patterns: "regular expression",
    patternExample: "^v[0-9]+\\.[0-9]+\\.[0-9]+",
    path: { shape: /^[^/]+\/.+$/, words: "a namespace and a name (a valid example: acme/hello)" },
  },
  harbor: {
    name: "Harbor",
    takesRegistryLogin: true,
    hasUsername: true,
    lacks: { description: oneText, categories: noCategories },
    setByPeople: [],
    longest: {},
    patterns: "glob",
    patternExample: "v*.*.*",
    path: { shape: /^[^/]+\/.+$/, words: "a project and a name (a valid example: acme/hello)" },
  },
};

/** Something that a service does not take. */
export interface MetadataProblem {
  readonly field: MetadataField;
  readonly reason: string;
}

/** What a service would not take, before anybody asks it. */
export function metadataProblems(kind: MetadataKind, metadata: RepositoryMetadata): MetadataProblem[] {
  const rules = metadataRules[kind];
  const problems: MetadataProblem[] = [];
  const add = (field: MetadataField, reason: string) => problems.push({ field, reason });
  for (const [field, instead] of Object.entries(rules.lacks) as [MetadataField, string][]) {
    if (metadata[field] !== undefined) add(field, `${rules.name} does not take it: ${instead}`);
  }
  for (const field of ["description", "fullDescription"] as const) {
    const text = metadata[field];
    const most = rules.longest[field];
    const bytes = Buffer.byteLength(text ?? "");
    if (most === undefined || bytes <= most || rules.lacks[field] !== undefined) continue;
    add(field, `has ${bytes} bytes, and ${rules.name} takes ${most} at most: shorten it`);
  }
  if (metadata.description !== undefined && /[\r\n]/.test(metadata.description)) {
    add("description", "has several lines, and is one line in lists: put the others into fullDescription");
  }
  const patterns = metadata.immutableTags ?? [];
  if (rules.mostPatterns !== undefined && patterns.length > rules.mostPatterns) {
    add(
      "immutableTags",
      `has ${patterns.length} patterns, and ${rules.name} takes ${rules.mostPatterns} at most`,
    );
  }
  for (const pattern of patterns) {
    const problem = rules.patterns === "glob" ? undefined : regexProblem(pattern);
    if (problem === undefined) continue;
    const example = `(a valid example: ${JSON.stringify(rules.patternExample)})`;
    add("immutableTags", `${JSON.stringify(pattern)} ${problem} ${example}`);
  }
  return problems;
}

/**
 * Returns whether a pattern holds a tag. Of a regular expression any part of the tag counts, unless it is anchored: who
 * reads it otherwise holds fewer tags.
 */
export function holdsTag(kind: MetadataKind, pattern: string, tag: string): boolean {
  if (metadataRules[kind].patterns === "regular expression") {
    return regexProblem(pattern) === undefined && new RegExp(pattern).test(tag);
  }
  return alternatives(pattern).some((one) => starGlob(one.replaceAll("**", "*"), "everything").matches(tag));
}

/** What the engines of the services, RE2 and Python's, would not take alike. */
function regexProblem(pattern: string): string | undefined {
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(pattern)) {
    return "looks around or back, which no regular expression there does";
  }
  try {
    new RegExp(pattern);
    return undefined;
  } catch {
    return "is not a regular expression";
  }
}

/** `v{1,2}.*` as `v1.*` and `v2.*`. */
function alternatives(pattern: string): string[] {
  const found = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (found === null) return [pattern];
  const [, before = "", inside = "", after = ""] = found;
  return inside.split(",").flatMap((one) => alternatives(`${before}${one}${after}`));
}
