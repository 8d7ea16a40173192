import { DockerfileParser, type Label } from "dockerfile-ast";
import { DockerfileError, readDockerfile, type DockerfileNeeds } from "../../dockerfile/dockerfile";
import { expression, fields, type Field } from "../code";
import type { Fact, Left, Reader, SourceText, Surroundings } from "../found";
import { filesIn, folderOf, isThere, joined, lastPart } from "../paths";

/** Folders that have a Dockerfile for something else than what they are called. */
const generic = /^(\.|\.?docker|build|ci|container|deploy|images?|packaging|release|src)$/;

/** Labels that say of an image what a distribution says (image-spec, annotations.md). */
const knownLabels: Readonly<Record<string, Fact["about"]>> = {
  "org.opencontainers.image.source": "source",
  "org.opencontainers.image.licenses": "licenses",
  "org.opencontainers.image.description": "description",
  "org.opencontainers.image.url": "homepage",
};

/** Reads Dockerfiles. */
export const dockerfileReader: Reader = {
  name: "docker",
  takes: (path) =>
    /^(Dockerfile|Containerfile)(\.[\w-]+)?$|\.(Dockerfile|Containerfile)$/i.test(lastPart(path)),
  read(source, around) {
    const { path, text } = source;
    try {
      const needs = readDockerfile(text, { platform: "linux/amd64" });
      const { context, left } = contextOf(source, needs, around);
      const isForPlatforms = /\bTARGET(ARCH|OS|PLATFORM)\b|\$\{?BUILDPLATFORM\b/.test(text);
      const image = {
        repositories: [],
        name: nameOf(path),
        dockerfile: path,
        context,
        ...(isForPlatforms && { platforms: ["linux/amd64", "linux/arm64"] }),
        fields: secretFields(needs),
        left: [...left, ...baseLefts(path, needs), ...secretLefts(path, needs)],
        isBuilt: false,
        from: { file: path, line: 1 },
      };
      return { images: [image], facts: labelFacts(source) };
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      return { left: [{ file: path, what: "Dockerfile", reason: error.message }] };
    }
  },
};

/** What the file is called after: its ending or its folder; empty for the project itself. */
function nameOf(path: string): string {
  const file = lastPart(path);
  const ending = /^(?:Dockerfile|Containerfile)\.([\w-]+)$/i.exec(file)?.[1];
  const before = /^(.+)\.(?:Dockerfile|Containerfile)$/i.exec(file)?.[1];
  const folder = lastPart(folderOf(path));
  return ending ?? before ?? (generic.test(folder) ? "" : folder);
}

/** The folder that what it copies is in. */
function contextOf(
  { path }: SourceText,
  { sources = [] }: DockerfileNeeds,
  { files }: Surroundings,
): { context: string; left: Left[] } {
  const folder = folderOf(path);
  const plain = sources.filter((source) => !/[*?[$]/.test(source));
  const missing = (context: string) =>
    plain.filter((source) => {
      const place = joined(context, source);
      return place === undefined || !isThere(files, place);
    });
  const hasContent = filesIn(files, folder).some((file) => !dockerfileReader.takes(file));
  const own = missing(folder);
  const top = missing(".");
  const context = hasContent && own.length <= top.length ? folder : ".";
  const left = (context === folder ? own : top).map((source) => ({
    file: path,
    what: source,
    reason: `is copied into the image, and is not in ${context === "." ? "the repository" : context}: something has to make it before`,
  }));
  return { context, left };
}

function baseLefts(file: string, { bases }: DockerfileNeeds): Left[] {
  return bases.flatMap(({ reference, text, line }) =>
    reference === undefined
      ? [{ file, line, what: text, reason: "has no value by itself: give it in buildArgs of the image" }]
      : [],
  );
}

function secretFields({ secrets }: DockerfileNeeds): Field[] {
  const required = [...new Set(secrets.flatMap(({ id, required }) => (required ? [id] : [])))];
  if (required.length === 0) return [];
  const values = required.map((id) => ({
    name: id,
    value: expression(`config.requireSecret(${JSON.stringify(id)})`),
  }));
  return [{ name: "secrets", value: fields(...values) }];
}

function secretLefts(file: string, { secrets }: DockerfileNeeds): Left[] {
  return secrets.map(({ id, required, line }) => ({
    file,
    line,
    what: `secret ${id}`,
    reason: required
      ? `the build needs it: pulumi config set --secret ${id}`
      : "the build can use it: declare it in secrets of the image where it is wanted",
  }));
}

function labelFacts({ path, text }: SourceText): Fact[] {
  const labels = DockerfileParser.parse(text)
    .getInstructions()
    .filter((instruction): instruction is Label => instruction.getKeyword() === "LABEL");
  return labels.flatMap((label) =>
    label.getProperties().flatMap((property): Fact[] => {
      const about = knownLabels[property.getName()];
      const value = property.getValue();
      if (about === undefined || value === null || value === "" || value.includes("$")) return [];
      return [{ about, value, from: { file: path, line: property.getNameRange().start.line + 1 } }];
    }),
  );
}
