/**
 * The parts of undici that `http-agent.ts` loads; the package has no types of its own for single
 * files.
 */

declare module "undici/lib/dispatcher/agent" {
  import { Agent } from "undici";
  export default Agent;
}

declare module "undici/lib/api/api-request" {
  import type { Dispatcher } from "undici";
  /** Returns what `Dispatcher.request` is, as a function of its dispatcher. */
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}

declare module "undici/lib/dispatcher/dispatcher" {
  import { Dispatcher } from "undici";
  export default Dispatcher;
}

declare module "undici/lib/api/api-connect" {
  import type { Dispatcher } from "undici";
  /** Returns what `Dispatcher.connect` is, as a method. */
  export default function connect(
    this: Dispatcher,
    options: Dispatcher.ConnectOptions,
  ): Promise<Dispatcher.ConnectData>;
}

declare module "undici/lib/dispatcher/env-http-proxy-agent" {
  import { EnvHttpProxyAgent } from "undici";
  export default EnvHttpProxyAgent;
}

declare module "undici/lib/global" {
  import type { Dispatcher } from "undici";
  /** Makes the dispatcher that of every `fetch` of this process. */
  export function setGlobalDispatcher(dispatcher: Dispatcher): void;
}
