import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** One request as a hostile server saw it. */
export interface SeenRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Bytes of the body that arrived. */
  bodyBytes: number;
  /** Bytes of the answer that were given to the connection, without headers. */
  answeredBytes: number;
}

/** What a behavior has in hand. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  seen: SeenRequest;
}

/** Answers one request, or does not. */
export type Behavior = (exchange: Exchange) => void | Promise<void>;
