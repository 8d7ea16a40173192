import { embeddedBuilderName } from "../../lib/embedded/builder-name";
import { ensureBuilder, requireBuilderPossible } from "../../lib/embedded/builder";
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
  private possible: Promise<void> | undefined;
  private isNeeded = false;
  private plugin: Promise<void> | undefined;

  constructor(
    private readonly project: string,
    private readonly log: EngineLog,
  ) {
    this.name = embeddedBuilderName(project);
  }

  /** Notes that this run builds what it has to: a preview, which builds nothing, starts no builder. */
  need(): void {
    this.isNeeded = true;
  }

  /**
   * Starts it where this run builds; else makes sure that it could be.
   *
   * @throws SetupError where this machine can have no builder
   */
  async ensure(): Promise<void> {
    if (!this.isNeeded) {
      await (this.possible ??= requireBuilderPossible(this.project));
      return;
    }
    await (this.started ??= ensureBuilder(this.project, { onProgress: this.onProgress }));
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
