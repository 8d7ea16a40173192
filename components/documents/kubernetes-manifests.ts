import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { imagesIn, isImageName, withImages } from "../../lib/deploy/image-fields";
import { localImage } from "../../lib/deploy/local-build";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentEdits, DocumentFacts, DocumentRelease, DocumentTarget } from "../declaration/document";
import {
  externalReference,
  imageFinding,
  publishedReference,
  referenceFindings,
  renderedOptions,
  type RenderedOptions,
} from "./deploy-options";

/** An object of Kubernetes, in its own terms. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** How manifests name images. */
export interface KubernetesOptions extends RenderedOptions {
  /**
   * `imagePullPolicy` of containers of the distribution's images that have none. Default: none; with local images
   * `Never`.
   */
  pullPolicy?: "Always" | "IfNotPresent" | "Never";
}

const kubernetesObject = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

const kubernetesArguments = z.strictObject({
  path: z.string(),
  objects: z
    .array(kubernetesObject)
    .min(1)
    .meta({ examples: [[{ apiVersion: "v1", kind: "Namespace", metadata: { name: "hello" } }]] }),
  ...renderedOptions,
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).optional(),
});

/**
 * A file with objects of Kubernetes. `image: "NAME"` of a container is an image of the distribution or one of its
 * external images, and becomes its reference; everything else is written as it is.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function kubernetesManifests(
  path: string,
  objects: readonly KubernetesObject[],
  options: KubernetesOptions = {},
): DocumentTarget {
  checkArguments("kubernetesManifests()", kubernetesArguments, { path, objects, ...options });
  return new KubernetesManifests(path, objects, options);
}

class KubernetesManifests implements DocumentTarget {
  readonly kind = "manifests of Kubernetes";
  readonly follows: DocumentTarget["follows"];
  readonly prereleases: boolean | undefined;
  readonly into: DocumentTarget["into"];
  readonly takeOver: boolean | undefined;

  constructor(
    readonly path: string,
    private readonly objects: readonly KubernetesObject[],
    private readonly options: KubernetesOptions,
  ) {
    this.follows = options.images === "local" ? "declaration" : "release";
    this.prereleases = options.prereleases;
    this.into = options.into;
    this.takeOver = options.takeOver;
  }

  findings(release: DocumentRelease): Finding[] {
    const known = [...Object.keys(release.images), ...Object.keys(release.declaredExternalImages)];
    const unknown = imagesIn(this.objects)
      .filter(({ image }) => isImageName(image) && !known.includes(image))
      .map(({ image, path }) => imageFinding(`objects${path}`, image, known));
    return [...unknown, ...(this.isLocal() ? [] : referenceFindings(release, this.options))];
  }

  edits(facts: DocumentFacts): DocumentEdits {
    const { pullPolicy = this.isLocal() ? "Never" : undefined } = this.options;
    const documents = withImages(this.objects, (image) => {
      if (!isImageName(image)) return undefined;
      if (facts.images[image] === undefined) return { image: externalReference(facts, image, this.options) };
      const reference = this.isLocal()
        ? localImage(facts.distribution, image)
        : publishedReference(facts, image, this.options);
      return { image: reference, ...(pullPolicy !== undefined && { imagePullPolicy: pullPolicy }) };
    });
    return [{ yaml: { json: pulumi.jsonStringify(documents) } }];
  }

  private isLocal(): boolean {
    return this.options.images === "local";
  }
}
