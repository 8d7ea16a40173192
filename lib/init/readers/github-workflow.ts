import { parseReference } from "../../oci/reference";
import { YamlError } from "../../yaml/parse";
import { fields, fieldsOf, type Field } from "../code";
import { combinations, environment, filled, type Scope } from "../expressions";
import type { Found, FoundImage, FoundTags, Left, Origin, Reader, SourceText, Surroundings } from "../found";
import { joinFound } from "../found";
import { joined } from "../paths";
import { repositoryText } from "../repository-text";
import { YamlView } from "../yaml-view";
import { attributesOf, linesOf, metadataTags } from "./metadata-action";

/** Reads workflows of GitHub Actions: what `docker/build-push-action` and `docker/metadata-action` do in them. */
export const workflowReader: Reader = {
  name: "actions",
  takes: (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path),
  read(source, around) {
    if (!/docker\/(?:build-push|metadata|bake)-action/.test(source.text)) return {};
    try {
      return readWorkflow(source, around);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      return { left: [{ file: source.path, line: error.line, what: "workflow", reason: error.reason }] };
    }
  },
};

/** Where a scope has what stands before the version in tags of git: no expression can be so called. */
const prefixKey = "{version prefix}";

function readWorkflow(source: SourceText, { github, versionPrefix }: Surroundings): Found {
  const workflow = YamlView.of(source.text);
  const known = new Map([[prefixKey, versionPrefix]]);
  if (github !== undefined) {
    known.set("github.repository", github);
    known.set("github.repository_owner", github.split("/")[0] ?? "");
    known.set("github.event.repository.name", github.split("/")[1] ?? "");
  }
  const scope = environment(workflow.at("env"), known);
  const jobs = workflow.at("jobs")?.entries() ?? [];
  return joinFound(jobs.map(([name, job]) => readJob(source.path, name, job, scope)));
}

function readJob(file: string, name: string, job: YamlView, scope: Scope): Found {
  const matrix = job.at("strategy", "matrix");
  const all = combinations(matrix);
  if (all === undefined) {
    const reason = "the matrix has a value in a run only: declare the images of this job by hand";
    return { left: [{ file, line: matrix?.line ?? job.line, what: `jobs.${name}`, reason }] };
  }
  const found = joinFound(
    all.map((one) => readSteps(file, job, environment(job.at("env"), new Map([...scope, ...one])))),
  );
  return { ...found, left: unique(found.left), tags: found.tags };
}

function readSteps(file: string, job: YamlView, scope: Scope): Found {
  const steps = job.at("steps")?.items() ?? [];
  const uses = (step: YamlView) => (step.at("uses")?.text ?? "").replace(/@.*$/, "");
  const metadata = new Map<string, Metadata>();
  const found: Found[] = [];
  for (const step of steps) {
    const own = environment(step.at("env"), scope);
    const from = { file, line: step.line };
    if (uses(step) === "docker/metadata-action") {
      metadata.set(step.at("id")?.text ?? "", readMetadata(step.at("with"), own, from));
    } else if (uses(step) === "docker/build-push-action") {
      found.push(readBuild(step.at("with"), own, from, metadata));
    } else if (uses(step) === "docker/bake-action") {
      const reason = "its bake file is read, where there is one; what the step changes of it is not";
      found.push({ left: [{ ...from, what: "docker/bake-action", reason }] });
    }
  }
  return joinFound(found);
}

interface Metadata {
  readonly repositories: readonly string[];
  readonly tags: readonly FoundTags[];
  readonly left: readonly Left[];
}

function readMetadata(inputs: YamlView | undefined, scope: Scope, from: Origin): Metadata {
  const left: Left[] = [];
  const repositories = linesOf(inputs?.at("images")?.text ?? "").flatMap((line) => {
    const attributes = attributesOf(line);
    if (attributes.get("enable") === "false") return [];
    return repositoryOf(
      attributes.get("name") ?? attributes.get("value") ?? line,
      scope,
      "images",
      from,
      left,
    );
  });
  const tagsInput = inputs?.at("tags");
  const at = { ...from, line: tagsInput?.line ?? from.line };
  const text = (name: string) => {
    const value = inputs?.at(name)?.text;
    return value === undefined ? undefined : filled(value, scope).text;
  };
  const { tags, left: ofTags } = metadataTags({
    tags: text("tags"),
    flavor: text("flavor"),
    versionPrefix: scope.get(prefixKey) ?? "v",
    from: at,
  });
  const others = ["labels", "annotations"].flatMap((name): Left[] => {
    const input = inputs?.at(name);
    const reason = `${linesOf(input?.text ?? "").length} of them: the standard ones are set, others are in ${name} of the image`;
    return input === undefined ? [] : [{ ...from, line: input.line, what: name, reason }];
  });
  return { repositories, tags, left: [...left, ...ofTags, ...others] };
}

/** Inputs that are nothing that a declaration could say, or that it says by itself. */
const notNeeded = new Set([
  "push",
  "context",
  "file",
  "tags",
  "target",
  "platforms",
  "build-args",
  "labels",
  "annotations",
  "provenance",
  "sbom",
  "cache-from",
  "cache-to",
  "network",
  "pull",
  "no-cache",
  "load",
  "github-token",
]);

function readBuild(
  inputs: YamlView | undefined,
  scope: Scope,
  from: Origin,
  metadata: ReadonlyMap<string, Metadata>,
): Found {
  const raw = (name: string) => inputs?.at(name)?.text;
  const outputs = raw("outputs") ?? "";
  if ((raw("push") ?? "false") === "false" && !/push=true|type=registry/.test(outputs)) return {};
  const left: Left[] = [];
  const value = (name: string): string | undefined => {
    const input = inputs?.at(name);
    const written = input?.text;
    if (written === undefined) return undefined;
    const { text, unknown } = filled(written, scope);
    if (unknown.length === 0) return text;
    const reason = `${unknown.map((one) => `\${{ ${one} }}`).join(", ")} has a value in a run only`;
    left.push({ ...from, line: input?.line ?? from.line, what: name, reason });
    return undefined;
  };
  const context = joined(".", value("context") ?? ".");
  const given = value("file");
  const dockerfile = given === undefined ? joined(context ?? ".", "Dockerfile") : joined(".", given);
  if (context === undefined || dockerfile === undefined || /:\/\//.test(raw("context") ?? "")) {
    const reason = `${JSON.stringify(raw("context") ?? given)} is no place in this project`;
    return { left: [...left, { ...from, what: "context", reason }] };
  }
  const named = namesOf(raw("tags") ?? "", outputs, scope, metadata, from, left);
  const platforms = listOf(value("platforms"));
  const stage = value("target");
  for (const [name, input] of inputs?.entries() ?? []) {
    if (notNeeded.has(name) || name === "outputs") continue;
    left.push({
      ...from,
      line: input.line,
      what: name,
      reason: "is not converted: docs/buildkit.md has what an image can say",
    });
  }
  const image: FoundImage = {
    repositories: named.repositories,
    name: "",
    dockerfile,
    context,
    ...(stage !== undefined && stage !== "" && { stage }),
    ...(platforms.length > 0 && { platforms }),
    fields: [
      ...argumentsOf(inputs?.at("build-args"), scope, from, left),
      ...cacheOf(inputs, scope, from, left),
      ...(["none", "host"].includes(raw("network") ?? "")
        ? [{ name: "network", value: raw("network") ?? "" }]
        : []),
    ],
    isBuilt: true,
    from,
  };
  return { images: [image], tags: [...named.tags], left: [...left, ...named.left] };
}

/** Where an image goes: by the outputs of metadata steps, or as written. */
function namesOf(
  tags: string,
  outputs: string,
  scope: Scope,
  metadata: ReadonlyMap<string, Metadata>,
  from: Origin,
  left: Left[],
): Metadata {
  const all = [...metadata.values()];
  const ids = [...tags.matchAll(/steps\.([\w-]+)\.outputs\.tags/g)].map(([, id = ""]) => id);
  const taken = ids.flatMap((id) => metadata.get(id) ?? []);
  // A build by digest has no tags: another job joins the platforms, under the names of its step.
  const ofDigest = taken.length === 0 && /push-by-digest=true/.test(outputs) ? all : taken;
  const name = /(?:^|,)name=([^,]+)/.exec(outputs)?.[1];
  const written = ids.length > 0 ? [] : linesOf(tags.replaceAll(/(\}\}|[^{])\s*,\s*/g, "$1\n"));
  const literal = written.flatMap((line) => repositoryOf(line, scope, "tags", from, left));
  if (written.length > 0)
    left.push({
      ...from,
      what: "tags",
      reason: `${written.join(", ")}: say by tags of the distribution which of them versions get`,
    });
  const ofOutputs =
    ofDigest.length === 0 && literal.length === 0 && name !== undefined
      ? repositoryOf(name, scope, "outputs", from, left)
      : [];
  return {
    repositories: [
      ...new Set([...ofDigest.flatMap(({ repositories }) => repositories), ...literal, ...ofOutputs]),
    ],
    tags: ofDigest.flatMap((one) => one.tags),
    left: ofDigest.flatMap((one) => one.left),
  };
}

function repositoryOf(text: string, scope: Scope, what: string, from: Origin, left: Left[]): string[] {
  // What stands behind the name is no part of it, and may have a value in a run only.
  const name = text.replace(/:(?:[^/:{}]|\$\{\{[^}]*\}\})*$/, "");
  const { text: done, unknown } = filled(name, scope);
  if (unknown.length > 0) {
    const reason = `${name}: \${{ ${unknown.join(" }}, ${{ ")} }} has a value in a run only`;
    left.push({ ...from, what, reason });
    return [];
  }
  try {
    return [repositoryText(parseReference(done.toLowerCase()))];
  } catch (error) {
    left.push({ ...from, what, reason: (error as Error).message });
    return [];
  }
}

function listOf(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,]+/).filter((item) => item !== "");
}

function argumentsOf(input: YamlView | undefined, scope: Scope, from: Origin, left: Left[]): Field[] {
  const values = linesOf(input?.text ?? "").flatMap((line): Field[] => {
    const equals = line.indexOf("=");
    const name = line.slice(0, equals);
    const { text, unknown } = filled(line.slice(equals + 1), scope);
    if (equals > 0 && unknown.length === 0) return [{ name, value: text }];
    const reason = "has a value in a run only: give it in buildArgs of the image";
    left.push({ ...from, line: input?.line ?? from.line, what: `build-args ${name || line}`, reason });
    return [];
  });
  return values.length === 0 ? [] : [{ name: "buildArgs", value: fields(...values) }];
}

/** A cache in a registry; others are those of the service that runs the workflow. */
function cacheOf(inputs: YamlView | undefined, scope: Scope, from: Origin, left: Left[]): Field[] {
  const references = (name: string) => {
    const input = inputs?.at(name);
    return linesOf(input?.text ?? "").flatMap((line) => {
      const attributes = attributesOf(filled(line, scope).text);
      const reference = attributes.get("type") === "registry" ? attributes.get("ref") : undefined;
      if (reference !== undefined && !reference.includes("${{")) return [reference];
      const reason = `${line}: a cache is kept in a registry (cache: { from, to } of the image)`;
      left.push({ ...from, line: input?.line ?? from.line, what: name, reason });
      return [];
    });
  };
  const read = references("cache-from");
  const [to] = references("cache-to");
  if (read.length === 0 && to === undefined) return [];
  return [{ name: "cache", value: fieldsOf({ from: read.length === 0 ? undefined : read, to }) }];
}

function unique(left: readonly Left[]): Left[] {
  const key = ({ file, line, what, reason }: Left) => JSON.stringify([file, line, what, reason]);
  return [...new Map(left.map((one) => [key(one), one])).values()];
}
