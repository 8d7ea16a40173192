import assert from "node:assert/strict";
import { awsChangeSet, isEcrOfMarketplace, renderAwsVersion } from "../../../lib/marketplace/aws";
import { azureConfiguration, azureRepository, renderAzurePlan } from "../../../lib/marketplace/azure";

const digest = `sha256:${"a".repeat(64)}`;
const ids = {
  product: "a8b48be1-a630-41b5-b5a5-c2a9f7789922",
  plan: "4db792e6-8e10-439d-9db2-a0e98fa7e174",
  subscription: "537d2130-be25-451e-b3ff-c5b469a13e2d",
};
const repository = "acmeinc.azurecr.io/tools/hello";
const plan = { ...ids, resourceGroup: "releases", userName: "acme", repository, tag: "v1.0.0", digest };

describe("what marketplaces are told of a version", () => {
  const reference = "709825985650.dkr.ecr.us-east-1.amazonaws.com/acme/hello:v1.0.0";
  const aws = {
    product: "prod-abcdef123456",
    version: "v1.0.0",
    title: "Container image",
    description: "Greets",
    usage: "docker run",
    releaseNotes: "New",
    services: ["ECS"] as const,
    images: [{ reference, digest }],
  };

  it("is for AWS a change set, with images by tag and their digests in the notes", () => {
    const change: unknown = JSON.parse(renderAwsVersion(aws));
    const { ChangeSet } = awsChangeSet.parse(change);
    const { Version, DeliveryOptions } = ChangeSet[0].DetailsDocument;
    assert.deepEqual(Version, { VersionTitle: "v1.0.0", ReleaseNotes: `New\n\n- ${reference}@${digest}` });
    assert.deepEqual(DeliveryOptions[0].Details.EcrDeliveryOptionDetails, {
      ContainerImages: [reference],
      CompatibleServices: ["ECS"],
      Description: "Greets",
      UsageInstructions: "docker run",
    });
  });

  it("is for Microsoft the configuration of a plan, of an image without its password, or of a bundle by digest", () => {
    const [image] = azureConfiguration.parse(JSON.parse(renderAzurePlan(plan))).resources;
    assert.ok(image.payloadType === "image");
    assert.deepEqual(
      [image.product, image.plan],
      [`product/${ids.product}`, `plan/${ids.product}/${ids.plan}`],
    );
    assert.deepEqual(image.imageRepositoryDetails, {
      subscriptionId: ids.subscription,
      resourceGroupName: "releases",
      registryName: "acmeinc",
      repositoryName: "tools/hello",
      userName: "acme",
      password: "${ACR_PASSWORD}",
    });
    const bundle = { tenant: ids.subscription, extensionType: "Acme.Hello" };
    const [cnab] = azureConfiguration.parse(JSON.parse(renderAzurePlan({ ...plan, bundle }))).resources;
    assert.ok(cnab.payloadType === "cnab");
    assert.deepEqual([cnab.cnabReferences[0].tag, cnab.cnabReferences[0].digest], ["v1.0.0", digest]);
  });

  it("takes images from the marketplace's own kind of registry alone", () => {
    for (const [place, aws, azure] of [
      ["709825985650.dkr.ecr.us-east-1.amazonaws.com/acme/hello", true, undefined],
      ["709825985650.dkr.ecr.eu-west-1.amazonaws.com/acme/hello", false, undefined],
      ["public.ecr.aws/acme/hello", false, undefined],
      ["acmeinc.azurecr.io/hello", false, { registry: "acmeinc", path: "hello" }],
      ["acmeinc.azurecr.io.example/hello", false, undefined],
      ["ghcr.io/acme/hello", false, undefined],
    ] as const) {
      assert.deepEqual([isEcrOfMarketplace(place), azureRepository(place)], [aws, azure], place);
    }
  });
});
