import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import {
  awsProduct,
  awsServices,
  awsTexts,
  isEcrOfMarketplace,
  renderAwsVersion,
} from "../../lib/marketplace/aws";
import {
  azureId,
  azureName,
  azureRepository,
  clusterExtensionType,
  renderAzurePlan,
} from "../../lib/marketplace/azure";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import { unknownImages } from "./install-section";
import type { Section } from "./section";

/** Arguments of {@link awsMarketplaceVersion}. */
export interface AwsMarketplaceVersionArgs {
  /** Identifier of the container product in the catalog. */
  product: string;
  /** Images of it, each in a repository of Amazon ECR in us-east-1. Default: all. */
  images?: string[];
  /** Services that it is for. */
  services: ("ECS" | "EKS" | "ECS-Anywhere" | "EKS-Anywhere")[];
  /** Title of the delivery option, of at most 72 characters. */
  title: string;
  /** What it is, in at most 1000 characters. */
  description: string;
  /** How buyers start it, in at most 4000 characters. */
  usage: string;
  /** What is new; the digests stand below. Default: name and version. */
  releaseNotes?: string;
}

/** Arguments of {@link azureMarketplacePlan}. */
export interface AzureMarketplacePlanArgs {
  /** Identifier of the container offer. */
  product: string;
  /** Identifier of the plan. */
  plan: string;
  /** Subscription and resource group of the registry. */
  subscription: string;
  resourceGroup: string;
  /** Image that is listed, in an Azure Container Registry; with `bundle` the CNAB bundle. */
  image: string;
  /** An application of Kubernetes, which is a CNAB bundle. Default: a listed image. */
  bundle?: { tenant: string; extensionType: string };
  /** User who reads a listed image. Its password is in no file. Default: the registry's own name, as that of its administrator. */
  userName?: string;
}

const name = z.string().min(1);

const awsArguments = z.strictObject({
  product: awsProduct.meta({ examples: ["prod-abcdef123456"] }),
  images: z
    .array(name)
    .min(1)
    .max(50)
    .meta({ examples: [["hello"]] })
    .optional(),
  services: z
    .array(z.enum(awsServices))
    .min(1)
    .meta({ examples: [["ECS"]] }),
  title: awsTexts.title.meta({ examples: ["Container image"] }),
  description: awsTexts.description.meta({ examples: ["Greets the world"] }),
  usage: awsTexts.usage.meta({ examples: ["docker run IMAGE"] }),
  releaseNotes: awsTexts.releaseNotes.max(20_000).optional(),
});

const guid = azureId.meta({ examples: ["12345678-1234-4234-8234-123456789012"] });

const azureArguments = z.strictObject({
  product: guid,
  plan: guid,
  subscription: guid,
  resourceGroup: azureName.meta({ examples: ["releases"] }),
  image: name.meta({ examples: ["hello"] }),
  bundle: z.strictObject({ tenant: guid, extensionType: clusterExtensionType }).optional(),
  userName: azureName.optional(),
});

/**
 * A version of a container product in AWS Marketplace: the body of `StartChangeSet`, which adds a delivery option with the released
 * images. For a file such as `marketplace/aws.json`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function awsMarketplaceVersion(args: AwsMarketplaceVersionArgs): Section {
  checkArguments("awsMarketplaceVersion()", awsArguments, args);
  const namesOf = ({ images }: DocumentRelease) => args.images ?? Object.keys(images);
  return {
    findings(release: DocumentRelease): Finding[] {
      const unknown = unknownImages("images", args.images, release.images);
      if (unknown.length > 0) return unknown;
      return namesOf(release).flatMap((image) =>
        placeFindings(
          "images",
          release,
          image,
          isEcrOfMarketplace,
          "Amazon ECR in us-east-1, which AWS Marketplace takes images from",
          '"709825985650.dkr.ecr.us-east-1.amazonaws.com/acme"',
        ),
      );
    },
    text(facts: DocumentFacts) {
      const names = namesOf(facts);
      const { distribution, version = "" } = facts;
      return pulumi.all(names.map((image) => facts.digestOf(image))).apply((digests) =>
        renderAwsVersion({
          ...args,
          releaseNotes: args.releaseNotes ?? `${distribution} ${version}`,
          version,
          images: names.map((image, index) => ({
            reference: `${placeOf(facts, image, isEcrOfMarketplace)}:${facts.images[image]?.tag}`,
            digest: digests[index] ?? "",
          })),
        }),
      );
    },
  };
}

/**
 * The technical configuration of a container plan in Microsoft's marketplace: the body of `configure` of its product ingestion
 * API. For a file such as `marketplace/azure.json`.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function azureMarketplacePlan(args: AzureMarketplacePlanArgs): Section {
  checkArguments("azureMarketplacePlan()", azureArguments, args);
  const { image } = args;
  const isThere = (repository: string) => azureRepository(repository) !== undefined;
  return {
    findings(release: DocumentRelease): Finding[] {
      const unknown = unknownImages("image", [image], release.images);
      if (unknown.length > 0) return unknown.map(({ reason }) => ({ property: "image", reason }));
      const place = "Azure Container Registry, which Microsoft's marketplace takes images from";
      return placeFindings("image", release, image, isThere, place, '"acmeinc.azurecr.io/hello"');
    },
    text(facts: DocumentFacts) {
      const repository = placeOf(facts, image, isThere);
      const { userName = azureRepository(repository)?.registry ?? "" } = args;
      const { tag = "" } = facts.images[image] ?? {};
      return facts
        .digestOf(image)
        .apply((digest) => renderAzurePlan({ ...args, userName, repository, tag, digest }));
    },
  };
}

/** The first place of an image that a marketplace takes. */
function placeOf(
  { images }: DocumentRelease,
  image: string,
  isTaken: (repository: string) => boolean,
): string {
  return images[image]?.repositories.find(isTaken) ?? "";
}

function placeFindings(
  property: string,
  release: DocumentRelease,
  image: string,
  isTaken: (repository: string) => boolean,
  place: string,
  example: string,
): Finding[] {
  const { repositories = [], tag } = release.images[image] ?? {};
  if (!repositories.some(isTaken)) {
    const reason =
      `${JSON.stringify(image)} is in no ${place} (it is in ${repositories.join(", ")}): declare such a registry ` +
      `(a valid example: ${example})`;
    return [{ property, reason }];
  }
  if (tag !== undefined) return [];
  const reason = `${JSON.stringify(image)} has no tag of the version, which the listing names: declare tags such as semverTags()`;
  return [{ property, reason }];
}
