import * as pulumi from "@pulumi/pulumi";
import { Provider } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import { hasSameAccount, isRegistry } from "./declaration/registry";
import type { ReleaseAccess, ReleaseTarget } from "./declaration/release-target";

/**
 * Access that a program declares goes to a provider of the distribution's own. The caller's
 * providers of other packages stay as they are.
 */
export function withAccess(
  name: string,
  args: DistributionDeclaration,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  const registries = args.registries
    .filter(isRegistry)
    .flatMap(({ host, namespace, access }) => (access === undefined ? [] : [{ host, namespace, access }]));
  const github = sharedAccess(args);
  if (registries.length === 0 && github === undefined) return options;
  const provider = new Provider(name, {
    registries: registries.map(
      ({ host, namespace = "", access: { username, password, ca, insecure, uploadHosts, tokenHosts } }) => ({
        host,
        namespace: severalAccounts(host, args) && namespace !== "" ? namespace : undefined,
        username,
        password: password === undefined ? undefined : pulumi.secret(password),
        ca,
        insecure,
        uploadHosts,
        tokenHosts,
      }),
    ),
    github,
  });
  const given = options?.providers ?? {};
  return {
    ...options,
    providers: Array.isArray(given) ? [...given, provider] : { ...given, slipway: provider },
  };
}

/**
 * Returns whether the registries on a host have more than one account. One alone is for the whole
 * host: bases come from other namespaces.
 */
function severalAccounts(host: string, { registries }: DistributionDeclaration): boolean {
  const onHost = registries.filter(isRegistry).filter((registry) => registry.host === host);
  return onHost.some((registry) => !hasSameAccount(registry, onHost[0] ?? registry));
}

/**
 * The provider of a release target that has access of its own beside others: a token goes to the
 * host that it was declared for, and what others have declared is not for it.
 */
export function ownAccess(
  distribution: string,
  target: ReleaseTarget,
  args: DistributionDeclaration,
  parent: pulumi.Resource,
): { provider?: Provider } {
  if (target.access === undefined || target.access === sharedAccess(args)) return {};
  return {
    provider: new Provider(`${distribution}@${target.name}`, { github: target.access }, { parent }),
  };
}

/**
 * Access to releases that the distribution's own provider can have: where only one target is on
 * another machine.
 */
export function sharedAccess({ release }: DistributionDeclaration): ReleaseAccess | undefined {
  const elsewhere = [release ?? []].flat().filter(({ host }) => host !== undefined);
  return elsewhere.length === 1 ? elsewhere[0]?.access : undefined;
}
