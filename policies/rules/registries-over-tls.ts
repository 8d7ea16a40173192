import type { Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";
import { isLocalRegistry } from "../../lib/oci/reference";

/** A registry as a resource names it, and how it is spoken to. */
interface Access {
  readonly address: string;
  /** The setting that removes the protection, in words. */
  readonly without?: string;
}

export const registriesOverTls: Rule = {
  name: "registries-over-tls",
  description:
    "Checks that registries which are not on this machine are spoken to over TLS, with their certificate verified.",
  remedy:
    "Give the registry a certificate (a private authority goes into `ca` of the provider) and take the setting away.",
  level: "mandatory",
  severity: "high",
  looksAt: ["registry", "registries"],
  types: [
    "pulumi:providers:slipway",
    "pulumi:providers:docker",
    "docker-build:index:Image",
    "docker-build:index:Index",
    "docker:index/image:Image",
    "docker:index/registryImage:RegistryImage",
  ],
  check: (resource) => accessesOf(resource).map(overTls),
};

function overTls({ address, without }: Access): Outcome {
  const what = `registry ${address}`;
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  const reason = without ?? (address.startsWith("http://") ? "its address begins with http://" : undefined);
  if (reason === undefined || isLocalRegistry(host)) return { what };
  return { what, finding: `is spoken to without TLS: ${reason}` };
}

function accessesOf({ type, props }: Declared): Access[] {
  switch (type) {
    case "pulumi:providers:slipway":
      return providerSetting(props.registries).flatMap((registry) =>
        access(registry.host, registry.insecure === true, "`insecure` is set"),
      );
    case "pulumi:providers:docker":
      return providerSetting(props.registryAuth).flatMap((registry) =>
        access(registry.address, registry.authDisabled === true, "`authDisabled` is set"),
      );
    case "docker-build:index:Image":
      return [
        ...asList(props.registries).flatMap((registry) => access(asRecord(registry).address)),
        ...asList(props.exports).map(asRecord).flatMap(insecureExport),
      ];
    case "docker-build:index:Index":
      return access(asRecord(props.registry).address);
    case "docker:index/image:Image":
      return access(asRecord(props.registry).server);
    default:
      return access(props.name, props.insecureSkipVerify === true, "`insecureSkipVerify` is set");
  }
}

function access(address: unknown, isOpen = false, because?: string): Access[] {
  const text = asText(address);
  if (text === undefined) return [];
  return [{ address: text, without: isOpen ? because : undefined }];
}

/** An exporter of BuildKit that may push over plain HTTP. */
function insecureExport(output: Readonly<Record<string, unknown>>): Access[] {
  const options = asRecord(output.registry ?? output.image);
  return asList(options.names).flatMap((name) =>
    access(name, options.insecure === true, "`insecure` of the export is set"),
  );
}

/** The engine hands the settings of a provider over as JSON. */
function providerSetting(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== "string") return asList(value).map(asRecord);
  try {
    return asList(JSON.parse(value)).map(asRecord);
  } catch {
    // The provider refuses what is not JSON, with a better message.
    return [];
  }
}
