import * as z from "zod";
import { defined } from "../../lib/objects/defined";
import { builderDefinition } from "../../resources/definitions/builder";
import { checkArguments } from "./call-arguments";
import { platforms } from "./platform-list";
import { renamedClass } from "./renamed-class";

/** Definition of a builder for buildx: the inputs of `slipway:build:Builder`. */
export interface DeclaredBuilderArgs {
  name: string;
  driver: "remote" | "kubernetes" | "docker-container";
  endpoint?: string;
  options?: Record<string, string>;
  platforms?: string[];
}

/** A builder by declaration: buildx gets it where it does not have it yet. */
export interface DeclaredBuilder {
  readonly args: DeclaredBuilderArgs;
}

/** @deprecated `DeclaredBuilder` is an interface: `remoteBuilder(…)` and the like return one. */
export const DeclaredBuilder = renamedClass<DeclaredBuilderArgs>(
  "DeclaredBuilder",
  "remoteBuilder(…), kubernetesBuilder(…) or containerBuilder(…)",
);

/** Returns whether a value is a builder by declaration. */
export function isDeclaredBuilder(value: unknown): value is DeclaredBuilder {
  if (typeof value !== "object" || value === null || !("args" in value)) return false;
  const { args } = value;
  return typeof args === "object" && args !== null && "name" in args && "driver" in args;
}

interface Named {
  /** Name in buildx. */
  name: string;
  /** Platforms that it builds for. Default: those that it reports. */
  platforms?: string[];
}

const named = { name: builderDefinition.inputs.shape.name, platforms: platforms.optional() };
const text = z.string().min(1);
const image = text.meta({ examples: ["moby/buildkit:v0.27.1"] }).optional();

/** Arguments of {@link remoteBuilder}. */
export interface RemoteBuilderArgs extends Named {
  /** Address of a BuildKit daemon: `tcp://HOST:PORT`, or `unix:///PATH`. */
  endpoint: string;
  /** Files with certificates, relative to the project's folder. */
  tls?: { ca: string; cert?: string; key?: string; serverName?: string };
}

const remoteArguments = z.strictObject({
  ...named,
  endpoint: text.meta({ examples: ["tcp://arm.example.com:1234"] }),
  tls: z
    .strictObject({
      ca: text.meta({ examples: ["certificates/ca.pem"] }),
      cert: text.meta({ examples: ["certificates/cert.pem"] }).optional(),
      key: text.meta({ examples: ["certificates/key.pem"] }).optional(),
      serverName: text.meta({ examples: ["arm.example.com"] }).optional(),
    })
    .optional()
    .meta({ examples: [{ ca: "certificates/ca.pem" }] }),
});

/**
 * A BuildKit daemon that runs somewhere.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function remoteBuilder(given: RemoteBuilderArgs): DeclaredBuilder {
  checkArguments("remoteBuilder()", remoteArguments, given);
  const { tls, ...args } = given;
  return declare("remote", args, {
    cacert: tls?.ca,
    cert: tls?.cert,
    key: tls?.key,
    servername: tls?.serverName,
  });
}

/** Arguments of {@link kubernetesBuilder}. */
export interface KubernetesBuilderArgs extends Named {
  /** Namespace of the pods. Default: that of the Kubernetes configuration. */
  namespace?: string;
  /** Number of pods. Default: 1. */
  replicas?: number;
  /** Image of BuildKit. Default: `moby/buildkit` of buildx's choice. */
  image?: string;
  rootless?: boolean;
  /** Resources of a pod, as in Kubernetes. */
  requests?: { cpu?: string; memory?: string };
  limits?: { cpu?: string; memory?: string };
  /** Labels of the nodes that the pods run on, e.g. `{ "kubernetes.io/arch": "arm64" }`. */
  nodeSelector?: Readonly<Record<string, string>>;
}

const podResources = z
  .strictObject({
    cpu: text.meta({ examples: ["2"] }).optional(),
    memory: text.meta({ examples: ["4Gi"] }).optional(),
  })
  .optional()
  .meta({ examples: [{ cpu: "2", memory: "4Gi" }] });

const kubernetesArguments = z.strictObject({
  ...named,
  namespace: text.meta({ examples: ["build"] }).optional(),
  replicas: z
    .number()
    .int()
    .positive()
    .meta({ examples: [2] })
    .optional(),
  image,
  rootless: z.boolean().optional(),
  requests: podResources,
  limits: podResources,
  nodeSelector: z
    .record(text, z.string())
    .meta({ examples: [{ "kubernetes.io/arch": "arm64" }] })
    .optional(),
});

/**
 * BuildKit in pods of a Kubernetes cluster, that of the machine's Kubernetes configuration; buildx
 * starts them.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function kubernetesBuilder(given: KubernetesBuilderArgs): DeclaredBuilder {
  checkArguments("kubernetesBuilder()", kubernetesArguments, given);
  const { namespace, replicas, image, rootless, requests, limits, nodeSelector, ...args } = given;
  const labels = Object.entries(nodeSelector ?? {}).map(([label, value]) => `${label}=${value}`);
  return declare("kubernetes", args, {
    namespace,
    replicas: replicas === undefined ? undefined : String(replicas),
    image,
    rootless: rootless === undefined ? undefined : String(rootless),
    "requests.cpu": requests?.cpu,
    "requests.memory": requests?.memory,
    "limits.cpu": limits?.cpu,
    "limits.memory": limits?.memory,
    nodeselector: labels.length > 0 ? labels.join(",") : undefined,
  });
}

/** Arguments of {@link containerBuilder}. */
export interface ContainerBuilderArgs extends Named {
  /**
   * Docker context or host that runs the container, e.g. `ssh://builder@arm.example.com`. Default:
   * that of the machine.
   */
  endpoint?: string;
  /** Image of BuildKit. Default: `moby/buildkit` of buildx's choice. */
  image?: string;
  /** Network of the container, e.g. `host` to reach a registry of the machine. */
  network?: string;
}

const containerArguments = z.strictObject({
  ...named,
  endpoint: text.meta({ examples: ["ssh://builder@arm.example.com"] }).optional(),
  image,
  network: text.meta({ examples: ["host"] }).optional(),
});

/**
 * BuildKit in a container of a Docker engine; buildx starts it.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function containerBuilder(given: ContainerBuilderArgs): DeclaredBuilder {
  checkArguments("containerBuilder()", containerArguments, given);
  const { image, network, ...args } = given;
  return declare("docker-container", args, { image, network });
}

function declare(
  driver: DeclaredBuilderArgs["driver"],
  args: Named & { endpoint?: string },
  options: Readonly<Record<string, string | undefined>>,
): DeclaredBuilder {
  const set = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    args: defined({ ...args, driver, options: set.length > 0 ? Object.fromEntries(set) : undefined }),
  };
}
