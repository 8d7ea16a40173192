import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import { runClient } from "./clients";

/** Helm as a judge of charts, in the two generations that are in use, without a cluster. */

export type HelmProgram = "helm" | "helm-v3";
export const helmPrograms: readonly HelmProgram[] = ["helm", "helm-v3"];

/** The folders of one user of Helm, who has neither a configuration nor a cluster. */
export class HelmUser {
  constructor(
    readonly program: HelmProgram,
    readonly home: string,
  ) {}

  /** Runs Helm. @throws Error with what it printed */
  run(...args: string[]): Promise<string> {
    return runClient(this.program, args, {
      HOME: this.home,
      HELM_CACHE_HOME: path.join(this.home, "cache"),
      HELM_CONFIG_HOME: path.join(this.home, "config"),
      HELM_DATA_HOME: path.join(this.home, "data"),
      KUBECONFIG: path.join(this.home, "none"),
    });
  }

  /** Pulls a chart into a new folder. @returns that folder */
  async pull(reference: string, ...more: string[]): Promise<string> {
    const to = path.join(this.home, `pulled-${Math.random().toString(36).slice(2)}`);
    await mkdir(to, { recursive: true });
    await this.run("pull", `oci://${reference}`, "--plain-http", "--destination", to, ...more);
    return to;
  }
}

/** Files of a small chart as its author writes it, by path. */
export function chartFiles(folder: string, name: string): Record<string, string> {
  return {
    [`${folder}/Chart.yaml`]: [
      "# What it is.",
      "apiVersion: v2",
      `name: ${name}`,
      "description: Greets <the> world & its “people”",
      "type: application",
      "version: 0.0.0 # set by the release",
      'appVersion: ""',
      "home: https://acme.example/hello",
      "sources:",
      "- https://github.com/acme/hello",
      "keywords: [greeting, 'small']",
      "maintainers:",
      "  - name: Acme",
      "    email: releases@acme.example",
      "annotations:",
      "  acme.example/level: 'stable'",
      "  acme.example/notes: |",
      "    First line.",
      "    Second line.",
      "kubeVersion: '>=1.19.0-0'",
      "",
    ].join("\n"),
    [`${folder}/values.yaml`]: [
      "# Where it comes from.",
      "image:",
      '  repository: "" # set by the release',
      "  tag: ''",
      "  digest: ''",
      "",
      "replicas: 1",
      "sidecar: busybox",
      "",
    ].join("\n"),
    [`${folder}/templates/deployment.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: { app.kubernetes.io/version: {{ .Chart.AppVersion | quote }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: main
          image: {{ .Values.image.repository }}@{{ .Values.image.digest }}
        - name: sidecar
          image: {{ .Values.sidecar }}
`,
    [`${folder}/templates/.hidden`]: "not packed",
    [`${folder}/.helmignore`]: "# Not for users.\n*.draft\nnotes/\n",
    [`${folder}/notes/todo.md`]: "not packed",
    [`${folder}/README.draft`]: "not packed",
    [`${folder}/README.md`]: "# Hello\n",
  };
}

/** Files of an archive of a chart, by path, in order. */
export async function archiveFiles(file: string): Promise<[string, string][]> {
  const names = (await runClient("tar", ["-tzf", file])).split("\n");
  return Promise.all(
    names.map(async (name) => [name, await runClient("tar", ["-xzOf", file, name])] as [string, string]),
  );
}
