import { open } from "node:fs/promises";
import type { EngineEvent } from "./engine-event";

/** How much of a log's beginning tells it from another, in bytes. */
const headBytes = 64;

/** Reads a log of the engine while it is written. */
export class EventLog {
  private head = Buffer.alloc(0);
  private offset = 0;
  private rest = Buffer.alloc(0);

  /**
   * @param take told each event
   * @param begin told that the engine has begun the log anew, as it does between plan and update
   */
  constructor(
    private readonly file: string,
    private readonly take: (event: EngineEvent) => void,
    private readonly begin: () => void,
  ) {}

  /** Reads what has been written since the last time. */
  async read(): Promise<void> {
    const handle = await open(this.file).catch(() => undefined);
    // The engine makes it when it begins.
    if (!handle) return;
    try {
      const head = await part(handle, 0, headBytes);
      const { size } = await handle.stat();
      if (size < this.offset || !head.subarray(0, this.head.length).equals(this.head)) {
        this.offset = 0;
        this.rest = Buffer.alloc(0);
        this.begin();
      }
      this.head = head;
      const added = await part(handle, this.offset, size - this.offset);
      this.offset += added.length;
      this.lines(added);
    } finally {
      await handle.close();
    }
  }

  private lines(added: Buffer): void {
    const bytes = Buffer.concat([this.rest, added]);
    const end = bytes.lastIndexOf("\n") + 1;
    this.rest = bytes.subarray(end);
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) {
      if (line !== "") this.take(JSON.parse(line) as EngineEvent);
    }
  }
}

async function part(handle: Awaited<ReturnType<typeof open>>, position: number, length: number) {
  const buffer = Buffer.alloc(Math.max(0, length));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}
