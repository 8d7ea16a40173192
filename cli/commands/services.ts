import {
  buildkitEndpoint,
  buildkitStart,
  builderStatus,
  type BuilderStatus,
} from "../../lib/embedded/builder";
import { embeddedFolder, embeddedHome } from "../../lib/embedded/home";
import { idleExitProcess } from "../../lib/embedded/idle-exit";
import { registryStart, status as registryStatus, type RegistryStatus } from "../../lib/embedded/registry";
import { lastUse, usersOf } from "../../lib/embedded/uses";
import { ofProject, type Command } from "../command";
import { projectFolder } from "../project-folder";

/** `npx slipway services` */
export const services: Command = {
  summary: "Says which services run for a project: process, address, folder, since when, and how long unused",
  options: {
    ...ofProject,
    json: { type: "boolean", help: "Print it as JSON." },
  },
  async run(values) {
    const home = embeddedHome(projectFolder(values.cwd));
    const found = await observe(home);
    if (values.json === true) console.log(JSON.stringify(found, undefined, 2));
    else for (const [name, text] of linesOf(found)) console.log(`${name.padEnd(10)}${text}`);
    return 0;
  },
};

interface Observed {
  folder: string;
  registry: RegistryStatus & { since: Date | undefined };
  builder: BuilderStatus & { endpoint: string; since: Date | undefined };
  /** Ids of the processes that use them now. */
  usedBy: number[];
  /** Seconds since they were last used; 0 while they are. Undefined where nothing runs. */
  idleSeconds: number | undefined;
  /** Seconds without use after which they end; undefined for never. */
  idleExitSeconds: number | undefined;
}

async function observe(home: string): Promise<Observed> {
  const registry = { ...(await registryStatus(home)), since: registryStart(home) };
  const builder = {
    ...(await builderStatus(home)),
    endpoint: buildkitEndpoint(home),
    since: buildkitStart(home),
  };
  const isRunning = registry.pid !== undefined || builder.pid !== undefined;
  const exit = idleExitProcess(home);
  return {
    folder: embeddedFolder(home),
    registry,
    builder,
    usedBy: usersOf(home).map(({ pid }) => pid),
    idleSeconds: isRunning ? Math.max(0, Math.round((Date.now() - lastUse(home)) / 1000)) : undefined,
    idleExitSeconds: exit && exit.idleMs / 1000,
  };
}

function linesOf({ folder, registry, builder, ...use }: Observed): [name: string, text: string][] {
  const lines: [string, string][] = [
    ["folder", folder],
    ["registry", running(registry.pid, registry.host, registry.since) ?? none(registry.host)],
    ["builder", running(builder.pid, builder.endpoint, builder.since) ?? builderWithoutProcess(builder)],
  ];
  if (use.idleSeconds === undefined) return lines;
  const users = use.usedBy.length > 0 ? `by process ${use.usedBy.join(", ")}` : undefined;
  const exit =
    use.idleExitSeconds === undefined
      ? "nothing ends them (SLIPWAY_IDLE_EXIT)"
      : `they end after ${duration(use.idleExitSeconds)} without use`;
  return [...lines, ["used", `${users ?? `${duration(use.idleSeconds)} ago`}; ${exit}`]];
}

function running(
  pid: number | undefined,
  address: string | undefined,
  since: Date | undefined,
): string | undefined {
  if (pid === undefined) return undefined;
  const time = since === undefined ? "" : `, since ${since.toISOString().replace(/\.\d+Z$/, "Z")}`;
  return `process ${pid} at ${address ?? "an address that is not known"}${time}`;
}

function none(host: string | undefined): string {
  return host === undefined ? "none was started yet" : `does not run; its address is ${host}`;
}

function builderWithoutProcess({ kind, name }: BuilderStatus): string {
  if (kind === undefined) return "none was started yet";
  return kind === "docker" ? `${name}, a container of this machine's Docker` : "does not run";
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds * 10) / 10} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
