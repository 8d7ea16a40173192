import { ImageConfigError } from "./config-error";

/** How a container's health is found out (Docker's extension of the image configuration). */
export interface Healthcheck {
  /** Command and arguments, a text for the shell, or `["NONE"]` to switch off what the base has. */
  test: readonly string[] | string;
  /** Time between two checks, in seconds. */
  intervalSeconds?: number;
  /** Time after which a check counts as failed, in seconds. */
  timeoutSeconds?: number;
  /** Time at the start in which failures do not count, in seconds. */
  startPeriodSeconds?: number;
  /** Failures in a row that make a container unhealthy. */
  retries?: number;
}

/** Runtime settings of containers of an image. Over a base, only what is given changes. */
export interface ImageConfig {
  /** Command that a container starts with. Clears the base's `cmd`, as in a Dockerfile. */
  entrypoint?: readonly string[];
  /** Default arguments of the entrypoint, or the command where there is none. */
  cmd?: readonly string[];
  /** Environment variables; those of the base stay where they are not named. */
  env?: Readonly<Record<string, string>>;
  /** Labels; those of the base stay where they are not named. */
  labels?: Readonly<Record<string, string>>;
  /** Ports: a number for TCP, or `port/protocol`; those of the base stay. */
  exposedPorts?: readonly (number | string)[];
  /** `name`, `uid`, or either with `:group`. */
  user?: string;
  /** Absolute path. */
  workingDir?: string;
  /** Absolute paths; those of the base stay. */
  volumes?: readonly string[];
  /** Signal name or number, e.g. `SIGTERM`. */
  stopSignal?: string;
  healthcheck?: Healthcheck;
}

/** Docker refuses shorter times. */
const shortestSeconds = 0.001;

/**
 * Checks a configuration before anything is made of it.
 *
 * @param field path of the configuration in the declaration, for messages
 * @throws ImageConfigError
 */
export function checkImageConfig(config: ImageConfig, field = "config"): void {
  checkRecord(config.env, `${field}.env`, `"PORT": "8080"`, true);
  checkRecord(config.labels, `${field}.labels`, `"org.opencontainers.image.title": "hello"`, false);
  for (const [index, port] of (config.exposedPorts ?? []).entries()) {
    formatPort(port, `${field}.exposedPorts[${index}]`);
  }
  for (const [index, volume] of (config.volumes ?? []).entries()) {
    checkPath(volume, `${field}.volumes[${index}]`, "/var/lib/hello");
  }
  if (config.workingDir !== undefined) checkPath(config.workingDir, `${field}.workingDir`, "/app");
  if (config.user !== undefined && !/^[^\s:]+(:[^\s:]+)?$/.test(config.user)) {
    throw new ImageConfigError(`${field}.user`, config.user, "is not a user", `"65532:65532" or "nobody"`);
  }
  if (config.stopSignal !== undefined && !/^(SIG[A-Z0-9]+([+-]\d{1,2})?|[1-9]\d?)$/.test(config.stopSignal)) {
    throw new ImageConfigError(`${field}.stopSignal`, config.stopSignal, "is not a signal", `"SIGTERM"`);
  }
  for (const list of ["entrypoint", "cmd"] as const) checkArguments(config[list], `${field}.${list}`);
  if (config.healthcheck) checkHealthcheck(config.healthcheck, `${field}.healthcheck`);
}

/**
 * A port as the configuration has it, e.g. `8080/tcp`.
 *
 * @throws ImageConfigError
 */
export function formatPort(port: number | string, field: string): string {
  const [, number, protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(String(port)) ?? [];
  if (number === undefined || Number(number) < 1 || Number(number) > 65_535) {
    throw new ImageConfigError(field, port, "is not a port from 1 to 65535", `8080 or "53/udp"`);
  }
  return `${Number(number)}/${protocol}`;
}

function checkRecord(
  record: Readonly<Record<string, string>> | undefined,
  field: string,
  example: string,
  isEnv: boolean,
): void {
  for (const [key, value] of Object.entries(record ?? {})) {
    if (key === "" || key.includes("\0") || (isEnv && key.includes("="))) {
      throw new ImageConfigError(field, key, "is not a name", example);
    }
    if (typeof value !== "string" || value.includes("\0")) {
      // The value itself may be a secret that somebody put in the wrong place.
      throw new ImageConfigError(`${field}.${key}`, typeof value, "has a value that is not text", example);
    }
  }
}

function checkPath(path: string, field: string, example: string): void {
  // Windows images have paths such as C:\app.
  if (!/^(\/|[A-Za-z]:[\\/])/.test(path) || path.includes("\0")) {
    throw new ImageConfigError(field, path, "is not an absolute path", JSON.stringify(example));
  }
}

function checkArguments(list: readonly string[] | undefined, field: string): void {
  for (const [index, argument] of (list ?? []).entries()) {
    if (typeof argument !== "string" || argument.includes("\0")) {
      throw new ImageConfigError(`${field}[${index}]`, argument, "is not text without NUL", `"/app/hello"`);
    }
  }
}

function checkHealthcheck(healthcheck: Healthcheck, field: string): void {
  const { test, retries } = healthcheck;
  if (test.length === 0 || (test[0] === "NONE" && typeof test !== "string" && test.length > 1)) {
    throw new ImageConfigError(
      `${field}.test`,
      test,
      "is not a command",
      `["/app/hello", "--check"] or ["NONE"]`,
    );
  }
  if (typeof test !== "string") checkArguments(test, `${field}.test`);
  for (const key of ["intervalSeconds", "timeoutSeconds", "startPeriodSeconds"] as const) {
    const seconds = healthcheck[key];
    if (
      seconds === undefined ||
      (Number.isFinite(seconds) && (seconds >= shortestSeconds || seconds === 0))
    ) {
      continue;
    }
    throw new ImageConfigError(`${field}.${key}`, seconds, "is not a time of at least a millisecond", "30");
  }
  if (retries !== undefined && (!Number.isInteger(retries) || retries < 0)) {
    throw new ImageConfigError(`${field}.retries`, retries, "is not a whole number from 0", "3");
  }
}
