import * as z from "zod";
import { chartNamePattern } from "../../lib/channels/helm/names";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import { helmChartDefinition } from "../../resources/definitions/helm-chart";

const { directory, values } = helmChartDefinition.inputs.shape;

/** Name of a chart, as its `Chart.yaml` has it. */
export const chartName = z
  .string()
  .regex(
    chartNamePattern,
    'lower-case letters, digits and single dashes are expected (a valid example: "hello")',
  );

/** A Helm chart of a distribution. */
export const chart = z.strictObject({
  /** Folder of the chart, relative to the project's. What `.helmignore` leaves out is not packed. */
  directory,
  /** Name of its repository below each namespace; its last part is the chart's name. Default: `charts/NAME`. */
  repository: checked(checkRepositoryPath)
    .optional()
    .meta({ examples: ["charts/hello"] }),
  /**
   * Images of the distribution that the chart installs: the path in its `values.yaml` that names one,
   * and the name of the image. They are set to the released ones, by digest.
   */
  images: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .meta({ examples: [{ image: "hello" }] }),
  /** Further values to set in `values.yaml`, by path; each has to be there. */
  values,
});

export type ChartDeclaration = z.infer<typeof chart>;
