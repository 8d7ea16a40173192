import { findingsOf, InputError } from "../../resources/definitions/input-findings";
import type * as ProviderConfigModule from "../../resources/definitions/provider-config";
import type { ProviderConfig } from "../../resources/definitions/provider-config";
import { hasUnknown } from "./unknown";
import type { Properties } from "./properties";

/**
 * Checks the configuration of the provider.
 *
 * @throws InputError; no finding repeats a value, for any of them may be a credential
 */
export function checkProviderConfig(properties: Properties): void {
  if (!hasUnknown(properties)) configFromProperties(properties);
}

/**
 * Reads the provider's configuration. Lists arrive as JSON texts, as all configuration of Pulumi
 * does.
 *
 * @throws InputError
 */
export function configFromProperties(properties: Properties): ProviderConfig {
  const input = Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => key !== "version" && key !== "pluginDownloadURL" && !key.startsWith("__"))
      .map(([key, value]) => [key, typeof value === "string" ? parseJson(key, value) : value]),
  );
  if (Object.keys(input).length === 0) return {};
  const { providerConfig } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- most programs configure nothing
    require("../../resources/definitions/provider-config") as typeof ProviderConfigModule;
  const result = providerConfig.safeParse(input);
  if (!result.success) throw new InputError(findingsOf(providerConfig, result.error, input, () => true));
  return result.data;
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError([
      { property: key, reason: `is not valid JSON (a valid example: ${examples[key] ?? "true"})` },
    ]);
  }
}

const examples: Readonly<Record<string, string>> = {
  registries: `[{"host": "ghcr.io", "username": "me", "password": "…"}]`,
  github: `{"token": "…"}`,
  concurrency: "8",
};
