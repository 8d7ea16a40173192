import { shortDigest } from "../../lib/oci/digest";
import { isNotFound } from "../../lib/oci/errors";
import { scanners } from "../../lib/scan/scan-run";
import { ScannerMissing } from "../../lib/scan/scanner";
import { isExpired } from "../../lib/scan/verdict";
import { dayOf } from "../../lib/text/day";
import { InputError } from "../../resources/definitions/input-findings";
import { scanDefinition } from "../../resources/definitions/scan";
import type { ResourceContext } from "../run/context";
import { childrenOf, type IndexChild } from "../images/index-children";
import { inputChanges } from "../run/replacement";
import {
  scannerName,
  type ScannerInputs,
  scanSubjects,
  settingsOf,
  unscannedChildren,
  warnOfVerdicts,
} from "./scan-gate";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { factsOfVex } from "./vex";
import { hasUnknown } from "../base/unknown";

type Inputs = InputsOf<typeof scanDefinition>;
type State = StateOf<typeof scanDefinition>;

/** Inputs whose change makes another verdict possible. */
const decisive = [
  "subjects",
  "scanner",
  "kinds",
  "failOn",
  "fixableOnly",
  "exceptions",
  "vex",
  "vexDigests",
  "vexAccepts",
  "sboms",
] as const;

/**
 * `slipway:trust:Scan`: what it does not let pass is not published, for what publishes depends on
 * it.
 */
export const scanHandler = resourceHandler(scanDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["subjects", "vex"],

  async compute(context, declared) {
    refuseUnknownKinds(declared);
    const vex = await factsOfVex(context, declared.vex);
    if (declared.subjects.some(({ platform }) => platform !== undefined)) return vex;
    throw new InputError([
      {
        property: "subjects",
        reason:
          "none of them has a platform, so there is nothing to scan " +
          '(a valid example: [{ digest: "sha256:…", platform: "linux/amd64" }])',
      },
    ]);
  },

  // Images are not known at a first preview; documents are.
  computedLater: async (context, { vex }) => (hasUnknown(vex) ? {} : factsOfVex(context, vex)),

  async diff(context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(
      [...decisive, "databaseMaxAgeHours", "advisory"],
      desired,
      oldInputs,
    );
    if (observed.missing.length > 0) changes.missing = { kind: "update" };
    const now = new Date();
    const overdue = expiredSince(observed, dayOf(now));
    if (overdue.length > 0) {
      changes.exceptions = { kind: "update" };
      const texts = overdue.map(({ id, expires }) => `the exception for ${id} expired on ${expires}`);
      context.say("info", `${texts.join(", ")}: an update scans again`);
    }
    const ageHours = (now.getTime() - Date.parse(observed.scannedAt)) / 3_600_000;
    if (desired.rescanAfterHours !== undefined && !(ageHours < desired.rescanAfterHours)) {
      changes.scannedAt = { kind: "update" };
      context.say(
        "info",
        `the last scan was ${Math.floor(ageHours)} hours ago, at ${observed.scannedAt} (rescanAfterHours: ${desired.rescanAfterHours}): an update scans again`,
      );
    }
    if (observed.verdicts.some(({ verdict }) => verdict === "not scanned")) {
      if (await canScan(context, desired)) changes.verdicts = { kind: "update" };
      else warnOfVerdicts(context, desired, observed.verdicts);
    }
    return changes;
  },

  id: ({ repository }) => repository,

  // What would be scanned may not be there yet.
  unknownAtPreview: true,

  async planned(context, desired) {
    if (!hasUnknown(desired) && !(await canScan(context, desired))) sayMissingScanner(context, desired);
    return {};
  },

  create: scanSubjects,

  async observe(context, inputs, state) {
    const known = state.children === undefined ? await withChildren(context, state) : state;
    const missing = [
      ...(await lostReports(context, state)),
      ...unscannedChildren(inputs, known.children ?? []),
    ];
    return { state: { ...known, missing } };
  },

  delete(context, _id, _inputs, state) {
    context.sayRetained(`the reports of the scan of ${state.repository}`);
  },
});

function refuseUnknownKinds(inputs: Inputs): void {
  const name = scannerName(inputs);
  const known: readonly string[] = scanners[name].kinds;
  const findings = (inputs.kinds ?? []).flatMap((kind, position) =>
    known.includes(kind)
      ? []
      : [
          {
            property: `kinds[${position}]`,
            reason: `${name} does not look for ${JSON.stringify(kind)}, only for ${known.join(", ")}; trivy looks for all`,
          },
        ],
  );
  if (findings.length > 0) throw new InputError(findings);
}

/** Exceptions that accepted something at the last scan, and do not any more. */
function expiredSince(observed: State, today: string): { id: string; expires: string }[] {
  const used = observed.verdicts.flatMap(({ excepted }) => excepted);
  const expired = used.filter((exception) => isExpired(exception, today));
  return [...new Map(expired.map((exception) => [exception.id, exception])).values()];
}

/** Returns whether what was missing at the last run is there now. Nothing is downloaded. */
async function canScan(context: ResourceContext, desired: Inputs): Promise<boolean> {
  return (await missingScanner(context, desired)) === undefined;
}

/** Returns why nothing can be scanned, where the scanner, or a database that is not fetched, is not there. */
export async function missingScanner(
  context: ResourceContext,
  desired: ScannerInputs,
): Promise<ScannerMissing | undefined> {
  const settings = settingsOf(context, desired);
  try {
    await scanners[scannerName(desired)].prepare({ ...settings, offline: true }, context.signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof ScannerMissing)) return undefined;
    return !settings.offline && error.part === "database" ? undefined : error;
  }
}

function sayMissingScanner(context: ResourceContext, desired: Inputs): void {
  context.say(
    desired.advisory ? "info" : "warning",
    `${desired.repository}: ${scannerName(desired)} or its database is not on this machine, or too old; an update ` +
      (desired.advisory ? "will mark the images as not scanned" : "on it will fail"),
  );
}

/**
 * A state of an earlier version, which did not look what an index lists, with what it lists: where
 * an image was not scanned, the next update scans again.
 */
async function withChildren(context: ResourceContext, state: State): Promise<State> {
  const repository = await context.services.repository(state.repository);
  const children: IndexChild[] = [];
  for (const { digest, platform } of state.subjects) {
    if (platform !== undefined) continue;
    try {
      children.push(...(await childrenOf(context.services, repository, digest)));
    } catch (error) {
      // Nothing can point to what is gone.
      if (!isNotFound(error)) throw error;
      return state;
    }
  }
  return { ...state, children };
}

/** Reports that the registry does not have any more, or does not list. */
async function lostReports(context: ResourceContext, state: State): Promise<string[]> {
  if (state.reports.length === 0) return [];
  const repository = await context.services.repository(state.repository);
  const subjects = [...new Set(state.reports.map(({ subject }) => subject))];
  const lists = await Promise.all(
    subjects.map(async (subject) => {
      const listed = new Set((await repository.listReferrers(subject)).map(({ digest }) => digest));
      const expected = state.reports.filter((report) => report.subject === subject);
      const checked = expected.map(async ({ referrer, mediaType }) => {
        const name = `report ${shortDigest(referrer)} (${mediaType}) of ${shortDigest(subject)}`;
        if (!(await repository.headManifest(referrer))) return [`${name} is gone`];
        return listed.has(referrer) ? [] : [`${name} is not listed`];
      });
      return (await Promise.all(checked)).flat();
    }),
  );
  return lists.flat();
}
