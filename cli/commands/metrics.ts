import { readSizes } from "../../lib/contents/image-sizes";
import { publishedImages } from "../../lib/contents/published-images";
import { metricsMarkdown, metricsPrometheus, metricsText } from "../../lib/display/metrics-texts";
import type { RunCli } from "../../lib/display/shown-run";
import { environmentToken } from "../../lib/github/endpoint";
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
  countAt,
  formatOf,
  ofProject,
  ofStack,
  toFile,
  type Command,
  type Values,
  writeText,
} from "../command";
import { exportedState } from "../exported-state";
import { historyFile, historyOptions, type HistoryForm } from "../history-file";
import { projectFolder } from "../project-folder";
import { PublishedRepositories } from "../published-repositories";

const formats = ["text", "markdown", "json", "prometheus"] as const;

const defaultVersions = 10;

const form: HistoryForm<MetricsHistory> = {
  of: "metrics",
  empty: emptyHistory,
  parse: parseHistory,
  text: historyText,
};

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
    ...historyOptions(
      "File with what was found before, which what is found now is added to; within an hour nothing is asked again.",
    ),
    versions: {
      type: "string",
      value: "COUNT",
      help: `Newest versions whose sizes, ages and downloads are told. Default: ${defaultVersions}.`,
    },
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const versions = countAt(values, "versions", defaultVersions, 100);
    const history = historyFile(values, form);
    const now = new Date();
    const known = history && freshReport(history.former, now);
    const report = known ?? (await look(run, values, { now, versions, history: history?.former }));
    if (history && !known) await history.write(withReport(history.former, report, history.keep));
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
