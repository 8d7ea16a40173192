import * as z from "zod";
import { projectPath } from "./artifact";
import { defineResource } from "./definition";
import { digest, pushedRepository, repository, tag } from "./shapes";

/** Characters of a text that is set in a file which people read. */
const longestValue = 10_000;

const chartImage = z
  .strictObject({
    repository: pushedRepository,
    tag: tag.optional().describe("A tag of it that never moves, for charts that show one. Default: none."),
    digest,
  })
  .meta({ id: "ChartImage", description: "An image that the values of a chart name." });

/** `slipway:helm:Chart`: a Helm chart, pushed by digest. */
export const helmChartDefinition = defineResource({
  token: "slipway:helm:Chart",
  description:
    "A Helm chart as an OCI artifact, packed reproducibly and pushed by digest, as `helm push` pushes one: its " +
    "version in `Chart.yaml`, and released images in `values.yaml`. A tag, which is what makes it visible, is " +
    "another resource.",
  inputs: z.strictObject({
    repository: repository.describe(
      "Repository as `host[:port]/path`, whose last part is the name of the chart.",
    ),
    directory: projectPath.meta({
      description: "Folder of the chart, with its `Chart.yaml`; what `.helmignore` leaves out is not packed.",
      examples: ["charts/hello"],
    }),
    version: z
      .string()
      .meta({ description: "Version of the chart, as SemVer without `v`.", examples: ["1.2.3"] }),
    appVersion: z
      .string()
      .optional()
      .meta({
        description: "Version of what it installs. Default: that in `Chart.yaml`.",
        examples: ["v1.2.3"],
      }),
    values: z
      .record(z.string().min(1), z.union([z.string().max(longestValue), z.number(), z.boolean()]))
      .optional()
      .meta({
        description: "Values to set in `values.yaml`, by path; each has to be there. Default: none.",
        examples: [{ "service.port": 8080 }],
      }),
    images: z
      .record(z.string().min(1), chartImage)
      .optional()
      .describe(
        "Images by path in `values.yaml`: a text, which becomes the whole reference, or fields with `repository` " +
          "and `digest` or `tag`, and `registry` where the host is apart. Default: none.",
      ),
    digest: digest.optional().describe("Computed: digest of the manifest."),
    files: z.record(z.string(), digest).optional().describe("Computed: digest of each file that is packed."),
  }),
  computed: ["digest", "files"],
  outputs: z.strictObject({
    digest,
    mediaType: z.string().describe("Media type of the manifest."),
    size: z.number().describe("Size of the manifest, in bytes."),
    archiveDigest: digest.describe("Digest of the archive (`.tgz`)."),
    reference: z.string().describe("`repository@digest`."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
