import * as pulumi from "@pulumi/pulumi";
import { Archive, type Artifact, type PublicKey } from "../../resources";
import type { MadeArchive } from "../archives";
import { DeclarationError } from "../declaration/declaration-error";
import type { DistributionDeclaration } from "../declaration/declaration";
import { installerFindings, installerRelease } from "../declaration/installer-findings";
import type { PlannedTag } from "../declaration/tag-rules";
import { defaultDirectory } from "../default-directory";

/** The installers of a distribution. */
export interface MadeInstallers {
  /** Text of each, by its name. */
  texts: Readonly<Record<string, pulumi.Output<string>>>;
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
  publicKey: () => PublicKey | undefined,
  parent: pulumi.Resource,
): MadeInstallers {
  const { installers = {}, version } = args;
  const names = Object.keys(installers);
  if (names.length === 0 || version === undefined) return { texts: {}, files: [], resources: [] };
  const release = installerRelease(distribution, { ...args, version }, tags);
  const key = publicKey();
  const digests = pulumi.all(
    archives.map(({ planned: { archive, platform }, file }) =>
      file.apply(({ digest }) => ({ archive, platform, digest })),
    ),
  );
  const made = Object.entries(installers).map(([name, installer]) => {
    const text = pulumi.all([digests, key?.publicKey]).apply(([known, keyText]) =>
      installer.render(release, {
        digestOf: (archive, platform) =>
          known.find((one) => one.archive === archive && one.platform === platform)?.digest ?? "",
        publicKey: keyText,
      }),
    );
    const path = `${defaultDirectory(args)}/${name}`;
    const resource = new Archive(
      `${distribution}-${name}`,
      { path, format: "binary", entries: [{ path: name, content: text, mode: "0755" }] },
      { parent },
    );
    return { name, text, resource, file: pulumi.output({ name, path, digest: resource.digest }) };
  });
  return {
    texts: Object.fromEntries(made.map(({ name, text }) => [name, text])),
    files: made.map(({ file }) => file),
    resources: [...(key ? [key] : []), ...made.map(({ resource }) => resource)],
  };
}
