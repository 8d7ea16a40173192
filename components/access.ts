import * as pulumi from "@pulumi/pulumi";
import { Provider } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { Registry } from "./declaration/registry";

/** Access that a program declares goes to a provider of the distribution's own. */
export function withAccess(
  name: string,
  args: DistributionDeclaration,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  const registries = args.registries.filter(
    (registry): registry is Registry => registry instanceof Registry && registry.hasAccess,
  );
  const github = [args.release ?? []].flat().find(({ access }) => access !== undefined)?.access;
  if (registries.length === 0 && github === undefined) return options;
  const provider = new Provider(name, {
    registries: registries.map(
      ({ endpoint, args: { username, password, ca, insecure, uploadHosts, tokenHosts } }) => ({
        host: endpoint,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: pulumi.secret(password) }),
        ...(ca === undefined ? {} : { ca }),
        ...(insecure === undefined ? {} : { insecure }),
        ...(uploadHosts === undefined ? {} : { uploadHosts }),
        ...(tokenHosts === undefined ? {} : { tokenHosts }),
      }),
    ),
    ...(github === undefined ? {} : { github }),
  });
  return { ...options, providers: [provider] };
}
