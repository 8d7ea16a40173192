import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { runClient } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { containersAllow, writeContainersPolicy } from "../support/containers-policy";

/** How an image is signed: with a bundle, with the tag `.sig`, or with both. */
export const signedForms = ["bundle", "legacy", "both"] as const;
export type SignedForm = (typeof signedForms)[number];

/** A client that is run here, and what it is to say. */
export interface MeasuredConsumer {
  /** As the table of docs/consumers.md names it, with its version. */
  readonly title: string;
  /** Programs that it needs, by the names of tools. */
  readonly tools: readonly string[];
  /** The version that is on this machine, as it is in the title. */
  readonly version: () => Promise<string>;
  /** Fails where it does not take the signature of a digest. */
  readonly verify: (repository: string, digest: string, key: string, folder: string) => Promise<unknown>;
  readonly takes: Readonly<Record<SignedForm, boolean>>;
}

const cosignVersion = (program: string) => async () => {
  const { gitVersion } = JSON.parse(await runClient(program, ["version", "--json"])) as {
    gitVersion: string;
  };
  return gitVersion.slice(1);
};

export const measuredConsumers: readonly MeasuredConsumer[] = [
  {
    title: "cosign 3.1.3",
    tools: ["cosign"],
    version: cosignVersion("cosign"),
    verify: (repository, digest, key) => cosignVerify(`${repository}@${digest}`, key, "cosign"),
    takes: { bundle: true, legacy: true, both: true },
  },
  {
    title: "cosign 2.6.5",
    tools: ["cosign-v2"],
    version: cosignVersion("cosign-v2"),
    verify: (repository, digest, key) => cosignVerify(`${repository}@${digest}`, key, "cosign-v2"),
    takes: { bundle: true, legacy: true, both: true },
  },
  {
    title: "podman, skopeo, CRI-O: go.podman.io/image 5.42.1",
    tools: ["containers-policy"],
    version: async () => {
      const pins = await readFile(path.join("tools", "go", "containers-policy", "go.mod"), "utf8");
      return /go\.podman\.io\/image\/v5 v(\S+)/.exec(pins)?.[1] ?? "";
    },
    verify: async (repository, digest, key, folder) =>
      containersAllow(
        await writeContainersPolicy(folder, repository, key, "matchRepository"),
        `${repository}@${digest}`,
      ),
    takes: { bundle: false, legacy: true, both: true },
  },
  {
    title: "skopeo 1.9.3 of Debian 12",
    tools: ["skopeo"],
    version: async () => (/(\d+\.\d+\.\d+)/.exec(await runClient("skopeo", ["--version"])) ?? [])[0] ?? "",
    verify: async (repository, digest, key, folder) => {
      const { policy, registries } = await writeContainersPolicy(folder, repository, key, "matchRepository");
      const target = path.join(registries, "copy");
      const options = ["--policy", policy, "--registries.d", registries, "copy", "--src-tls-verify=false"];
      return runClient("skopeo", [...options, `docker://${repository}@${digest}`, `dir:${target}`]);
    },
    takes: { bundle: false, legacy: false, both: false },
  },
];
