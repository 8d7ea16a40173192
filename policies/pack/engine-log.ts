import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { cliProcess } from "./cli-process";

/** Shows lines through the engine, each once. */
export class EngineLog {
  private address = "";

  /** Where the engine listens: it tells it before anything else. */
  setAddress(address: string): void {
    this.address = address;
  }

  /**
   * Shows lines to the user. A log gets every message as it comes, and those that are to stay once
   * more at the end; a terminal shows at the end only what is to stay.
   */
  async tell(lines: readonly string[]): Promise<void> {
    const isToStay = cliProcess()?.isTerminal ?? process.env.CI === undefined;
    if (this.address === "") return write(lines);
    const client = new EngineClient(this.address, credentials.createInsecure());
    try {
      for (const line of lines) {
        const request = new LogRequest()
          .setSeverity(LogSeverity.INFO)
          .setMessage(line)
          .setEphemeral(!isToStay);
        await new Promise<void>((resolve, reject) => {
          client.log(request, (error) => (error ? reject(error) : resolve()));
        });
      }
    } catch {
      // What the pack writes to standard error is shown, too.
      write(lines);
    } finally {
      client.close();
    }
  }
}

function write(lines: readonly string[]): void {
  for (const line of lines) console.error(line);
}
