import * as pulumi from "@pulumi/pulumi";
import { parsePlatform } from "../../lib/oci/platform";
import { isLocalRegistry } from "../../lib/oci/reference";
import type { DeclarationFacts, ScannerName, SignerFacts } from "../../lib/workflows/facts";
import type { DistributionDeclaration } from "./declaration";
import { lockOf } from "./external-image-declaration";
import { isRegistry } from "./registry";
import type { ReleaseAccess } from "./release-target";

/** Returns what a machine has to have that carries out a declaration: accounts, a builder, a key, a scanner. */
export function publishingFacts(args: DistributionDeclaration): DeclarationFacts {
  const built = Object.values(args.images).filter(
    ({ dockerfile, builder = args.builder }) => dockerfile !== undefined && builder === undefined,
  );
  const platforms = built.flatMap((image) => image.platforms ?? args.platforms);
  return {
    source: args.source,
    registries: args.registries
      .filter(isRegistry)
      // Who may write to a registry on the same machine is no question of accounts.
      .filter(({ host }) => !isLocalRegistry(host))
      .map(({ host, namespace = "", access }) => ({
        host,
        namespace,
        isSignedIn: access?.password !== undefined,
      })),
    releases: [args.release ?? []].flat().flatMap(({ name, host, access }) => {
      return host === undefined ? [] : [{ host, repository: name, isSignedIn: hasToken(access) }];
    }),
    architectures: [...new Set(platforms.map((platform) => parsePlatform(platform).architecture))],
    hasDockerfiles: built.length > 0,
    split: args.split === true ? splitPlatforms(args) : undefined,
    lock: lockOf(args)?.file,
    signer: signerFacts(args.trust?.sign?.signer),
    scanner: scannerName(args),
  };
}

/** Platforms of the images with a Dockerfile, in the order of the declaration. */
function splitPlatforms({ images, platforms }: DistributionDeclaration): string[] {
  const built = Object.values(images).filter(({ dockerfile }) => dockerfile !== undefined);
  return [...new Set(built.flatMap((image) => image.platforms ?? platforms))];
}

function hasToken(access: ReleaseAccess | undefined): boolean {
  return access !== undefined && "token" in access && access.token !== undefined;
}

function signerFacts(signer: unknown): SignerFacts | undefined {
  if (signer === undefined) return undefined;
  // What is known later is no file of the repository.
  if (typeof signer !== "object" || signer === null || pulumi.Output.isInstance(signer))
    return { kind: "service" };
  const { key, generate, keyless } = signer as { key?: unknown; generate?: unknown; keyless?: unknown };
  if (generate !== undefined) return undefined;
  if (keyless !== undefined) return { kind: "keyless" };
  return typeof key === "string" ? { kind: "key", file: key } : { kind: "service" };
}

/** A scanner whose program is named is there already. */
function scannerName({ trust }: DistributionDeclaration): ScannerName | undefined {
  if (trust?.scan === undefined || trust.scan.scanner?.program !== undefined) return undefined;
  return trust.scan.scanner?.name ?? "trivy";
}
