import { embeddedBuilderName } from "../../lib/embedded/builder-name";
import { ensureBuilder } from "../../lib/embedded/builder";
import { ensurePlugin } from "../../lib/machine/docker-build-plugin";
import type { EngineLog } from "../base/engine-log";

/**
 * Prerequisites of Dockerfile builds on this machine, made ready once a run, when the first build
 * asks for them.
 */
export class EmbeddedBuilder {
  /** Name in buildx. */
  readonly name: string;
  private started: Promise<string> | undefined;
  private plugin: Promise<void> | undefined;

  constructor(
    private readonly project: string,
    private readonly log: EngineLog,
  ) {
    this.name = embeddedBuilderName(project);
  }

  /** @throws SetupError where this machine can have no builder */
  async start(): Promise<void> {
    this.started ??= ensureBuilder(this.project, { onProgress: this.onProgress });
    await this.started;
  }

  /**
   * The plugin that builds, where the CLI was started in a way that promises it. @throws SetupError
   */
  async ensurePlugin(): Promise<void> {
    this.plugin ??= ensurePlugin({ onProgress: this.onProgress });
    await this.plugin;
  }

  private readonly onProgress = (line: string): void => this.log.write("info", line, "");
}
