import { checkServiceAddress } from "../service-address";

/** The registry of the Model Context Protocol. */
export const officialRegistry = "https://registry.modelcontextprotocol.io";

/** Label of an image that says which server it is (docs/modelcontextprotocol-io/package-types.mdx). */
export const serverNameLabel = "io.modelcontextprotocol.server.name";

/** Most characters of a description (server.schema.json 2025-12-11). */
export const longestDescription = 100;

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9.-]*[a-zA-Z0-9]\/[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]$/;

/** @throws Error for what is no name of a server: a reversed domain, a slash and a name, 3 to 200 characters */
export function checkServerName(name: string): void {
  if (namePattern.test(name) && name.length <= 200) return;
  throw new Error(
    `${JSON.stringify(name)} is not a name in the MCP registry: a reversed domain, a slash and a name are expected ` +
      '(a valid example: "io.github.acme/hello")',
  );
}

/**
 * Whether the README of a project on PyPI says which server it is: `mcp-name: NAME`, which is not the
 * beginning of a longer name.
 *
 * Source: internal/validators/registries/mcpname.go of modelcontextprotocol/registry 1.8.8.
 */
export function saysServerName(readme: string, name: string): boolean {
  const own = name.replaceAll(/[^A-Za-z0-9]/g, "\\$&");
  return new RegExp(`mcp-name: ${own}(?:$|[^A-Za-z0-9._/-]|--!?>)`).test(readme);
}

/** @throws Error for what is no address of a registry */
export function checkMcpRegistry(address: string): void {
  checkServiceAddress(address, "an MCP registry", officialRegistry);
}

/** Hosts of images that the official registry takes (docs/reference/server-json/official-registry-requirements.md). */
const imageHosts = new Set(["docker.io", "ghcr.io", "quay.io", "mcr.microsoft.com"]);

/** Whether the official registry takes images of a host. */
export function isImageHost(host: string): boolean {
  return imageHosts.has(host) || host.endsWith(".pkg.dev") || host.endsWith(".azurecr.io");
}

const bundleAddresses = [
  /^https:\/\/(?:www\.)?github\.com\/[A-Za-z0-9][A-Za-z0-9-]*\/[\w.-]+\/releases\/download\/[^/]+\/[^/]+$/,
  /^https:\/\/(?:www\.)?gitlab\.com\/[\w.-]+(?:\/[\w.-]+)*\/-\/releases\/[^/]+\/downloads\/[^/]+$/,
  /^https:\/\/(?:www\.)?gitlab\.com\/[\w.-]+(?:\/[\w.-]+)*\/-\/package_files\/\d+\/download$/,
];

/** @throws Error for an address that the official registry takes no bundle (MCPB) from */
export function checkBundleAddress(address: string): void {
  if (!bundleAddresses.some((pattern) => pattern.test(address))) {
    throw new Error(
      `${address} is not a file of a release on GitHub or GitLab, and the MCP registry takes bundles from there alone ` +
        '(a valid example: "https://github.com/acme/hello-mcp/releases/download/v1.2.0/hello.mcpb")',
    );
  }
  if (!/mcp/i.test(address)) {
    throw new Error(
      `${address} does not contain "mcp", which the MCP registry demands of the address of a bundle`,
    );
  }
}

/** A version as the registry has it: that of Semantic Versioning, without `v`. */
export function registryVersion(version: string): string {
  return version.replace(/^v(?=\d)/, "");
}
