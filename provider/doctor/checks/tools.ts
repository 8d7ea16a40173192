import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { failure, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { embeddedBuilderName } from "../../../lib/embedded/builder-name";
import { requireBuilderPossible } from "../../../lib/embedded/builder";
import { DockerEngine } from "../../../lib/docker/engine";
import { plainEnvironment } from "../../../lib/machine/child-environment";
import { findOnPath } from "../../../lib/machine/search-path";
import { OLDEST_PULUMI, isOldPulumi } from "../../../lib/machine/oldest-pulumi";
import { cleanLine } from "../../../lib/text/terminal";
import { buildContextDefinition } from "../../../resources/definitions/build-context";
import { commandDefinition } from "../../../resources/definitions/command";
import { gitFilesDefinition } from "../../../resources/definitions/git-files";
import { siteCopyDefinition } from "../../../resources/definitions/site-copy";
import { takesToken } from "../../../lib/git/remote";
import type { DoctorCheck, Examined } from "../check";
import type { Question } from "../../../lib/doctor/question";

type Asking = Omit<Question, "check">;

/** A program that a release runs, and how it says its version. */
interface Tool {
  readonly name: string;
  readonly version: readonly string[];
  /** How it is had. */
  readonly remedy: string;
}

const git: Tool = {
  name: "git",
  version: ["--version"],
  remedy: "Install git (Debian: apt-get install git).",
};
const ssh: Tool = {
  name: "ssh",
  version: ["-V"],
  remedy: "Install it (Debian: apt-get install openssh-client).",
};
const rsync: Tool = {
  name: "rsync",
  version: ["--version"],
  remedy: "Install it (Debian: apt-get install rsync).",
};

/** Programs that the declaration needs on this machine, with their versions. */
export const toolsCheck: DoctorCheck = {
  name: "tool",
  order: 10,
  questions: (examined) => [
    { about: "node", ask: async () => ok(process.version) },
    { about: "pulumi", ask: async () => pulumi(examined.pulumi) },
    ...needed(examined).map((tool) => ({ about: tool.name, ask: () => versionOf(tool, examined.env) })),
    ...commands(examined),
    ...builders(examined),
  ],
};

function pulumi(version: string | undefined): Answer {
  if (version === undefined)
    return failure("does not say its version", "Install it (https://www.pulumi.com/docs/install/).");
  return isOldPulumi(version)
    ? failure(
        `${version}, and ${OLDEST_PULUMI} or newer is needed`,
        "Install a newer one (https://www.pulumi.com/docs/install/).",
      )
    : ok(version);
}

function needed({ declared }: Examined): Tool[] {
  const remotes = declared.of(gitFilesDefinition, "remote").map(({ inputs }) => inputs.remote);
  const rsyncs = declared
    .of(siteCopyDefinition, "host")
    .filter(({ inputs }) => inputs.host.rsync !== undefined);
  const isSsh = remotes.some(
    (remote) => !takesToken(remote) && (/^ssh:/i.test(remote) || /^[^/]+@?[^/]*:/.test(remote)),
  );
  return [
    ...(remotes.length > 0 ? [git] : []),
    ...(rsyncs.length > 0 ? [rsync] : []),
    ...(isSsh || rsyncs.length > 0 ? [ssh] : []),
  ];
}

async function versionOf({ name, version, remedy }: Tool, env: NodeJS.ProcessEnv): Promise<Answer> {
  const program = findOnPath(name, env.PATH);
  if (program === undefined) return failure("is not on the PATH", remedy);
  try {
    const { stdout, stderr } = await promisify(execFile)(program, version, { env: plainEnvironment(env) });
    return ok(cleanLine((stdout.trim() || stderr.trim()).split("\n")[0] ?? ""));
  } catch (error) {
    return warning(
      `does not say its version: ${cleanLine((error as Error).message.split("\n")[0] ?? "")}`,
      remedy,
    );
  }
}

/** Programs of declared commands; what a line of a shell runs is not looked at. */
function commands({ declared, env }: Examined): Asking[] {
  const programs = declared.of(commandDefinition, "command").flatMap(({ inputs: { command } }) => {
    const [program = ""] = Array.isArray(command) ? command : ["sh"];
    // With a folder in it, it may be made by another command.
    return /[/{]/.test(program) ? [] : [program];
  });
  return [...new Set(programs)].map((about) => ({
    about,
    ask: async () => {
      const found = findOnPath(about, env.PATH);
      return found === undefined
        ? failure("is not on the PATH, and a declared command runs it", "Install it, or correct the command.")
        : ok(found);
    },
  }));
}

/** What builds Dockerfiles, and the engine that images are loaded into; only where something is built or loaded. */
function builders({ declared, project, env }: Examined): Asking[] {
  const contexts = declared.of(buildContextDefinition, "builders");
  const own = embeddedBuilderName(project);
  const isOwn = contexts.some(({ inputs }) => {
    const names = Object.values(inputs.builders ?? {});
    return names.length === 0 || names.includes(own);
  });
  const engines = declared.ofTypes("slipway:docker:Engine");
  return [
    ...(isOwn
      ? [
          {
            about: "builder of Dockerfiles",
            ask: async () => {
              await requireBuilderPossible(project, env);
              return ok("is there, or can be started here");
            },
          },
        ]
      : []),
    ...(engines.length > 0
      ? [
          {
            about: "docker",
            ask: async (signal: AbortSignal) => {
              const { version, platform } = await new DockerEngine(signal).facts();
              return ok(`${version}, ${platform}`);
            },
          },
        ]
      : []),
  ];
}
