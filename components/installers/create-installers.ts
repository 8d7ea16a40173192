import * as pulumi from "@pulumi/pulumi";
import { Archive, PublicKey, type Artifact } from "../../resources";
import type { MadeArchive } from "../archives";
import { DeclarationError } from "../declaration/declaration-error";
import type { DistributionDeclaration } from "../declaration/declaration";
import { installerFindings, installerRelease } from "../declaration/installer-findings";
import type { PlannedTag } from "../declaration/tag-rules";
import { defaultDirectory } from "../default-directory";

/** The installers of a distribution. */
export interface MadeInstallers {
  /** As a release takes them. */
  files: pulumi.Output<Artifact>[];
  /** Whatever is published has to wait for these. */
  resources: pulumi.Resource[];
}

/** @throws DeclarationError for what an installer cannot say */
export function checkInstallers(
  name: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
): void {
  const findings = installerFindings(name, args, tags);
  if (findings.length > 0) throw new DeclarationError(`distribution ${JSON.stringify(name)}`, findings);
}

/**
 * Declares the installers as files of the release. What is no release has none: there would be
 * nothing to install.
 */
export function createInstallers(
  distribution: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
  archives: readonly MadeArchive[],
  parent: pulumi.Resource,
): MadeInstallers {
  const { installers = {}, version } = args;
  const names = Object.keys(installers);
  if (names.length === 0 || version === undefined) return { files: [], resources: [] };
  const release = installerRelease(distribution, { ...args, version }, tags);
  const key = createKey(distribution, args, parent);
  const digests = pulumi.all(
    archives.map(({ planned: { archive, platform }, file }) =>
      file.apply(({ digest }) => ({ archive, platform, digest })),
    ),
  );
  const made = Object.entries(installers).map(([name, installer]) => {
    const text = pulumi.all([digests, key?.publicKey]).apply(([known, publicKey]) =>
      installer.render(release, {
        digestOf: (archive, platform) =>
          known.find((one) => one.archive === archive && one.platform === platform)?.digest ?? "",
        publicKey,
      }),
    );
    const path = `${defaultDirectory(args)}/${name}`;
    const resource = new Archive(
      `${distribution}-${name}`,
      { path, format: "binary", entries: [{ path: name, content: text, mode: "0755" }] },
      { parent },
    );
    return { resource, file: pulumi.output({ name, path, digest: resource.digest }) };
  });
  return {
    files: made.map(({ file }) => file),
    resources: [...(key ? [key] : []), ...made.map(({ resource }) => resource)],
  };
}

/** The key that the sums are signed with; an identity has none, and is not checked by a script. */
function createKey(
  distribution: string,
  { trust }: DistributionDeclaration,
  parent: pulumi.Resource,
): PublicKey | undefined {
  const signer = trust?.sign?.signer;
  if (signer === undefined || "keyless" in signer) return undefined;
  return new PublicKey(`${distribution}-public-key`, { signer }, { parent });
}
