import * as z from "zod";
import { wordsOf } from "../channels/answer-words";
import { HttpTransport, type HttpRequest, type HttpResponse } from "../oci/transport/http";
import { sendWithRetry } from "../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../oci/transport/wait-budget";
import { RegistryApiError } from "./api-error";

/** Bytes of an answer that are read. */
const answerLimitBytes = 1024 * 1024;

/** How the API of a registry is reached. */
export interface JsonApiOptions {
  readonly address: URL;
  readonly retry?: RetryPolicy | undefined;
  readonly onWait?: OnWait | undefined;
  /** Gets each secret that the registry gives, before it is sent anywhere. */
  readonly onSecret?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A request to the API of a registry. */
export interface JsonRequest {
  readonly method: HttpRequest["method"];
  /** Path below the address of the API, without a slash in front. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Value of the header `Authorization`. */
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * The API that a registry has beside the distribution protocol: requests and answers in JSON. Limits of requests are
 * waited for as with the protocol. Redirects to other hosts are not followed, for credentials would go there.
 */
export class JsonApi {
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  /** @param place the registry in messages */
  constructor(
    readonly place: string,
    readonly options: JsonApiOptions,
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
   * @throws RegistryApiError where there is none
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
      throw new RegistryApiError(
        `${operation}: ${[message, code].find(Boolean) ?? "no answer"}. Check the address and the network, and run again`,
        undefined,
        { cause: error },
      );
    }
  }

  /** The content of an answer of the shape. @throws RegistryApiError for every other answer */
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
      throw new RegistryApiError(`${operation}: the answer is not one of ${this.place}'s API`, status, {
        cause: error,
      });
    }
  }

  /** Reads an answer of which the status alone counts. @throws RegistryApiError where it is none of success */
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
    const words = saidOf(await response.head(answerLimitBytes));
    const advice = hint?.(status);
    throw new RegistryApiError(
      `${operation}: HTTP ${status}${words === "" ? "" : ` (${words})`}${advice === undefined ? "" : `\n${advice}`}`,
      status,
    );
  }
}

const severalErrors = z.looseObject({
  errors: z.array(z.looseObject({ message: z.string() })).min(1),
});
const quayError = z.looseObject({ error_message: z.string().min(1) });

/** What an error says: Harbor lists several, Quay has a field of its own, Docker Hub and others a `message` or `detail`. */
function saidOf(body: Buffer): string {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"));
    const several = severalErrors.safeParse(json);
    if (several.success) {
      return wordsOf(Buffer.from(several.data.errors.map(({ message }) => message).join("; ")));
    }
    const quay = quayError.safeParse(json);
    if (quay.success) return wordsOf(Buffer.from(quay.data.error_message));
  } catch {
    // A page, or a line of text.
  }
  return wordsOf(body);
}
