/** The parts of undici that `http-agent.ts` loads; the package has no types of its own for single files. */

declare module "undici/lib/dispatcher/agent" {
  import { Agent } from "undici";
  export default Agent;
}

declare module "undici/lib/api/api-request" {
  import type { Dispatcher } from "undici";
  /** What `Dispatcher.request` is, as a function of its dispatcher. */
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}
