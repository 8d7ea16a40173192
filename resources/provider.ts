import * as pulumi from "@pulumi/pulumi";
import type { ProviderConfig } from "./definitions/provider-config";
import type { DeepInput } from "./arguments";

/** Arguments of {@link Provider}. */
export type ProviderArgs = { [K in keyof ProviderConfig]: DeepInput<ProviderConfig[K]> };

/** The provider `slipway` with a configuration of its own, e.g. with credentials that are outputs of other resources. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    // Configuration crosses to a provider as texts; a secret inside makes the whole text a secret.
    const texts = Object.fromEntries(
      Object.entries(args)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, pulumi.output(value).apply((resolved) => JSON.stringify(resolved))]),
    );
    super("slipway", name, texts, options);
  }
}
