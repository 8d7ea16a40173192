import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { plainEnvironment } from "../../machine/child-environment";
import { cleanLine } from "../../text/terminal";
import { servedAs } from "./served-as";
import { SiteHostError, type Drift, type HostedFile, type LeftFile, type SiteHost } from "./site-host";

/** A folder of another machine, which ssh gets to. */
export interface RsyncFolder {
  /** As rsync takes it, e.g. `deploy@web.acme.example:/srv/apt`. */
  readonly to: string;
  readonly port?: number | undefined;
  /** Key that gets in, as ssh reads it. Default: those of this machine's ssh. */
  readonly privateKey?: string | undefined;
  /** Lines of `known_hosts`. Default: those of this machine's ssh. */
  readonly knownHosts?: string | undefined;
}

/** How rsync is run. */
export interface RsyncOptions {
  /** Absolute folder of the files. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onFile?: (file: HostedFile) => void;
  /** Time without a byte after which the other side counts as gone, in seconds. */
  readonly silenceSeconds?: number;
}

const defaultSilenceSeconds = 120;
/** Time to reach the other side, in seconds. */
const connectSeconds = 30;
/** Lines of what a program said that an error repeats. */
const keptLines = 4;

/**
 * A folder of another machine. rsync puts a file under its name when it is whole. Whether a file is
 * there as it was left is compared by content, but for files whose name belongs to their content,
 * which are compared by size: a look would read all of them on the other side.
 *
 * Source: rsync(1) of 3.2.
 */
export class RsyncHost implements SiteHost {
  readonly place: string;
  readonly comparesFiles = true;

  private constructor(
    private readonly at: RsyncFolder,
    private readonly options: RsyncOptions,
    /** Folder of this run: key, known hosts, and what a removal needs. */
    private readonly own: string,
  ) {
    this.place = at.to;
  }

  /** Whoever opens it closes it. */
  static async open(at: RsyncFolder, options: RsyncOptions): Promise<RsyncHost> {
    const own = await mkdtemp(path.join(tmpdir(), "slipway-rsync-"));
    // ssh refuses keys that others could read, and those without a line feed at their end.
    const secret = { mode: 0o600 };
    if (at.privateKey !== undefined)
      await writeFile(path.join(own, "key"), `${at.privateKey.trimEnd()}\n`, secret);
    if (at.knownHosts !== undefined) {
      await writeFile(path.join(own, "hosts"), `${at.knownHosts.trimEnd()}\n`, secret);
    }
    return new RsyncHost(at, options, own);
  }

  async close(): Promise<void> {
    await rm(this.own, { recursive: true, force: true, maxRetries: 3 });
  }

  async drift(left: ReadonlyMap<string, LeftFile>): Promise<Map<string, Drift>> {
    const drifted = new Map<string, Drift>();
    const files = [...left.keys()];
    const fixed = files.filter((file) => servedAs(file).fixed);
    const named = files.filter((file) => !servedAs(file).fixed);
    for (const [some, by] of [
      [fixed, "--size-only"],
      [named, "--checksum"],
    ] as const) {
      for (const [file, what] of await this.compared(some, by)) drifted.set(file, what);
    }
    return drifted;
  }

  async found(
    files: readonly HostedFile[],
  ): Promise<{ same: Map<string, string | undefined>; other: string[] }> {
    const differs = await this.compared(
      files.map((file) => file.path),
      "--checksum",
    );
    const same = files.map((file) => file.path).filter((file) => !differs.has(file));
    const other = [...differs].flatMap(([file, what]) => (what === "changed" ? [file] : []));
    return { same: new Map(same.map((file) => [file, undefined])), other: other.sort() };
  }

  async put(files: readonly HostedFile[]): Promise<Map<string, string | undefined>> {
    for (const file of files) this.options.onFile?.(file);
    const from = `${this.options.folder}/`;
    // Without the times of this machine, the other side's web server says when a file was changed there.
    const args = ["--checksum", "--perms", "--chmod=D755,F644"];
    await this.rsync(
      "copying",
      args,
      from,
      files.map((file) => file.path),
    );
    return new Map(files.map((file) => [file.path, undefined]));
  }

  async remove(files: ReadonlyMap<string, LeftFile>): Promise<void> {
    if (files.size === 0) return;
    // rsync removes what is listed and is not in a folder: here those around the files are all that there is.
    const around = path.join(this.own, "around");
    for (const file of files.keys()) await mkdir(path.dirname(path.join(around, file)), { recursive: true });
    await this.rsync("removing", ["--delete-missing-args"], `${around}/`, [...files.keys()]);
  }

  /**
   * Gets to the folder as for a copy, of which nothing is carried out (`--dry-run`): who may get in is known then, and
   * not who may write.
   *
   * @throws SiteHostError
   */
  async tryCopy(): Promise<void> {
    const folder = path.join(this.own, "trial");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "slipway-trial"), "");
    await this.rsync("looking at", ["--dry-run"], `${folder}/`, ["slipway-trial"]);
  }

  /** Files that are not on the other side as they are here, by path. */
  private async compared(files: readonly string[], by: string): Promise<Map<string, Drift>> {
    const args = ["--dry-run", by, "--out-format=%i %n"];
    const printed = await this.rsync("looking at", args, `${this.options.folder}/`, files);
    const found = new Map<string, Drift>();
    for (const line of printed.split("\n")) {
      // "YXcstpoguax NAME"; all signs of a file that is made are "+".
      const [, marks = "", file = ""] = /^<f(\S{9}) (.+)$/.exec(line) ?? [];
      if (file === "") continue;
      if (marks.startsWith("+")) found.set(file, "gone");
      else if (/^[c.]s|^c/.test(marks)) found.set(file, "changed");
    }
    return found;
  }

  private get shell(): string {
    const { port, privateKey, knownHosts } = this.at;
    const at = (name: string) => `"${path.join(this.own, name)}"`;
    return [
      "ssh -o BatchMode=yes",
      `-o ConnectTimeout=${connectSeconds}`,
      ...(port === undefined ? [] : [`-p ${port}`]),
      ...(privateKey === undefined ? [] : [`-i ${at("key")} -o IdentitiesOnly=yes -o IdentityAgent=none`]),
      ...(knownHosts === undefined
        ? []
        : [
            `-o UserKnownHostsFile=${at("hosts")} -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes`,
          ]),
    ].join(" ");
  }

  /** Runs rsync for files by their paths; none are nothing to do. */
  private async rsync(
    doing: string,
    args: readonly string[],
    from: string,
    files: readonly string[],
  ): Promise<string> {
    if (files.length === 0) return "";
    const silence = this.options.silenceSeconds ?? defaultSilenceSeconds;
    const common = ["--no-motd", "--from0", "--files-from=-", `--timeout=${silence}`, `--rsh=${this.shell}`];
    const child = spawn("rsync", [...common, ...args, "--", from, `${this.at.to}/`], {
      env: { ...plainEnvironment(process.env), LC_ALL: "C", RSYNC_OLD_ARGS: undefined },
      stdio: ["pipe", "pipe", "pipe"],
      signal: this.options.signal,
    });
    let printed = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    // It may end before it has read all.
    child.stdin.on("error", () => undefined);
    child.stdin.end(files.map((file) => `${file}\0`).join(""));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          error.code === "ENOENT"
            ? new SiteHostError("rsync is not installed, or not on the PATH (Debian: apt-get install rsync)")
            : error,
        ),
      );
      child.once("close", resolve);
    });
    if (code === 0) return printed;
    const lines = said.split("\n").map((line) => cleanLine(line).trim());
    const words = lines
      .filter((line) => line !== "")
      .slice(-keptLines)
      .join("; ");
    throw new SiteHostError(
      `${doing} files in ${this.place}: ${words || `exit code ${code}`}${advice(code, said)}`,
    );
  }
}

/** What is to be done about an exit code of rsync, where that is known. */
function advice(code: number | null, said: string): string {
  if (/Host key verification failed/.test(said)) {
    return ". Give the other side's key as knownHosts: `ssh-keyscan HOST` prints it, and who runs it says whether it is right";
  }
  if (/Permission denied \(/.test(said))
    return ". Give privateKey, a secret, or put the key into this machine's ssh agent";
  if (/rsync: (?:command )?not found|command not found/.test(said))
    return ". Install rsync on the other side";
  // Code 11 is about files; what the other side says of them may be lost when it ends.
  if (/mkdir .* failed: No such file/.test(said) || (code === 11 && said.trim() === ""))
    return ". Make the folder above it on the other side first";
  return code === 255 || code === 12 ? ". Check the address, and that the other side runs rsync" : "";
}
