import assert from "node:assert/strict";
import { metricsMarkdown, metricsPrometheus, metricsText } from "../../../lib/display/metrics-texts";
import { reportOf } from "../../../lib/metrics/report";
import { notAvailable, row } from "../../../lib/metrics/row";

describe("texts of how what is published is used", () => {
  const report = reportOf(new Date("2026-11-30T12:00:00.000Z"), [
    { ...row("pulls", "docker.io/acme/app", 1234), change: 100, since: "2026-11-01T12:00:00.000Z" },
    notAvailable("stars", "docker.io/acme/app", "it says\n|nothing|"),
    row("downloads", "acme/app", 30, { version: "v1.0.0", platform: "linux/amd64" }),
    row("downloads", "acme/app", 2, { version: "v1.0.0", platform: "darwin" }),
    row("failures", "acme/app", 0.025, { period: "30 days" }),
    {
      ...row("size", "docker.io/acme/app", 4_100_000, { version: "v1.1.0", platform: "linux/amd64" }),
      change: -900_000,
      since: "v1.0.0",
    },
    row("age", "version", 7_200, { version: "v1.1.0" }),
  ]);

  it("BLEU-30: are tables with the five values first", () => {
    assert.equal(
      metricsText(report),
      `use               value                     of
pull count        1234                      1 of 1 repositories, since they were made
per-version use   v1.0.0 32                 files of releases, since they were published
per-platform use  linux/amd64 30, darwin 2  files of releases, since they were published
error rate        2.5 %                     runs of CI that failed: acme/app, in 30 days
user feedback     not available             no label is declared (metrics.feedback)

metric     of                  version  platform     period   value          change
pulls      docker.io/acme/app  -        -            -        1234           +100 since 2026-11-01T12:00:00.000Z
stars      docker.io/acme/app  -        -            -        not available  it says |nothing|
downloads  acme/app            v1.0.0   linux/amd64  -        30             -
downloads  acme/app            v1.0.0   darwin       -        2              -
failures   acme/app            -        -            30 days  2.5 %          -
size       docker.io/acme/app  v1.1.0   linux/amd64  -        4.1 MB         -900.0 kB since v1.0.0
age        version             v1.1.0   -            -        2 h            -

Read at 2026-11-30T12:00:00.000Z.
`,
    );
  });

  it("are a table of Markdown in which words of others are no markup", () => {
    const markdown = metricsMarkdown(report);
    assert.match(markdown, /^\| use \| value \| of \|\n\| --- \| --- \| --- \|\n\| pull count \| 1234 \|/);
    assert.match(markdown, /it says \\\|nothing\\\|/);
  });

  it("are gauges of Prometheus, each with its labels, and of what nobody tells", () => {
    const text = metricsPrometheus(report);
    assert.match(
      text,
      /^# HELP slipway_pulls .*\n# TYPE slipway_pulls gauge\nslipway_pulls\{of="docker\.io\/acme\/app",version="",platform="",period=""\} 1234\n/,
    );
    assert.match(
      text,
      /\nslipway_image_size_bytes\{of="docker\.io\/acme\/app",version="v1\.1\.0",platform="linux\/amd64",period=""\} 4100000\n/,
    );
    assert.match(
      text,
      /\nslipway_metric_unavailable\{metric="stars",of="docker\.io\/acme\/app",version="",platform="",period=""\} 1\n/,
    );
    assert.match(text, /\nslipway_metrics_read_timestamp_seconds 1796040000\n$/);
    for (const line of text.trimEnd().split("\n"))
      assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{([a-z]+="[^"\n]*",?)*\})? \S+)$/);
  });
});
