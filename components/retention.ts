import * as pulumi from "@pulumi/pulumi";
import { parseEntry, type PublishedVersion } from "../lib/release/published-version";
import { type Ledger, Retention } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { ImageDeclaration } from "./declaration/image-declaration";
import { placesOf } from "./declaration/image-places";
import type { PlannedTag } from "./declaration/tag-rules";
import { tagNamesOf } from "./image-tags";
import type { MultiArchImage } from "./multi-arch-image";

/**
 * Declares what goes from the repositories of the images, mirrors too, when everything is published and was looked at.
 *
 * @param ledger knows when versions were published
 * @param tags that this run declares, those that stay where they are too
 */
export function createRetention(
  args: DistributionDeclaration,
  images: Readonly<Record<string, MultiArchImage>>,
  ledger: Ledger,
  tags: readonly PlannedTag[],
  after: readonly pulumi.Resource[],
): void {
  const { retention: rule, deprecated: notices } = args;
  if (rule === undefined) return;
  const names = tagNamesOf(args);
  const noted = ledger.versions.apply(parsedVersions);
  const declared = declaredReferences(args);
  for (const [name, image] of Object.entries(images)) {
    const { repository: path = name, alsoRepositories = [] } = args.images[name] ?? {};
    for (const place of placesOf(path, alsoRepositories, args.registries)) {
      // A folder is whoever's it was given to.
      if (place.target.host === undefined) continue;
      const { repository } = place;
      new Retention(
        `${name}@${place.name}`,
        {
          repository,
          rule,
          names,
          notices,
          versions: noted.apply((versions) => versionsIn(repository, versions)),
          needs: declared.apply((texts) => [
            ...new Set([...tags.map(({ tag }) => tag), ...referencesIn(repository, texts)]),
          ]),
        },
        { parent: image, dependsOn: [...after] },
      );
    }
  }
}

/** What a ledger has noted: nothing with mocks. A state of before has values in the place of a text. */
function parsedVersions(
  versions: Readonly<Record<string, string | PublishedVersion>> | undefined,
): [version: string, entry: PublishedVersion][] {
  return Object.entries(versions ?? {}).map(([version, entry]) => [
    version,
    typeof entry === "string" ? parseEntry(entry, version) : entry,
  ]);
}

/** Day and digests of the versions that a repository has. */
function versionsIn(
  repository: string,
  versions: readonly [version: string, entry: PublishedVersion][],
): Record<string, string> {
  return Object.fromEntries(
    versions.flatMap(([version, { published, tags }]) => {
      const digests = Object.entries(tags).flatMap(([reference, digest]) =>
        reference.slice(0, reference.lastIndexOf(":")) === repository ? digest : [],
      );
      return digests.length === 0 ? [] : [[version, [published.slice(0, 10), ...new Set(digests)].join(" ")]];
    }),
  );
}

/** Texts of the declaration that may be references of images. */
function declaredReferences(args: DistributionDeclaration): pulumi.Output<string[]> {
  const texts = Object.values(args.images).flatMap((image: ImageDeclaration): unknown[] => [
    image.base,
    ...valuesOf(image.buildArgs),
    ...(image.copies ?? []).map((copy) => copy.image),
    ...valuesOf(image.contexts),
  ]);
  // Images and programs of this distribution are objects.
  const plain = [...valuesOf(args.externalImages), ...texts].filter(
    (text) => typeof text === "string" || pulumi.Output.isInstance(text),
  );
  return pulumi.all(plain).apply((all) => all.filter((text) => typeof text === "string"));
}

function valuesOf(record: Readonly<Record<string, unknown>> | undefined): unknown[] {
  return Object.values(record ?? {});
}

/** Tags and digests of a repository that references name. */
function referencesIn(repository: string, texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const reference = text.replace(/^docker-image:\/\//, "");
    if (!reference.startsWith(repository)) return [];
    const rest = /^(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference.slice(repository.length));
    return [rest?.[1], rest?.[2]].flatMap((one) => one ?? []);
  });
}
