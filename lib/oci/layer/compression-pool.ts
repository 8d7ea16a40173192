import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  compressedPieceSize,
  type CompressionAnswer,
  type CompressionRequest,
  type PieceCompression,
} from "./compression";

/** More threads than this wait for the one that reads and hashes. */
const maximumWorkers = 4;

/**
 * A worker with nothing to do is ended after this time: what follows, the upload, needs its memory
 * more.
 */
const idleMilliseconds = 250;

/**
 * A worker holds a piece and its tables; without limits its heap grows before it is collected. In
 * MiB.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/** Buffers kept for the next pieces. */
const maximumSpareBuffers = 8;

interface Job {
  readonly resolve: (compressed: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** A thread and what it was asked to do. */
class CompressionThread {
  readonly jobs = new Map<number, Job>();
  private readonly worker: Worker;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly onReturn: (memory: ArrayBuffer) => void,
    private readonly onEnd: (thread: CompressionThread) => void,
  ) {
    this.worker = startWorker();
    this.worker.unref();
    this.worker.on("message", (answer: CompressionAnswer) => this.settle(answer));
    this.worker.on("error", (error) => this.fail(error));
    this.worker.on("exit", (code) => this.fail(new Error(`it ended with exit code ${code}`)));
  }

  run(request: CompressionRequest): Promise<Uint8Array<ArrayBuffer>> {
    clearTimeout(this.idle);
    // Only a thread with work keeps the process alive.
    this.worker.ref();
    return new Promise((resolve, reject) => {
      this.jobs.set(request.id, { resolve, reject });
      this.worker.postMessage(request, [request.memory]);
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.idle);
    this.onEnd(this);
    await this.worker.terminate();
  }

  private settle(answer: CompressionAnswer): void {
    const job = this.jobs.get(answer.id);
    this.jobs.delete(answer.id);
    this.onReturn(answer.memory);
    if ("compressed" in answer) job?.resolve(answer.compressed);
    else job?.reject(new Error(`compressing a layer failed: ${answer.failure}`));
    if (this.jobs.size > 0) return;
    this.worker.unref();
    this.idle = setTimeout(() => void this.end(), idleMilliseconds).unref();
  }

  private fail(cause: Error): void {
    clearTimeout(this.idle);
    this.onEnd(this);
    for (const job of this.jobs.values()) {
      job.reject(new Error(`the thread that compresses layers failed: ${cause.message}`, { cause }));
    }
    this.jobs.clear();
  }
}

/**
 * Threads that compress pieces of layers. They are started when there is work, at most one a core
 * and four in all, and ended when there has been none for a while; they never keep the process
 * alive.
 */
export class CompressionPool {
  /** Most pieces at work at the same time. */
  readonly size = Math.max(1, Math.min(availableParallelism(), maximumWorkers));
  private readonly threads = new Set<CompressionThread>();
  private readonly spare: ArrayBuffer[] = [];
  private lastId = 0;

  /** A buffer for a piece; it belongs to the pool again once it is given to {@link compress}. */
  takeBuffer(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.spare.pop() ?? new ArrayBuffer(compressedPieceSize));
  }

  /**
   * Compresses the first `length` bytes of a buffer, from {@link takeBuffer} or another that is
   * given away with it.
   *
   * @throws where a thread cannot be started or fails.
   */
  async compress(
    compression: PieceCompression,
    buffer: Uint8Array<ArrayBuffer>,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const request = { id: ++this.lastId, compression, memory: buffer.buffer, length };
    return this.leastBusy().run(request);
  }

  /** Ends all threads; what they were doing fails. */
  async close(): Promise<void> {
    await Promise.all([...this.threads].map((thread) => thread.end()));
    this.spare.length = 0;
  }

  private leastBusy(): CompressionThread {
    const [first] = [...this.threads].sort((a, b) => a.jobs.size - b.jobs.size);
    if (first && (first.jobs.size === 0 || this.threads.size >= this.size)) return first;
    const thread = new CompressionThread(
      (memory) => {
        if (memory.byteLength === compressedPieceSize && this.spare.length < maximumSpareBuffers)
          this.spare.push(memory);
      },
      (ended) => {
        this.threads.delete(ended);
        if (this.threads.size === 0) this.spare.length = 0;
      },
    );
    this.threads.add(thread);
    return thread;
  }
}

/** The pool that all layers of this process share. */
export const compressionPool = new CompressionPool();

/**
 * The worker is a file next to this one: compiled in a bundle, TypeScript in the source tree.
 */
function startWorker(): Worker {
  const compiled = join(__dirname, "compression-worker.js");
  if (existsSync(compiled)) return new Worker(compiled, { execArgv: [], resourceLimits });
  const source = join(__dirname, "compression-worker.ts");
  if (existsSync(source)) {
    const register = join(__dirname, "../../machine/typescript.cjs");
    return new Worker(source, { execArgv: ["--require", register] });
  }
  throw new Error(`${compiled} is missing, which compresses layers: build or install Slipway again`);
}
