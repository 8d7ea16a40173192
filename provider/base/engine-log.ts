import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { LineFilter } from "../../lib/command/command-spec";
import type { SecretTexts } from "../../lib/text/secret-texts";
import { shownText } from "../../lib/text/shown";
import { cleanLine } from "../../lib/text/terminal";
import { OutputLines } from "./output-lines";

/** Severities that the engine's display knows. */
export type Severity = "debug" | "info" | "warning" | "error";

/**
 * How long a message may take to arrive, in milliseconds: an engine that is closing takes none any
 * more.
 */
const deadlineMilliseconds = 2_000;

const severities: Record<Severity, LogSeverity> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Messages in the engine's own display, beside the resource they are about. */
export class EngineLog {
  private client: EngineClient | undefined;
  private readonly pending = new Set<Promise<void>>();

  /** @param secrets blotted out of every message */
  constructor(private readonly secrets: SecretTexts) {}

  /**
   * Connects to the engine at `host:port`. Messages before that are dropped: nobody is there to
   * read them.
   */
  connect(address: string): void {
    this.client ??= new EngineClient(address, grpc.credentials.createInsecure());
  }

  /**
   * Shows a message. An ephemeral one is a status that the next one replaces. Never fails: it is
   * not the work.
   */
  write(severity: Severity, message: string, urn: string, ephemeral = false): void {
    if (!this.client) return;
    const client = this.client;
    const request = new LogRequest()
      .setSeverity(severities[severity])
      .setMessage(ephemeral ? cleanLine(this.shown(message)) : this.shown(message))
      .setUrn(urn)
      .setEphemeral(ephemeral);
    const deadline = Date.now() + deadlineMilliseconds;
    const sent = new Promise<void>((resolve) =>
      client.log(request, new grpc.Metadata(), { deadline }, () => resolve()),
    );
    this.pending.add(sent);
    void sent.then(() => this.pending.delete(sent));
  }

  /** A text without the secrets that came through the protocol. */
  blot(text: string): string {
    return this.secrets.blot(text);
  }

  /** A filter for the lines of a program, which keeps secrets back. */
  lines(emit: (line: string) => void): LineFilter {
    return new OutputLines(this.secrets, emit);
  }

  /** Takes note of a secret. */
  addSecret(text: string): void {
    this.secrets.addText(text);
  }

  /**
   * A text as people may read it: without the secrets, and without what a terminal would obey.
   * Everything that goes to the engine's display passes here, so that no words of a registry, a
   * service or a program come there as they are.
   */
  shown(text: string): string {
    return shownText(text, this.secrets);
  }

  /**
   * Waits until what was written has reached the engine, so that no message is lost when a call
   * ends.
   */
  async flush(): Promise<void> {
    await Promise.all(this.pending);
  }
}
