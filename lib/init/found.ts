import type { Code, Field } from "./code";

/** Place that something was read at. */
export interface Origin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a file says of the project as a whole. */
export interface Fact {
  readonly about: "name" | "description" | "licenses" | "homepage" | "source" | "version" | "maintainer";
  readonly value: string;
  readonly from: Origin;
}

/** An image that a file has built. */
export interface FoundImage {
  /** Repositories that it goes to, e.g. `ghcr.io/acme/hello`; none where the file names none. */
  readonly repositories: readonly string[];
  /** What it is called where no repository says it. */
  readonly name: string;
  /** Dockerfile, context and the like, from the top of the project. */
  readonly dockerfile?: string;
  readonly context?: string;
  readonly stage?: string;
  readonly platforms?: readonly string[];
  /** Further fields of the declaration. */
  readonly fields?: readonly Field[];
  /** What of it is left, if it is taken. */
  readonly left?: readonly Left[];
  /** Whether a file has it built, and not only says how. */
  readonly isBuilt: boolean;
  readonly from: Origin;
}

/** An entry of one of the maps of a declaration. */
export interface FoundEntry {
  readonly section: "binaries" | "archives" | "extraArtifacts";
  readonly name: string;
  readonly fields: Code;
  /** Platforms that programs are built for. */
  readonly platforms?: readonly string[];
  /** Key of the configuration without which it is not declared, e.g. that of its channel. */
  readonly needs?: string;
  readonly from: Origin;
}

/** A value of the configuration of a stack. */
export interface StackValue {
  readonly key: string;
  /** In YAML; undefined for a secret, which is set by hand. */
  readonly value: string | undefined;
  readonly comment: string;
}

/** A way to those who install it. It is declared where the configuration has its key. */
export interface FoundChannel {
  readonly call: string;
  readonly fields: readonly Field[];
  /** Configuration that it is for; the first decides whether it is declared. */
  readonly needs: readonly StackValue[];
  readonly from: Origin;
}

/** Tags that images get. */
export interface FoundTags {
  /** Calls that give tag rules. */
  readonly rules: readonly Code[];
  readonly from: Origin;
}

/** A further field of the distribution. */
export interface FoundField {
  readonly name: "checksums" | "trust" | "release";
  readonly fields: readonly Field[];
  readonly prod?: readonly StackValue[];
  readonly from: Origin;
}

/** What was not read, or could not be decided. */
export interface Left {
  readonly file: string;
  readonly line?: number;
  /** What it is about, e.g. a field. */
  readonly what: string;
  readonly reason: string;
}

/** All that a reader has found. */
export interface Found {
  readonly facts?: readonly Fact[];
  readonly images?: readonly FoundImage[];
  readonly entries?: readonly FoundEntry[];
  readonly channels?: readonly FoundChannel[];
  readonly tags?: readonly FoundTags[];
  readonly fields?: readonly FoundField[];
  readonly left?: readonly Left[];
}

/** A text of the project. */
export interface SourceText {
  /** From the top of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What readers know beside their text. */
export interface Surroundings {
  /** All files of the project. */
  readonly files: ReadonlySet<string>;
  /** `owner/name` of the repository at GitHub, where git says it. */
  readonly github?: string;
  /** What stands before the version in tags of git: `v`, or nothing. */
  readonly versionPrefix: string;
  /** Text of another file of the project; undefined where it is not there or not read. */
  textOf(path: string): string | undefined;
}

/** Reads one kind of file. */
export interface Reader {
  /** Name for `--from`. */
  readonly name: string;
  takes(path: string): boolean;
  read(source: SourceText, around: Surroundings): Found;
}

/** Joins what several readers have found. */
export function joinFound(all: readonly Found[]): Required<Found> {
  return {
    facts: all.flatMap(({ facts = [] }) => facts),
    images: all.flatMap(({ images = [] }) => images),
    entries: all.flatMap(({ entries = [] }) => entries),
    channels: all.flatMap(({ channels = [] }) => channels),
    tags: all.flatMap(({ tags = [] }) => tags),
    fields: all.flatMap(({ fields = [] }) => fields),
    left: all.flatMap(({ left = [] }) => left),
  };
}

/** A place as people read it. */
export function placeText({ file, line }: { readonly file: string; readonly line?: number }): string {
  return line === undefined ? file : `${file}:${line}`;
}
