import * as z from "zod";

/** AWS's own registry of Amazon ECR, as listings name images: the account of the marketplace or of the seller, in one region. */
const ecrHost = /^\d{12}\.dkr\.ecr\.us-east-1\.amazonaws\.com$/;

/** A text that does not begin with white space (`^\S+[\S\s]*`). */
const text = (most: number) =>
  z.string().min(1).max(most).regex(/^\S/, "a text that does not begin with a space is expected");

/** What a version of a container product may say. */
export const awsTexts = {
  title: text(72),
  description: text(1000),
  usage: text(4000),
  releaseNotes: text(30_000),
} as const;

/** Services that a container product is for. */
export const awsServices = ["ECS", "EKS", "ECS-Anywhere", "EKS-Anywhere"] as const;

/** Identifier of a product in the catalog. */
export const awsProduct = z
  .string()
  .regex(/^[\w-]{1,255}$/, "the identifier of a container product is expected");

/**
 * `StartChangeSet` of the AWS Marketplace Catalog API with one `AddDeliveryOptions`, in the form of AWS's published
 * models of `ContainerProduct@1.0` (aws-marketplace-catalog-api-shapes).
 */
export const awsChangeSet = z.strictObject({
  Catalog: z.literal("AWSMarketplace"),
  ChangeSet: z.tuple([
    z.strictObject({
      ChangeType: z.literal("AddDeliveryOptions"),
      Entity: z.strictObject({ Type: z.literal("ContainerProduct@1.0"), Identifier: awsProduct }),
      DetailsDocument: z.strictObject({
        Version: z.strictObject({ VersionTitle: text(64), ReleaseNotes: awsTexts.releaseNotes }),
        DeliveryOptions: z.tuple([
          z.strictObject({
            DeliveryOptionTitle: awsTexts.title,
            Details: z.strictObject({
              EcrDeliveryOptionDetails: z.strictObject({
                ContainerImages: z.array(z.string().min(1).max(1000)).min(1).max(50),
                CompatibleServices: z.array(z.enum(awsServices)).min(1).max(4),
                Description: awsTexts.description,
                UsageInstructions: awsTexts.usage,
              }),
            }),
          }),
        ]),
      }),
    }),
  ]),
});

/** A released image, as a listing names it. */
export interface ListedImage {
  /** `host/path:tag` */
  readonly reference: string;
  readonly digest: string;
}

/** A version of a container product. */
export interface AwsVersion {
  readonly product: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly usage: string;
  readonly releaseNotes: string;
  readonly services: readonly (typeof awsServices)[number][];
  readonly images: readonly ListedImage[];
}

/** Returns whether a repository is one that AWS Marketplace takes images from. */
export function isEcrOfMarketplace(repository: string): boolean {
  return ecrHost.test(repository.split("/")[0] ?? "");
}

/** The change, in JSON. The notes have the digests: the published form names images by tag. */
export function renderAwsVersion(declared: AwsVersion): string {
  const digests = declared.images.map(({ reference, digest }) => `- ${reference}@${digest}`);
  const change: z.infer<typeof awsChangeSet> = {
    Catalog: "AWSMarketplace",
    ChangeSet: [
      {
        ChangeType: "AddDeliveryOptions",
        Entity: { Type: "ContainerProduct@1.0", Identifier: declared.product },
        DetailsDocument: {
          Version: {
            VersionTitle: declared.version,
            ReleaseNotes: [declared.releaseNotes, "", ...digests].join("\n"),
          },
          DeliveryOptions: [
            {
              DeliveryOptionTitle: declared.title,
              Details: {
                EcrDeliveryOptionDetails: {
                  ContainerImages: declared.images.map(({ reference }) => reference),
                  CompatibleServices: [...declared.services],
                  Description: declared.description,
                  UsageInstructions: declared.usage,
                },
              },
            },
          ],
        },
      },
    ],
  };
  return `${JSON.stringify(change, null, 2)}\n`;
}
