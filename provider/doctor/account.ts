import type { ProviderConfig } from "../../resources/definitions/provider-config";
import { EngineLog } from "../base/engine-log";
import type { SecretTexts } from "../../lib/text/secret-texts";
import { ResourceContext } from "../run/context";
import { Services } from "../run/services";

/** A configuration of the provider, with the clients that sign in as it says. */
export class Account {
  private readonly log: EngineLog;
  private opened: Promise<Services> | undefined;

  /** @param project absolute folder @param secrets gets the secrets that clients find */
  constructor(
    readonly config: ProviderConfig,
    private readonly project: string,
    secrets: SecretTexts,
  ) {
    // What is noticed on the way is told to nobody: the findings are what counts.
    this.log = new EngineLog(secrets);
  }

  /** Clients of this configuration. @throws Error for an environment whose proxy is not the address of one */
  services(): Promise<Services> {
    this.opened ??= Services.start(this.config, this.project, this.log);
    return this.opened;
  }

  /** Where a handler's own helpers work: nothing is changed. */
  async context(signal: AbortSignal): Promise<ResourceContext> {
    return new ResourceContext(await this.services(), "", true, this.log, signal);
  }

  async close(): Promise<void> {
    await (await this.opened?.catch(() => undefined))?.close();
  }
}
