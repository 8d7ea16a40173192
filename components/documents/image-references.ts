import * as z from "zod";
import { formatRepository, parseReference } from "../../lib/oci/reference";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentEdits, DocumentFacts, DocumentRelease, DocumentTarget } from "../declaration/document";
import { placesIn, referenceFindings, referenceOptions, type ReferenceOptions } from "./deploy-options";

const imageReferencesArguments = z.strictObject({ path: z.string(), ...referenceOptions });

/**
 * A file of compose, Kubernetes, kustomize or values of a chart that somebody has written: its references of images of
 * the distribution follow the release, and everything else in it stays to the byte. A reference is the field `image` with
 * a place of an image, whatever its tag or digest is, fields `repository`, `tag` and `digest` beside each other, and what has
 * the comment `# slipway: NAME`, with the name of an image.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function imageReferences(path: string, options: ReferenceOptions = {}): DocumentTarget {
  checkArguments("imageReferences()", imageReferencesArguments, { path, ...options });
  return new ImageReferencesDocument(path, options);
}

class ImageReferencesDocument implements DocumentTarget {
  readonly kind = "image references of a file";
  readonly prereleases: boolean | undefined;
  readonly into: DocumentTarget["into"];

  constructor(
    readonly path: string,
    private readonly options: ReferenceOptions,
  ) {
    this.prereleases = options.prereleases;
    this.into = options.into;
  }

  findings(release: DocumentRelease): Finding[] {
    return referenceFindings(release, this.options);
  }

  edits(facts: DocumentFacts): DocumentEdits {
    const { by = "tag", registry } = this.options;
    const images = Object.entries(facts.images).map(([name, { tag }]) => ({
      name,
      repositories: placesIn(facts, name, registry),
      tag: by === "digest" ? undefined : tag,
      digest: by === "tag" ? undefined : facts.digestOf(name),
    }));
    const others = Object.values(facts.declaredExternalImages).map((reference) =>
      formatRepository(parseReference(reference).repository),
    );
    return [{ references: { images, others: others.length === 0 ? undefined : others } }];
  }
}
