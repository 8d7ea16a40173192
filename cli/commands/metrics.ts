import { existsSync, readFileSync } from "node:fs";
import { readSizes } from "../../lib/contents/image-sizes";
import { publishedImages } from "../../lib/contents/published-images";
import { metricsMarkdown, metricsPrometheus, metricsText } from "../../lib/display/metrics-texts";
import type { RunCli } from "../../lib/display/shown-run";
import { environmentToken } from "../../lib/github/endpoint";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { SetupError } from "../../lib/machine/setup-error";
import {
  emptyHistory,
  freshReport,
  historyText,
  parseHistory,
  withChanges,
  withReport,
  type MetricsHistory,
} from "../../lib/metrics/history";
import { lookAtMetrics } from "../../lib/metrics/look";
import type { MetricsReport } from "../../lib/metrics/report";
import { askedMetrics } from "../../lib/metrics/stack-metrics";
import { withoutPatience } from "../../lib/oci/transport/retry";
import { briefRetryPolicy } from "../../lib/oci/transport/retry-policy";
import { version as packageVersion } from "../../package.json";
import {
  formatOf,
  ofProject,
  ofStack,
  toFile,
  UsageError,
  type Command,
  type Values,
  writeText,
} from "../command";
import { exportedState } from "../exported-state";
import { projectFolder } from "../project-folder";
import { PublishedRepositories } from "../published-repositories";

const formats = ["text", "markdown", "json", "prometheus"] as const;

const defaultVersions = 10;
const defaultKeep = 400;

/** `npx slipway metrics`. @param run runs the Pulumi CLI */
export const metricsCommand = (run: RunCli): Command => ({
  summary: "Tells how what a stack has published is used: pulls, downloads, failures, feedback, sizes, ages",
  details:
    "Services are asked that tell such numbers to everybody; what nobody tells is not available, with its reason, and\n" +
    "fails nothing. Whose numbers are read is declared by `metrics`. Nothing is changed, also not in the state.",
  options: {
    ...ofProject,
    ...ofStack,
    format: { type: "string", value: "FORMAT", help: "text (default), markdown, json, or prometheus." },
    ...toFile,
    history: {
      type: "string",
      value: "FILE",
      help: "File with what was found before, which what is found now is added to; within an hour nothing is asked again.",
    },
    keep: {
      type: "string",
      value: "COUNT",
      help: `Looks that stay in that file. Default: ${defaultKeep}.`,
    },
    versions: {
      type: "string",
      value: "COUNT",
      help: `Newest versions whose sizes, ages and downloads are told. Default: ${defaultVersions}.`,
    },
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const keep = countAt(values, "keep", defaultKeep, 10_000);
    const versions = countAt(values, "versions", defaultVersions, 100);
    const { history: file } = values;
    if (values.keep !== undefined && file === undefined)
      throw new UsageError("--keep: is about a file of --history");
    const now = new Date();
    const history = typeof file === "string" ? readHistory(file) : undefined;
    const known = history && freshReport(history, now);
    const report = known ?? (await look(run, values, { now, versions, history }));
    if (typeof file === "string" && history && !known)
      await writeFileAtomically(file, historyText(withReport(history, report, keep)));
    const text = {
      text: () => metricsText(report),
      markdown: () => metricsMarkdown(report),
      json: () => `${JSON.stringify(report, undefined, 2)}\n`,
      prometheus: () => metricsPrometheus(report),
    }[format]();
    writeText(values, text);
    return 0;
  },
});

interface Look {
  readonly now: Date;
  readonly versions: number;
  readonly history: MetricsHistory | undefined;
}

/** @throws SetupError for a stack that declares no metrics */
async function look(run: RunCli, values: Values, { now, versions, history }: Look): Promise<MetricsReport> {
  const project = projectFolder(values.cwd);
  const exported = await exportedState(
    run,
    project,
    typeof values.stack === "string" ? values.stack : undefined,
  );
  const asked = askedMetrics(exported);
  if (asked.length === 0)
    throw new SetupError(
      "No distribution of the stack declares metrics.",
      "Add `metrics: {}` to one, and run `pulumi up`: it publishes nothing for that.",
    );
  const repositories = new PublishedRepositories(project, briefRetryPolicy);
  try {
    const report = await lookAtMetrics(asked, publishedImages(exported), {
      now,
      versions,
      agent: `slipway/${packageVersion}`,
      tokenFor: (endpoint) => environmentToken(endpoint, process.env),
      sizesOf: ({ repository, digest }) =>
        withoutPatience(() => repositories.read(repository, (opened) => readSizes(opened, digest))),
    });
    return history ? withChanges(report, history) : report;
  } finally {
    await repositories.close();
  }
}

/** @throws SetupError for a file of something else, which is not written over */
function readHistory(file: string): MetricsHistory {
  if (!existsSync(file)) return emptyHistory;
  try {
    return parseHistory(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupError(
      `--history ${file} is not a history of metrics as Slipway writes it.`,
      `Name another file, or remove it. (${(error as Error).message.split("\n")[0]})`,
    );
  }
}

/** @throws UsageError for what is no number from 1 to `most` */
function countAt(values: Values, option: string, usual: number, most: number): number {
  const value = values[option];
  if (typeof value !== "string") return usual;
  const count = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(
    `--${option} ${value}: a number from 1 to ${most} is expected, e.g. --${option} ${usual}`,
  );
}
