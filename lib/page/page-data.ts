import * as z from "zod";
import { servedStates } from "../display/served-state";
import { severities } from "../scan/finding";

/** What the pages show, for machines: one file for the project, and one for each version. */

const digest = z.string().describe("A digest, `sha256:<hex>`.");
const state = z.enum(servedStates).describe("How it was found; `slipway status` has the same words.");
const reason = z.string().optional().describe("Why, or what to do next.");

/** Instead of what is not known. */
const notAvailable = z.strictObject({ notAvailable: z.string().describe("Why it is not known.") });

const row = z.strictObject({
  kind: z.string().describe("`tag`, `file`, `channel` and others."),
  place: z.string().describe("Repository, release or channel."),
  name: z.string(),
  declared: z.string().describe("What was published: a digest, or a version."),
  served: z.string().describe("What is there; empty where nothing is, or nobody could look."),
  state,
  since: z.string().optional().describe("Since when it waits for others, as ISO 8601."),
  reason: z.string().describe("Why, or what to do next."),
  version: z.string().optional().describe("The version that it was published for."),
  released: z.string().optional().describe("When that was published first, as an RFC 3339 time in UTC."),
});

const notice = z.strictObject({
  versions: z.string().describe("A version, or a line of versions."),
  since: z.string().describe("Day on which it was announced."),
  removal: z.string().optional().describe("Day from which on they may be removed."),
  reason: z.string().optional(),
  instead: z.string().optional(),
});

const chart = z.strictObject({
  title: z.string(),
  unit: z.enum(["bytes", "count", "seconds"]),
  at: z.array(z.string()).describe("What the values are of, in their order: versions, or times."),
  series: z.array(
    z.strictObject({
      name: z.string(),
      values: z.array(z.number().nullable()).describe("A value for each of `at`; null where there is none."),
    }),
  ),
  notAvailable: z.string().optional().describe("Why there are no values."),
});

const summary = z.strictObject({
  version: z.string(),
  published: z.string().describe("When it was published first, as an RFC 3339 time in UTC."),
  folder: z.string().optional().describe("Folder of its pages; absent where it has none."),
  deprecated: notice.optional(),
});

const project = z.strictObject({
  schemaVersion: z.literal(1).describe("Version of this format."),
  kind: z.literal("project"),
  name: z.string(),
  url: z.string().optional().describe("Where the pages are served."),
  looked: z.string().optional().describe("When it was looked at what is served, as an RFC 3339 time in UTC."),
  rows: z.array(row).describe("What is served of what was published."),
  errors: z.array(z.string()).describe("What kept Slipway from looking at all of it."),
  install: z.string().describe("How it is installed, in Markdown."),
  verify: z.string().describe("How it is checked, in Markdown."),
  versions: z.array(summary).describe("What was published, the newest first."),
  charts: z.array(chart),
});

const image = z.strictObject({
  repository: z.string(),
  digest,
  tags: z.array(z.strictObject({ tag: z.string(), state, served: z.string(), reason })),
  proofs: z.array(z.strictObject({ kind: z.string(), digest })).describe("What is attached to it."),
  verify: z.array(z.string()).describe("Commands that check it."),
  platforms: z.union([
    z.array(
      z.strictObject({
        platform: z.string(),
        digest,
        size: z.number().describe("Bytes as transferred."),
        before: z.number().optional().describe("Bytes in the version before."),
      }),
    ),
    notAvailable,
  ]),
});

const release = z.strictObject({
  place: z.string().describe("Repository of GitHub, or folder, and tag."),
  files: z.array(
    z.strictObject({
      name: z.string(),
      sha256: z.string(),
      size: z.number().optional().describe("Bytes."),
      url: z.string().optional(),
      state,
      reason,
    }),
  ),
});

const found = z.array(z.string()).describe("Images with their platforms.");

const packages = z.strictObject({
  list: z
    .array(
      z.strictObject({
        name: z.string().describe("Type and name, as `deb/debian/openssl`."),
        versions: z.array(z.string()),
        change: z
          .enum(["came", "went", "changed"])
          .optional()
          .describe("What has become of it since `from`."),
        before: z.array(z.string()).optional().describe("Versions in the version before, where it changed."),
        in: z.array(z.number().int()).describe("Where it is: positions in `images`."),
      }),
    )
    .describe("By name; those that went are among them."),
  images: found,
  lacking: found.describe("Images with their platforms that have no SBOM."),
});

const vulnerabilities = z.strictObject({
  list: z.array(
    z.strictObject({
      id: z.string(),
      severity: z.enum(severities),
      title: z.string(),
      package: z.string().optional(),
      version: z.string().optional(),
      fixedVersion: z.string().optional(),
      change: z.enum(["new", "fixed"]).optional().describe("What has become of it since `from`."),
      in: found,
    }),
  ),
  lacking: found.describe("Images with their platforms that have no report of a scan."),
});

const version = z.strictObject({
  schemaVersion: z.literal(1).describe("Version of this format."),
  kind: z.literal("version"),
  project: z.string(),
  version: z.string(),
  published: z.string().describe("When it was published first, as an RFC 3339 time in UTC."),
  deprecated: notice.optional(),
  from: z.string().optional().describe("The version before, which it is compared with."),
  images: z.array(image),
  releases: z.array(release),
  packages: z.union([packages, notAvailable]),
  vulnerabilities: z.union([vulnerabilities, notAvailable]).describe("As scans have found them."),
  notKnown: z.array(z.string()).describe("What could not be compared, and why."),
});

const page = z.discriminatedUnion("kind", [project, version]);

export type ProjectPage = z.infer<typeof project>;
export type VersionPage = z.infer<typeof version>;
export type PageChart = z.infer<typeof chart>;
export type PageNotice = z.infer<typeof notice>;
export type PageRow = z.infer<typeof row>;

/** The JSON Schema of both. */
export function pageSchema(): object {
  return { title: "What a release page shows", ...z.toJSONSchema(page, { target: "draft-07" }) };
}
