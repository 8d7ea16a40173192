import { isMap, type Scalar } from "yaml";
import { nearest } from "../text/nearest";
import { parseDocuments, scalarText, YamlError } from "../yaml/parse";
import { marksOf, type Mark } from "./marks";
import { familiarRepository } from "./repository-name";
import { readReference, replacedTag, type ReferenceText } from "./reference-text";
import { ScalarEdits } from "./scalar-edits";
import { fieldOf, valuesOf, type Fields, type FileValue } from "./values";

/** An image, and what references of it are to say. */
export interface FollowedImage {
  readonly name: string;
  /** `host/path` of each place that it is in; the first is written where a file has none of them. */
  readonly repositories: readonly string[];
  /** Tag that references get; absent where they are by digest alone. */
  readonly tag?: string | undefined;
  /** Digest that references get; absent where they are by tag alone. */
  readonly digest?: string | undefined;
}

/** A reference that a file has. */
export interface FollowedReference {
  readonly line: number;
  readonly image: string;
  /** What the file says now, and what it is to say. */
  readonly from: string;
  readonly to: string;
}

/** What is followed, and what only looks so. */
export interface FollowOptions {
  readonly images: readonly FollowedImage[];
  /** `host/path` of images of others that are beside those of the distribution. */
  readonly others?: readonly string[];
}

/**
 * Lets the references of images in a file of compose, Kubernetes, kustomize or Helm's values follow a
 * release; all other bytes stay. References are the values of fields `image` that name a place of an
 * image, fields `repository`, `tag` and `digest` beside each other, the entries of a kustomization,
 * and whatever has the mark `# slipway: NAME`.
 *
 * @throws YamlError for what cannot be followed, and for an image of nobody in a folder of ours
 */
export function followReferences(
  text: string,
  options: FollowOptions,
): { text: string; references: readonly FollowedReference[] } {
  const order = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const file = new FollowedFile(text.slice(order.length), options);
  return { text: order + file.followed(), references: file.references };
}

class FollowedFile {
  readonly references: FollowedReference[] = [];
  private readonly edits: ScalarEdits;
  private readonly byPlace: ReadonlyMap<string, FollowedImage>;
  private readonly folders: ReadonlySet<string>;

  constructor(
    private readonly text: string,
    private readonly options: FollowOptions,
  ) {
    const places = options.images.flatMap((image) =>
      image.repositories.map((repository) => [repository, image] as const),
    );
    this.byPlace = new Map(places);
    this.folders = new Set(places.map(([place]) => folderOf(place)));
    this.edits = new ScalarEdits(text, parseDocuments(text));
  }

  followed(): string {
    const { parsed } = this.edits;
    const values = valuesOf(parsed);
    const marks = new Map<FileValue, Mark>();
    for (const mark of marksOf(this.text, parsed)) marks.set(targetOf(mark, values), mark);
    for (const value of values) {
      const mark = marks.get(value);
      if (mark) this.followMarked(value, mark);
      else if (isFields(value.value)) this.followFields(value.value, value.first, undefined);
      else if (value.name === "image" && !isBuilt(value)) this.followImage(value.value, value.first);
    }
    return this.edits.toString();
  }

  private followMarked({ name, value, first }: FileValue, { image: named, line, part }: Mark): void {
    const image = this.options.images.find((one) => one.name === named);
    if (image === undefined) {
      const names = this.options.images.map((one) => one.name);
      const meant = nearest(named, names);
      throw new YamlError(
        line,
        `there is no image ${JSON.stringify(named)}; there are ${names.join(", ")}${meant === undefined ? "" : ` (did you mean ${meant}?)`}`,
      );
    }
    if (isFields(value)) {
      this.followFields(value, first, image);
      return;
    }
    if (part !== undefined) {
      this.setPart(value, image, part, line);
      return;
    }
    const written = scalarText(value);
    if (written !== "" && !/[/:@]/.test(written) && !/image$/i.test(name ?? "")) {
      throw new YamlError(
        line,
        `${JSON.stringify(written)} does not name an image: the mark belongs at the end of its line, or right above it`,
      );
    }
    const known = readReference(written);
    if (known === undefined && written.includes("$")) {
      throw new YamlError(
        line,
        `${JSON.stringify(written)} has a variable without a default, so that its repository is not known: write it out`,
      );
    }
    const isThere = known !== undefined && this.byPlace.get(known.repository) === image;
    this.setReference(value, image, isThere ? known : undefined, first);
  }

  private followImage(value: Scalar, line: number): void {
    const known = readReference(scalarText(value));
    const image = known && this.imageAt(known.repository, line);
    if (image) this.setReference(value, image, known, line);
  }

  /** The image of a place; none of others is in a folder of ours unless they are named. */
  private imageAt(repository: string, line: number): FollowedImage | undefined {
    const image = this.byPlace.get(repository);
    if (image !== undefined || this.options.others?.includes(repository)) return image;
    const folder = folderOf(repository);
    if (!this.folders.has(folder)) return undefined;
    const there = [...this.byPlace.keys()].filter((place) => folderOf(place) === folder);
    throw new YamlError(
      line,
      `${JSON.stringify(repository)} is no image of this distribution, which has in ${folder}: ${there.join(", ")}. ` +
        `Correct the name, mark the line with "# slipway: NAME", or name an image of others in externalImages`,
    );
  }

  private setReference(
    value: Scalar,
    image: FollowedImage,
    known: ReferenceText | undefined,
    line: number,
  ): void {
    const { tag, digest } = image;
    const repository = known?.written ?? familiarRepository(image.repositories[0] ?? image.name);
    const variable = [known?.tag, known?.digest].find((part) => part?.includes("$"));
    const newTag = tag === undefined ? undefined : replacedTag(known?.tag, tag);
    if (
      variable !== undefined &&
      (digest !== undefined || newTag === undefined || known?.digest?.includes("$"))
    ) {
      throw new YamlError(
        line,
        `${JSON.stringify(scalarText(value))} has a variable, which cannot follow ${digest === undefined ? "without a default (a valid example: `${TAG:-v1.2.3}`)" : "by digest: write the reference without it"}`,
      );
    }
    const reference = `${repository}${newTag === undefined ? "" : `:${newTag}`}${digest === undefined ? "" : `@${digest}`}`;
    this.set(value, reference, image, line);
  }

  /** Fields of Helm's values or a kustomization, if they are about an image. */
  private followFields(fields: Fields, line: number, marked: FollowedImage | undefined): void {
    const nameOf = (name: string) => fieldOf(fields, name);
    const isKustomized = nameOf("newTag") !== undefined || nameOf("newName") !== undefined;
    const [tagField, repositoryField] = isKustomized
      ? ["newTag", nameOf("newName") === undefined ? "name" : "newName"]
      : ["tag", "repository"];
    const [repository, tag, digest] = [nameOf(repositoryField), nameOf(tagField), nameOf("digest")];
    if (repository === undefined || (tag === undefined && digest === undefined)) {
      if (marked === undefined) return;
      throw new YamlError(line, "fields repository and tag, or digest, are expected below this mark");
    }
    const registry = isKustomized ? undefined : nameOf("registry");
    const prefix = registry === undefined || scalarText(registry) === "" ? "" : `${scalarText(registry)}/`;
    const known = readReference(`${prefix}${scalarText(repository)}`);
    const there =
      known &&
      (marked === undefined ? this.imageAt(known.repository, line) : this.byPlace.get(known.repository));
    const image = marked ?? there;
    if (image === undefined) return;
    if (image !== there) this.setRepository(repository, registry, image);
    this.setFields({ tag, digest, tagField }, image, line);
  }

  private setRepository(repository: Scalar, registry: Scalar | undefined, image: FollowedImage): void {
    const [place = image.name] = image.repositories;
    const slash = place.indexOf("/");
    if (registry === undefined) this.edits.set(repository, familiarRepository(place));
    else {
      this.edits.set(registry, place.slice(0, slash));
      this.edits.set(repository, place.slice(slash + 1));
    }
  }

  private setFields(
    { tag, digest, tagField }: { tag: Scalar | undefined; digest: Scalar | undefined; tagField: string },
    image: FollowedImage,
    line: number,
  ): void {
    const missing = [
      image.tag !== undefined && tag === undefined && image.digest === undefined ? tagField : undefined,
      image.digest !== undefined && digest === undefined ? "digest" : undefined,
    ].find((field) => field !== undefined);
    if (missing !== undefined) {
      throw new YamlError(
        line,
        `there is no field ${missing} beside the repository of ${image.name}: add it (a valid example: \`${missing}: ""\`)`,
      );
    }
    const texts = { from: "", to: "" };
    // What stays from another release would contradict the other one.
    for (const [name, field, text = ""] of [
      [tagField, tag, image.tag],
      ["digest", digest, image.digest],
    ] as const) {
      if (field === undefined) continue;
      this.edits.set(field, text);
      texts.from += ` ${name}: ${JSON.stringify(scalarText(field))}`;
      texts.to += ` ${name}: ${JSON.stringify(text)}`;
    }
    this.references.push({
      line,
      image: image.name,
      from: image.name + texts.from,
      to: image.name + texts.to,
    });
  }

  private setPart(value: Scalar, image: FollowedImage, part: "tag" | "digest", line: number): void {
    const text = image[part];
    if (text === undefined) {
      throw new YamlError(
        line,
        `this file follows by ${part === "tag" ? "digest" : "tag"} alone, and this is a ${part}`,
      );
    }
    const written = scalarText(value);
    const replaced = part === "tag" ? replacedTag(written, text) : text;
    if (replaced === undefined) {
      throw new YamlError(
        line,
        `${JSON.stringify(written)} has a variable without a default (a valid example: \`\${TAG:-v1.2.3}\`)`,
      );
    }
    this.set(value, replaced, image, line);
  }

  private set(value: Scalar, text: string, image: FollowedImage, line: number): void {
    this.edits.set(value, text);
    this.references.push({ line, image: image.name, from: scalarText(value), to: text });
  }
}

/** The one value that a mark is at: the field `image` of its line, else the last value. */
function targetOf(mark: Mark, values: readonly FileValue[]): FileValue {
  const there = values.filter(
    ({ first, last }) => first === mark.at || (mark.line === mark.at && last === mark.at),
  );
  const target = there.find(({ name }) => name === "image") ?? there.at(-1);
  if (target === undefined) {
    throw new YamlError(
      mark.line,
      "this mark is at no value: it belongs at the end of its line, or right above it",
    );
  }
  return target;
}

/** Returns whether a service is built from its files: its `image` is the name that the build gets. */
function isBuilt({ within }: FileValue): boolean {
  return within?.has("build") ?? false;
}

function isFields(value: Scalar | Fields): value is Fields {
  return isMap(value);
}

function folderOf(repository: string): string {
  return repository.slice(0, repository.lastIndexOf("/"));
}
