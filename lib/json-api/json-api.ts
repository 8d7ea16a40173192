import * as z from "zod";
import { HttpTransport, type HttpRequest, type HttpResponse } from "../oci/transport/http";
import { sendWithRetry } from "../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../oci/transport/wait-budget";
import { wordsOf } from "../text/answer-words";
import { ApiError } from "./api-error";

/** Bytes of an answer that are read. */
const answerLimitBytes = 1024 * 1024;

/** How an API is reached. */
export interface JsonApiOptions {
  readonly address: URL;
  readonly retry?: RetryPolicy | undefined;
  readonly onWait?: OnWait | undefined;
  /** Gets each secret that the API gives, before it is sent anywhere. */
  readonly onSecret?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A request to an API. */
export interface JsonRequest {
  readonly method: HttpRequest["method"];
  /** Path below the address of the API, without a slash in front. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Value of the header `Authorization`. */
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** How an API answers. */
export interface JsonDialect {
  /** What an answer of it is one of, e.g. `an MCP registry`. */
  readonly of: string;
  /** What an error says. Default: one sentence of its body. */
  readonly words?: ((body: Buffer) => string) | undefined;
}

/**
 * An API of JSON: requests and answers. Limits of requests are waited for as with registries. Redirects to other hosts
 * are not followed, for credentials would go there.
 */
export class JsonApi {
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  constructor(
    private readonly options: JsonApiOptions,
    private readonly dialect: JsonDialect,
  ) {
    this.retry = options.retry ?? defaultRetryPolicy;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /**
   * The answer to a request, whatever its status.
   *
   * @param operation in words that begin a message, e.g. `reading acme/hello at Docker Hub`
   * @throws ApiError where there is none
   */
  async send(operation: string, request: JsonRequest): Promise<HttpResponse> {
    const { address, signal, onWait } = this.options;
    const { method, path, body, authorization, headers } = request;
    const sent: HttpRequest = {
      method,
      url: new URL(path, address.href.replace(/\/*$/, "/")),
      headers: {
        accept: "application/json",
        "user-agent": "slipway",
        ...(body && { "content-type": "application/json" }),
        ...(authorization !== undefined && { authorization }),
        ...headers,
      },
      ...(body && { body: Buffer.from(JSON.stringify(body)) }),
      withinOrigin: true,
      ...(signal && { signal }),
    };
    try {
      return await sendWithRetry(this.transport, sent, this.retry, new WaitBudget(this.retry, onWait));
    } catch (error) {
      signal?.throwIfAborted();
      const { message, code } = error as NodeJS.ErrnoException;
      throw new ApiError(
        `${operation}: ${[message, code].find(Boolean) ?? "no answer"}. Check the address and the network, and run again`,
        undefined,
        { cause: error },
      );
    }
  }

  /** The content of an answer of the shape. @throws ApiError for every other answer */
  async json<T extends z.ZodType>(
    operation: string,
    response: HttpResponse,
    shape: T,
    hint?: (status: number) => string | undefined,
  ): Promise<z.infer<T>> {
    await this.refuse(operation, response, hint);
    const { status } = response;
    const text = (await response.bytes(answerLimitBytes)).toString("utf8");
    try {
      return shape.parse(JSON.parse(text));
    } catch (error) {
      throw new ApiError(`${operation}: the answer is not one of ${this.dialect.of}`, status, {
        cause: error,
      });
    }
  }

  /** Reads an answer of which the status alone counts. @throws ApiError where it is none of success */
  async done(
    operation: string,
    response: HttpResponse,
    hint?: (status: number) => string | undefined,
  ): Promise<void> {
    await this.refuse(operation, response, hint);
    await response.discard();
  }

  private async refuse(
    operation: string,
    response: HttpResponse,
    hint?: (status: number) => string | undefined,
  ): Promise<void> {
    const { status } = response;
    if (status >= 200 && status < 300) return;
    const words = (this.dialect.words ?? wordsOf)(await response.head(answerLimitBytes));
    const advice = hint?.(status);
    throw new ApiError(
      `${operation}: HTTP ${status}${words === "" ? "" : ` (${words})`}${advice === undefined ? "" : `\n${advice}`}`,
      status,
    );
  }
}
