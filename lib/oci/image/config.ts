import type { Platform } from "../types";
import { canonicalJson } from "../canonical-json";
import { ImageConfigError } from "./config-error";
import { checkImageConfig, formatPort, type Healthcheck, type ImageConfig } from "./config-declaration";

/** One step in the making of an image (image-spec/config.md, "history"). */
export interface HistoryEntry {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  /** Whether the step made no layer. */
  empty_layer?: boolean;
}

/** The part of the configuration that containers get; names as on the wire. */
export interface ContainerConfig {
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, object> | null;
  WorkingDir?: string;
  Labels?: Record<string, string> | null;
  StopSignal?: string;
  Healthcheck?: object;
  [other: string]: unknown;
}

/** An image configuration as stored (image-spec/config.md). */
export interface ImageConfigFile extends Platform {
  created?: string;
  author?: string;
  config?: ContainerConfig;
  rootfs: { type: "layers"; diff_ids: string[] };
  history?: HistoryEntry[];
}

/** Default of the creation time: the same inputs then give the same image. */
export const epoch = "1970-01-01T00:00:00Z";

/** Inputs of a configuration. */
export interface ImageConfigInputs {
  platform: Platform;
  /** Configuration of the base image. */
  base?: ImageConfigFile;
  config: ImageConfig;
  /** Layers on top of the base's, lowest first. */
  layers: readonly { diffId: string; createdBy?: string }[];
  /** RFC 3339; default {@link epoch}. */
  created?: string;
}

const defaultCreatedBy = "slipway";

/**
 * Makes the configuration of an image, over that of its base where it has one. Equal inputs give
 * equal bytes.
 *
 * @throws ImageConfigError
 */
export function imageConfigFile(inputs: ImageConfigInputs): Buffer {
  checkImageConfig(inputs.config);
  const created = inputs.created ?? epoch;
  if (!isRfc3339(created)) {
    throw new ImageConfigError("created", created, "is not an RFC 3339 time", `"2026-01-31T12:00:00Z"`);
  }
  const { base, platform } = inputs;
  const steps = inputs.layers.map(({ createdBy }) => ({
    created,
    created_by: createdBy ?? defaultCreatedBy,
  }));
  const file: ImageConfigFile = {
    created,
    author: base?.author,
    architecture: platform.architecture,
    os: platform.os,
    variant: platform.variant ?? base?.variant,
    "os.version": platform["os.version"] ?? base?.["os.version"],
    "os.features": platform["os.features"] ?? base?.["os.features"],
    config: containerConfig(base?.config ?? {}, inputs.config),
    rootfs: {
      type: "layers",
      diff_ids: [...(base?.rootfs.diff_ids ?? []), ...inputs.layers.map(({ diffId }) => diffId)],
    },
    history: [...baseHistory(base), ...steps],
  };
  return Buffer.from(canonicalJson(file), "utf8");
}

/**
 * The base's history, one entry for each of its layers: engines count on it, but some builders
 * leave it out.
 */
function baseHistory(base: ImageConfigFile | undefined): HistoryEntry[] {
  if (!base) return [];
  const history = base.history ?? [];
  const described = history.filter((entry) => !entry.empty_layer).length;
  const missing = Math.max(0, base.rootfs.diff_ids.length - described);
  return [...Array.from({ length: missing }, () => ({ created_by: "base image" })), ...history];
}

function containerConfig(base: ContainerConfig, declared: ImageConfig): ContainerConfig {
  const merged: ContainerConfig = { ...base };
  if (declared.entrypoint) {
    merged.Entrypoint = [...declared.entrypoint];
    delete merged.Cmd;
  }
  if (declared.cmd) merged.Cmd = [...declared.cmd];
  if (declared.env) merged.Env = mergeEnv(base.Env ?? [], declared.env);
  if (declared.labels) merged.Labels = { ...base.Labels, ...declared.labels };
  if (declared.exposedPorts) {
    merged.ExposedPorts = {
      ...base.ExposedPorts,
      ...emptyObjects(
        declared.exposedPorts.map((port, index) => formatPort(port, `config.exposedPorts[${index}]`)),
      ),
    };
  }
  if (declared.volumes) merged.Volumes = { ...base.Volumes, ...emptyObjects(declared.volumes) };
  if (declared.user !== undefined) merged.User = declared.user;
  if (declared.workingDir !== undefined) merged.WorkingDir = declared.workingDir;
  if (declared.stopSignal !== undefined) merged.StopSignal = declared.stopSignal;
  if (declared.healthcheck) merged.Healthcheck = dockerHealthcheck(declared.healthcheck);
  return merged;
}

/**
 * Variables of the base keep their place; new ones follow, sorted, for a record has no order of its
 * own.
 */
function mergeEnv(base: readonly string[], declared: Readonly<Record<string, string>>): string[] {
  const left = new Map(Object.entries(declared));
  const merged: string[] = [];
  for (const variable of base) {
    const name = variable.split("=", 1)[0] ?? variable;
    const value = left.get(name);
    merged.push(value === undefined ? variable : `${name}=${value}`);
    left.delete(name);
  }
  for (const name of [...left.keys()].sort()) merged.push(`${name}=${left.get(name)}`);
  return merged;
}

function emptyObjects(keys: readonly string[]): Record<string, object> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

/** Docker's form: times in nanoseconds, the command with its kind in front. */
function dockerHealthcheck(healthcheck: Healthcheck): object {
  const { test } = healthcheck;
  const kinds = ["CMD", "CMD-SHELL", "NONE"];
  const command =
    typeof test === "string"
      ? ["CMD-SHELL", test]
      : kinds.includes(test[0] ?? "")
        ? [...test]
        : ["CMD", ...test];
  return {
    Test: command,
    Interval: nanoseconds(healthcheck.intervalSeconds),
    Timeout: nanoseconds(healthcheck.timeoutSeconds),
    StartPeriod: nanoseconds(healthcheck.startPeriodSeconds),
    Retries: healthcheck.retries,
  };
}

function nanoseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1e9);
}

function isRfc3339(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
  return form.test(text) && !Number.isNaN(Date.parse(text));
}
