import { parseReference } from "../../oci/reference";
import { YamlError } from "../../yaml/parse";
import { fields, type Field } from "../code";
import type { Found, FoundImage, Left, Reader, SourceText } from "../found";
import { folderOf, joined, lastPart } from "../paths";
import { YamlView } from "../yaml-view";
import { repositoryText } from "../repository-text";

/** Reads compose files: what their services have built. Source: compose-spec, build.md. */
export const composeReader: Reader = {
  name: "compose",
  takes: (path) => /^(docker-)?compose([.-][\w.-]+)?\.ya?ml$/.test(lastPart(path)),
  read(source) {
    const { path, text } = source;
    if (!/^(docker-)?compose(\.(prod|production|release))?\.ya?ml$/.test(lastPart(path))) {
      return {
        left: [
          { file: path, what: "compose file", reason: "is for something else than a release by its name" },
        ],
      };
    }
    try {
      const services = YamlView.of(text).at("services")?.entries() ?? [];
      const read = services.map(([name, service]) => readService(source, name, service));
      return {
        images: read.flatMap(({ images = [] }) => images),
        left: read.flatMap(({ left = [] }) => left),
      };
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      return { left: [{ file: path, line: error.line, what: "compose file", reason: error.reason }] };
    }
  },
};

function readService({ path }: SourceText, name: string, service: YamlView): Found {
  if (!service.isMap)
    return {
      left: [
        { file: path, line: service.line, what: `services.${name}`, reason: "has no value that can be read" },
      ],
    };
  const build = service.at("build");
  if (build === undefined) {
    const image = service.at("image")?.text;
    if (image === undefined) return {};
    const reason = "is an image of others: name it in externalImages if the distribution needs it";
    return { left: [{ file: path, line: service.line, what: `services.${name}`, reason }] };
  }
  const from = { file: path, line: build.line };
  const what = `services.${name}.build`;
  const written = build.text ?? build.at("context")?.text ?? ".";
  const context = withDefaults(written);
  const folder = context === undefined ? undefined : joined(folderOf(path), context);
  if (folder === undefined || context?.includes("://")) {
    const reason = `the context ${JSON.stringify(written)} is no folder of this project`;
    return { left: [{ ...from, what, reason }] };
  }
  if (build.at("dockerfile_inline") !== undefined)
    return {
      left: [{ ...from, what, reason: "the Dockerfile is in the compose file: give it one of its own" }],
    };
  const dockerfile = joined(
    folder,
    withDefaults(build.at("dockerfile")?.text ?? "Dockerfile") ?? "Dockerfile",
  );
  if (dockerfile === undefined)
    return { left: [{ ...from, what, reason: "the Dockerfile is not in this project" }] };
  const { args, left } = buildArguments(build.at("args"), { ...from, what: `${what}.args` });
  const stage = build.at("target")?.text;
  const platforms = build.at("platforms")?.texts() ?? [];
  const image: FoundImage = {
    ...repositoriesOf(service.at("image")?.text),
    name,
    dockerfile,
    context: folder,
    ...(stage !== undefined && { stage }),
    ...(platforms.length > 0 && { platforms }),
    fields: args,
    isBuilt: true,
    left,
    from,
  };
  return { images: [image] };
}

function repositoriesOf(image: string | undefined): { repositories: readonly string[] } {
  const plain = image === undefined ? undefined : withDefaults(image);
  // Without a host and an owner it is a name on this machine.
  if (plain === undefined || !plain.includes("/")) return { repositories: [] };
  try {
    return { repositories: [repositoryText(parseReference(plain))] };
  } catch {
    return { repositories: [] };
  }
}

/** `${NAME:-value}` is the value; undefined where a variable has none. */
function withDefaults(text: string): string | undefined {
  const filled = text.replaceAll(/\$\{\w+:?-([^${}]*)\}/g, "$1");
  return filled.includes("$") ? undefined : filled;
}

/** Build arguments of a map, or of a list of `NAME=value`. */
function buildArguments(
  args: YamlView | undefined,
  at: { file: string; line: number; what: string },
): { args: Field[]; left: Left[] } {
  const pairs: [string, string | undefined][] = args?.isList
    ? args.texts().map((text) => {
        const equals = text.indexOf("=");
        return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
      })
    : (args?.entries() ?? []).map(([name, value]) => [name, value.text]);
  const values: Field[] = [];
  const left: Left[] = [];
  for (const [name, text] of pairs) {
    const value = text === undefined ? undefined : withDefaults(text);
    if (value !== undefined) values.push({ name, value });
    else
      left.push({
        ...at,
        what: `${at.what}.${name}`,
        reason: "takes its value from the environment: give it in buildArgs",
      });
  }
  return { args: values.length === 0 ? [] : [{ name: "buildArgs", value: fields(...values) }], left };
}
