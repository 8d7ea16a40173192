import * as z from "zod";

/** Where Microsoft publishes the schemas. */
const schemas = "https://schema.mp.microsoft.com/schema";

/** Identifier of a subscription, tenant, product or plan. */
export const azureId = z.guid();

/** Name of a resource group. */
export const azureName = z.string().min(1).max(100);

/** `PUBLISHER.APPLICATION` of a cluster extension. */
export const clusterExtensionType = z
  .string()
  .regex(/^[a-zA-Z.-]{1,50}$/, "at most 50 letters, dots and dashes are expected")
  .meta({ examples: ["Acme.Hello"] });

const planFields = {
  $schema: z.literal(`${schemas}/container-plan-technical-configuration/2022-03-01-preview3`),
  product: z.string().regex(/^product\/[0-9a-f-]+$/),
  plan: z.string().regex(/^plan\/[0-9a-f-]+\/[0-9a-f-]+$/),
};

/**
 * `configure` of the product ingestion API of Microsoft's marketplace with the technical configuration of one container plan, in
 * the published form: of a listed image, or of an application of Kubernetes, which is a CNAB bundle.
 */
export const azureConfiguration = z.strictObject({
  $schema: z.literal(`${schemas}/configure/2022-03-01-preview2`),
  resources: z.tuple([
    z.discriminatedUnion("payloadType", [
      z.strictObject({
        ...planFields,
        payloadType: z.literal("image"),
        imageRepositoryDetails: z.strictObject({
          subscriptionId: azureId,
          resourceGroupName: azureName,
          registryName: azureName,
          repositoryName: azureName,
          userName: azureName,
          password: azureName,
        }),
        imageTags: z.array(z.string().min(1).max(100)).min(1).max(16),
      }),
      z.strictObject({
        ...planFields,
        payloadType: z.literal("cnab"),
        clusterExtensionType,
        cnabReferences: z.tuple([
          z.strictObject({
            tenantId: azureId,
            subscriptionId: azureId,
            resourceGroupName: azureName,
            registryName: azureName,
            repositoryName: azureName,
            tag: z.string().min(1),
            digest: z
              .string()
              .max(100)
              .regex(/^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/),
          }),
        ]),
      }),
    ]),
  ]),
});

/** A plan of a container offer. */
export interface AzurePlan {
  readonly product: string;
  readonly plan: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  /** An application of Kubernetes. Default: a listed image. */
  readonly bundle?: { readonly tenant: string; readonly extensionType: string } | undefined;
  /** Who reads a listed image. */
  readonly userName: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** Name of the registry and path in it; undefined where a repository is in no Azure Container Registry. */
export function azureRepository(repository: string): { registry: string; path: string } | undefined {
  const [, registry, path] = /^([a-z0-9]{5,50})\.azurecr\.io\/(.+)$/.exec(repository) ?? [];
  return registry === undefined || path === undefined ? undefined : { registry, path };
}

/** The password of a registry is in no file: who posts it puts it in the place of this. */
export const passwordPlace = "${ACR_PASSWORD}";

/** The configuration, in JSON. */
export function renderAzurePlan(declared: AzurePlan): string {
  const { registry = "", path = "" } = azureRepository(declared.repository) ?? {};
  const { product, plan, subscription, resourceGroup, bundle, tag, digest } = declared;
  const fields = {
    $schema: planFields.$schema.value,
    product: `product/${product}`,
    plan: `plan/${product}/${plan}`,
  };
  const place = {
    subscriptionId: subscription,
    resourceGroupName: resourceGroup,
    registryName: registry,
    repositoryName: path,
  };
  const configuration: z.infer<typeof azureConfiguration> = {
    $schema: `${schemas}/configure/2022-03-01-preview2`,
    resources: [
      bundle === undefined
        ? {
            ...fields,
            payloadType: "image",
            imageRepositoryDetails: { ...place, userName: declared.userName, password: passwordPlace },
            imageTags: [tag],
          }
        : {
            ...fields,
            payloadType: "cnab",
            clusterExtensionType: bundle.extensionType,
            cnabReferences: [{ tenantId: bundle.tenant, ...place, tag, digest }],
          },
    ],
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}
