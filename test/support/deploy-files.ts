import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { runClient } from "./clients";
import { toolPath } from "./tools";

/** The version of Kubernetes whose schemas judge manifests. */
const kubernetes = "v1.37.0";

/** What compose makes of a file. */
export interface ComposeProject {
  services: Record<
    string,
    { image?: string; build?: { context: string; dockerfile: string; args?: Record<string, string> } }
  >;
}

/**
 * What `docker compose config` says of a file.
 *
 * @param args options before the command, e.g. `--file compose.yml`
 * @throws with what it printed for a file that compose does not take
 */
export async function composeConfig(
  directory: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<ComposeProject> {
  const all = ["--project-directory", directory, ...args, "config", "--format", "json"];
  return JSON.parse(await runClient("compose", all, { COMPOSE_FILE: "", ...env })) as ComposeProject;
}

/**
 * Judges manifests strictly by the schemas of Kubernetes: a field that is in none is an error.
 *
 * @param folder where the schemas are prepared, once
 * @throws with what kubeconform printed
 */
export async function kubeconform(folder: string, files: readonly string[]): Promise<void> {
  const location = path.join(preparedSchemas(folder), "{{.ResourceKind}}{{.KindSuffix}}.json");
  // It tells on standard output what is wrong.
  const args = [toolPath("kubeconform"), "-strict", "-schema-location", location, ...files];
  await runClient("sh", ["-c", '"$@" >&2', "sh", ...args]);
}

/** The schemas refer to each other by addresses of a server; kubeconform has them in a folder. */
function preparedSchemas(folder: string): string {
  const source = path.resolve(
    path.dirname(realpathSync(toolPath("kubernetes-validate"))),
    "../kubernetes_validate/kubernetes-json-schema",
    `${kubernetes}-local-strict`,
  );
  const target = path.join(folder, "schemas");
  if (mkdirSync(target, { recursive: true }) === undefined) return target;
  for (const name of readdirSync(source)) {
    const schema = JSON.parse(
      readFileSync(path.join(source, name), "utf8").replaceAll(
        '"/api/_definitions.json#',
        '"_definitions.json#',
      ),
    ) as { $id?: string };
    delete schema.$id;
    writeFileSync(path.join(target, name), JSON.stringify(schema));
  }
  return target;
}

/** Kinds of the server below, by their group and version. */
const resources: Record<string, Record<string, string>> = {
  v1: { Service: "services", ConfigMap: "configmaps", Namespace: "namespaces" },
  "apps/v1": { Deployment: "deployments" },
  "batch/v1": { CronJob: "cronjobs" },
};

/**
 * Runs `kubectl apply --dry-run=client` on manifests.
 *
 * @returns what would be applied, such as `deployment.apps/ui created (dry run)`
 * @throws with what kubectl printed
 */
export async function kubectlApply(folder: string, files: readonly string[]): Promise<string[]> {
  const printed = await withKubernetes(folder, (args, env) =>
    runClient("kubectl", ["apply", ...files.flatMap((file) => ["-f", file]), ...args], env),
  );
  return printed.trim().split("\n");
}

/**
 * Gives kubectl a server for a dry run of `apply`. It asks one for its kinds and for what is there before it prints
 * what it would apply: this one has some kinds, and nothing is there.
 *
 * @param work is given arguments and environment of kubectl
 */
export async function withKubernetes<T>(
  folder: string,
  work: (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const body = answer(pathname);
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": "application/json" });
    const notFound = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    response.end(JSON.stringify(body ?? notFound));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const args = ["--server", `http://127.0.0.1:${port}`, "--dry-run=client", "--validate=false"];
    return await work(args, { HOME: folder, KUBECONFIG: path.join(folder, "kubeconfig") });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function answer(pathname: string): unknown {
  const groups = Object.keys(resources).filter((version) => version.includes("/"));
  if (pathname === "/api") return { kind: "APIVersions", versions: ["v1"] };
  if (pathname === "/apis") {
    const versions = groups.map((groupVersion) => {
      const [name, version] = groupVersion.split("/");
      return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
    });
    return { kind: "APIGroupList", apiVersion: "v1", groups: versions };
  }
  const groupVersion = pathname.replace(/^\/apis?\//, "");
  const kinds = resources[groupVersion];
  if (kinds === undefined) return undefined;
  const list = Object.entries(kinds).map(([kind, name]) => ({
    name,
    kind,
    singularName: "",
    namespaced: kind !== "Namespace",
    verbs: ["create", "get", "patch"],
  }));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: list };
}

/** Everything that a field `image` says in a file, in its order. */
export function imagesOf(text: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, field] of Object.entries(value)) {
      if (name === "image" && typeof field === "string") found.push(field);
      else visit(field);
    }
  };
  for (const document of parseAllDocuments(text)) visit(document.toJS());
  return found;
}
