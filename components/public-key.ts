import type * as pulumi from "@pulumi/pulumi";
import { PublicKey } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";

/** The key that everything is signed with; an identity has none, and neither has what is not signed. */
export function createPublicKey(
  distribution: string,
  { trust }: DistributionDeclaration,
  parent: pulumi.Resource,
): PublicKey | undefined {
  const signer = trust?.sign?.signer;
  if (signer === undefined || "keyless" in signer) return undefined;
  return new PublicKey(`${distribution}-public-key`, { signer }, { parent });
}
