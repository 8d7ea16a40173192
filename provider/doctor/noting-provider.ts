import type { ResourceDefinition } from "../../resources/definitions/definition";
import type { ProviderConfig } from "../../resources/definitions/provider-config";
import type { SecretTexts } from "../../lib/text/secret-texts";
import { EngineLog } from "../base/engine-log";
import type { DecodedProperties, Properties } from "../base/properties";
import { githubToken } from "../run/github-access";
import type { Changes } from "../run/resource";
import { handlerFor } from "../server/handlers";
import { typeOfUrn } from "../server/provider";
import type { ServedProvider } from "../server/server";
import { refuseInvalid } from "../server/valid-inputs";
import { Account } from "./account";
import type { Declared } from "./declared";

/**
 * Takes the provider's place in a preview: notes what the program declares, and does nothing of it. Whatever a
 * resource would compute, or find elsewhere, stays unknown to the program, as it may be in any preview.
 */
export class NotingProvider implements ServedProvider {
  readonly log: EngineLog;
  readonly signal = new AbortController().signal;
  isConfigured = false;
  private account: Account | undefined;

  /** @param opened is told of each configuration */
  constructor(
    readonly version: string,
    private readonly project: string,
    readonly secrets: SecretTexts,
    private readonly declared: Declared,
    private readonly opened: (account: Account) => void,
  ) {
    this.log = new EngineLog(secrets);
  }

  connect(engineAddress: string): void {
    if (engineAddress !== "") this.log.connect(engineAddress);
  }

  schema(): string {
    return "{}";
  }

  async configure(config: ProviderConfig): Promise<void> {
    for (const { password, identityToken } of config.registries ?? []) {
      for (const text of [password, identityToken]) if (text !== undefined) this.secrets.addText(text);
    }
    const token = githubToken(config);
    if (token !== undefined) this.secrets.addText(token);
    this.account = new Account(config, this.project, this.secrets);
    this.isConfigured = true;
    this.opened(this.account);
  }

  definition(urn: string): ResourceDefinition {
    const token = typeOfUrn(urn);
    const handler = handlerFor(token);
    if (!handler) throw new Error(`${urn}: the provider "slipway" has no resource type ${token}`);
    return handler.definition;
  }

  invoke(): void {
    // What an update announces, it announces to those that publish.
  }

  async check(urn: string, news: DecodedProperties, olds: Properties | undefined): Promise<Properties> {
    refuseInvalid(this.definition(urn), news);
    if (!this.account) throw new Error("the provider is used before it is configured");
    this.declared.add({
      type: typeOfUrn(urn),
      name: urn.split("::").slice(3).join("::"),
      inputs: news.values,
      former: olds,
      account: this.account,
    });
    return news.values;
  }

  async diff(): Promise<Changes> {
    return {};
  }

  async create(
    _urn: string,
    desired: Properties,
  ): Promise<{ id: string; state: Properties; refresh: boolean }> {
    return { id: "", state: desired, refresh: false };
  }

  async read(
    _urn: string,
    id: string,
    inputs: Properties = {},
    state: Properties = {},
  ): Promise<{ id: string; inputs: Properties; state: Properties; refresh: boolean }> {
    return { id, inputs, state, refresh: false };
  }

  async update(_urn: string, desired: Properties): Promise<{ state: Properties; refresh: boolean }> {
    return { state: desired, refresh: false };
  }

  async delete(): Promise<void> {
    // A preview deletes nothing.
  }

  cancel(): void {
    // Nothing is under way.
  }
}
