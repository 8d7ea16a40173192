import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { imagesIn, isImageName, withImages } from "../../lib/deploy/image-fields";
import { buildSection, localImage } from "../../lib/deploy/local-build";
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

/** A service, in compose's own terms; `image` may be the name of an image of the distribution. */
export interface ComposeService {
  image?: string;
  ports?: readonly (string | number | Readonly<Record<string, unknown>>)[];
  environment?: Readonly<Record<string, string | number | boolean | null>> | readonly string[];
  volumes?: readonly (string | Readonly<Record<string, unknown>>)[];
  depends_on?: readonly string[] | Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  healthcheck?: Readonly<Record<string, unknown>>;
  command?: string | readonly string[];
  restart?: string;
  pull_policy?: string;
  [field: string]: unknown;
}

/** A file of compose, in its own terms. */
export interface ComposeFile {
  services: Readonly<Record<string, ComposeService>>;
  name?: string;
  volumes?: Readonly<Record<string, unknown>>;
  networks?: Readonly<Record<string, unknown>>;
  [field: string]: unknown;
}

/** How a file of compose names images. */
export interface ComposeOptions extends RenderedOptions {
  /**
   * Fields of `build`, in compose's own terms, by image: they go before those that follow from its declaration. For
   * local images only.
   */
  builds?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const composeArguments = z.strictObject({
  path: z.string(),
  file: z.looseObject({
    services: z
      .record(z.string().regex(/^[A-Za-z0-9._-]+$/), z.looseObject({ image: z.string().min(1).optional() }))
      .refine((services) => Object.keys(services).length > 0, "at least one service is expected")
      .meta({ examples: [{ hello: { image: "hello", ports: ["8080:8080"] } }] }),
  }),
  ...renderedOptions,
  builds: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/**
 * A file of compose. `image: "NAME"` of a service is an image of the distribution or one of its external images, and becomes
 * its reference, or with `images: "local"` the `build` of its Dockerfile; everything else is written as it is.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function composeFile(path: string, file: ComposeFile, options: ComposeOptions = {}): DocumentTarget {
  checkArguments("composeFile()", composeArguments, { path, file, ...options });
  return new ComposeDocument(path, file, options);
}

class ComposeDocument implements DocumentTarget {
  readonly kind = "file of compose";
  readonly follows: DocumentTarget["follows"];
  readonly prereleases: boolean | undefined;
  readonly into: DocumentTarget["into"];
  readonly takeOver: boolean | undefined;

  constructor(
    readonly path: string,
    private readonly file: ComposeFile,
    private readonly options: ComposeOptions,
  ) {
    this.follows = options.images === "local" ? "declaration" : "release";
    this.prereleases = options.prereleases;
    this.into = options.into;
    this.takeOver = options.takeOver;
  }

  findings(release: DocumentRelease): Finding[] {
    const own = Object.keys(release.images);
    const known = [...own, ...Object.keys(release.declaredExternalImages)];
    const unknown = imagesIn(this.file)
      .filter(({ image }) => isImageName(image) && !known.includes(image))
      .map(({ image, path }) => imageFinding(`file.${path}`, image, known));
    const { builds = {} } = this.options;
    const unbuilt = Object.keys(builds)
      .filter((image) => !own.includes(image))
      .map((image) => imageFinding(`builds.${image}`, image, own));
    return [
      ...unknown,
      ...unbuilt,
      ...(this.isLocal() ? this.localFindings(release) : referenceFindings(release, this.options)),
    ];
  }

  edits(facts: DocumentFacts): DocumentEdits {
    const rendered = withImages(this.file, (image) => {
      if (!isImageName(image)) return undefined;
      if (facts.images[image] === undefined) return { image: externalReference(facts, image, this.options) };
      return this.isLocal()
        ? this.built(facts, image)
        : { image: publishedReference(facts, image, this.options) };
    }) as ComposeFile;
    const bases = this.isLocal()
      ? this.basesOf(facts).filter((image) => this.serviceOf(image) === undefined)
      : [];
    if (bases.length === 0) return [inYaml(rendered)];
    // Nobody runs a base: it is there to be built.
    const built = bases.map((image) => [image, { profiles: ["build"], ...this.built(facts, image) }]);
    const services = { ...(Object.fromEntries(built) as ComposeFile["services"]), ...rendered.services };
    return [inYaml({ ...rendered, services })];
  }

  private isLocal(): boolean {
    return this.options.images === "local";
  }

  /** What cannot be built without Slipway. */
  private localFindings(release: DocumentRelease): Finding[] {
    return [...this.named(), ...this.basesOf(release)].flatMap((image): Finding[] => {
      const { build } = release.images[image] ?? {};
      if (release.images[image] === undefined) return [];
      const property = `builds.${image}`;
      if (build === undefined) {
        const reason = `image ${JSON.stringify(image)} has no Dockerfile, without which compose cannot build it: name it by images: "published"`;
        return [{ property, reason }];
      }
      const given = Object.keys(
        (this.options.builds?.[image]?.additional_contexts as object | undefined) ?? {},
      );
      const open = build.programs.filter((name) => !given.includes(name));
      if (build.copies.length > 0) {
        const reason = `content of ${build.copies.join(", ")} is put on top of its Dockerfile, which compose does not: name it by images: "published"`;
        return [{ property, reason }];
      }
      const unnamed = build.bases.filter(({ argument }) => argument === undefined);
      return [
        ...open.map((name) => ({
          property,
          reason:
            `context ${JSON.stringify(name)} is a program of the distribution, which compose does not build: name the folder ` +
            `that has it (a valid example: builds: { ${JSON.stringify(image)}: { additional_contexts: { ${JSON.stringify(name)}: "./${name}" } } })`,
        })),
        ...(given.length > 0 ? [] : unnamed).map((base) => ({
          property,
          reason:
            `which name its Dockerfile has for image ${JSON.stringify(base.image)} is not declared: give it an argument, ` +
            `base: { image: ${JSON.stringify(base.image)}, argument: "BASE_IMAGE" }`,
        })),
      ];
    });
  }

  /** Images that services name. */
  private named(): string[] {
    return [...new Set(imagesIn(this.file).map(({ image }) => image))].filter(isImageName);
  }

  /** Images that those are built on, whether services name them or not. */
  private basesOf({ images }: DocumentRelease): string[] {
    const found = new Set<string>();
    const visit = (image: string): void => {
      for (const base of images[image]?.build?.bases ?? []) {
        if (found.has(base.image)) continue;
        found.add(base.image);
        visit(base.image);
      }
    };
    this.named().forEach(visit);
    return [...found];
  }

  private serviceOf(image: string): string | undefined {
    return Object.entries(this.file.services).find(([, service]) => service.image === image)?.[0];
  }

  private built({ images, distribution }: DocumentRelease, image: string): ComposeService {
    const { build } = images[image] ?? {};
    const name = localImage(distribution, image);
    if (build === undefined) return { image: name };
    const section = buildSection(this.path, build, distribution, (base) => this.serviceOf(base) ?? base);
    const { additional_contexts: contexts, ...given } = this.options.builds?.[image] ?? {};
    const all = {
      ...(section.additional_contexts as object | undefined),
      ...(contexts as object | undefined),
    };
    return {
      image: name,
      build: { ...section, ...given, ...(Object.keys(all).length > 0 && { additional_contexts: all }) },
    };
  }
}

function inYaml(file: ComposeFile) {
  return { yaml: { json: pulumi.jsonStringify([file]) } };
}
