import { ChannelError } from "../artifact";
import type { ChartFiles } from "./folder";
import { chartMetadata, type ChartMetadata } from "./metadata";
import { pathNames, ValuesText, type ChartValue } from "./values";

/** An image as the values of a chart name it. */
export interface ChartImage {
  /** `host/path`. */
  readonly repository: string;
  /** A tag of it that never moves. */
  readonly tag?: string | undefined;
  readonly digest: string;
}

/** What is set in a chart. */
export interface ChartSettings {
  /** Name that it must have. */
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string | undefined;
  /** Values by their paths in `values.yaml`. */
  readonly values: Readonly<Record<string, ChartValue>>;
  /** Images by the paths in `values.yaml` that name them. */
  readonly images: Readonly<Record<string, ChartImage>>;
}

/** A chart as it is packed. */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly files: ChartFiles;
}

const valuesFile = "values.yaml";

/**
 * The files of a chart for a version: its author's, with the version in `Chart.yaml` and the released
 * images in `values.yaml`.
 *
 * @throws ChannelError for what Helm would refuse, and for values that are not there
 */
export function chartFor(files: ChartFiles, settings: ChartSettings): Chart {
  const declared = files.get("Chart.yaml")?.toString("utf8");
  if (declared === undefined) throw new ChannelError("directory", "there is no Chart.yaml in it");
  const chartText = new ValuesText(declared, "Chart.yaml");
  chartText.setTop("version", settings.version);
  if (settings.appVersion !== undefined) chartText.setTop("appVersion", settings.appVersion);
  const metadata = chartMetadata(chartText.toString());
  if (metadata.name !== settings.name) {
    throw new ChannelError(
      "directory",
      `Chart.yaml has the name ${JSON.stringify(metadata.name)}, and the chart is declared as ${JSON.stringify(settings.name)}: Helm finds a chart by its name only`,
    );
  }
  checkDependencies(files, metadata);
  const made = new Map(files);
  made.set("Chart.yaml", Buffer.from(chartText.toString(), "utf8"));
  const values = valuesFor(files, settings);
  if (values !== undefined) made.set(valuesFile, Buffer.from(values, "utf8"));
  return { metadata, files: made };
}

function valuesFor(files: ChartFiles, { values, images }: ChartSettings): string | undefined {
  const [first] = [
    ...Object.keys(images).map((path) => fieldAt("images", path)),
    ...Object.keys(values).map((path) => fieldAt("values", path)),
  ];
  if (first === undefined) return undefined;
  const content = files.get(valuesFile)?.toString("utf8");
  if (content === undefined) throw new ChannelError(first, "there is no values.yaml in the chart's folder");
  const text = new ValuesText(content, valuesFile);
  for (const [path, image] of Object.entries(images)) setImage(text, path, image);
  for (const [path, value] of Object.entries(values))
    text.set(pathNames(path), value, fieldAt("values", path));
  return text.toString();
}

/** Names of the fields by which charts name an image. */
function setImage(text: ValuesText, path: string, { repository, tag, digest }: ChartImage): void {
  const field = fieldAt("images", path);
  const names = pathNames(path);
  const own = text.fieldsOf(names, field);
  const pinned = tag === undefined ? `@${digest}` : `:${tag}@${digest}`;
  if (own === undefined) {
    text.set(names, `${repository}${pinned}`, field);
    return;
  }
  const has = (name: string) => own.includes(name);
  if (!has("repository") || !(has("tag") || has("digest"))) {
    throw new ChannelError(
      field,
      `${JSON.stringify(path)} in values.yaml has ${own.join(", ")}: \`repository\` and \`tag\` or \`digest\` are expected, ` +
        `and \`registry\` where the host is apart; or a text for the whole reference (a valid example: "repository: hello", "digest: \\"\\"")`,
    );
  }
  const slash = repository.indexOf("/");
  const set = (name: string, value: string) => text.set([...names, name], value, field);
  if (has("registry")) set("registry", repository.slice(0, slash));
  set("repository", has("registry") ? repository.slice(slash + 1) : repository);
  if (has("digest")) set("digest", digest);
  if (has("tag") && tag !== undefined) set("tag", tag);
  if (!has("digest") && tag === undefined) {
    throw new ChannelError(
      field,
      `${JSON.stringify(path)} in values.yaml has no \`digest\`, and the image has no tag that never moves`,
    );
  }
}

/** A field of the declaration: a path has dots in it. */
function fieldAt(field: string, path: string): string {
  return /^\w+$/.test(path) ? `${field}.${path}` : `${field}[${JSON.stringify(path)}]`;
}

/** Helm does not fetch what a published chart lacks. */
function checkDependencies(files: ChartFiles, { dependencies }: ChartMetadata): void {
  for (const [index, { name }] of dependencies.entries()) {
    const isThere = [...files.keys()].some(
      (file) =>
        file === `charts/${name}/Chart.yaml` ||
        (file.startsWith(`charts/${name}-`) && /^[^/]*-\d[^/]*\.tgz$/.test(file.slice("charts/".length))),
    );
    if (isThere) continue;
    throw new ChannelError(
      "directory",
      `Chart.yaml dependencies[${index}] is ${JSON.stringify(name)}, which is not in charts/: run \`helm dependency build\` in the folder first`,
    );
  }
}
