import * as path from "node:path";
import { shortDigest } from "../../lib/oci/digest";
import { matchesPlatform, parsePlatform } from "../../lib/oci/platform";
import { bySeverity } from "../../lib/scan/finding";
import { gateText, outcomeText } from "../../lib/scan/gate-text";
import { nameOf, scanImage, type ImageOutcome } from "../../lib/scan/scan-image";
import { scanners, type IdentifiedScanner, type ScannerName } from "../../lib/scan/scan-run";
import { ScanError, ScannerMissing, type ScannerSettings } from "../../lib/scan/scanner";
import { defaultPolicy, type Policy } from "../../lib/scan/verdict";
import { vexException, type VexImage } from "../../lib/scan/vex/acceptance";
import type { VexStatement } from "../../lib/scan/vex/document";
import { dayOf } from "../../lib/text/day";
import type { Evidence } from "../../resources/definitions/evidence";
import type { scanDefinition } from "../../resources/definitions/scan";
import type { ResourceContext } from "../run/context";
import { childName, childrenOf, type IndexChild } from "../images/index-children";
import type { InputsOf, StateOf } from "../run/resource";
import { defaultVexMaxAgeDays, readVex } from "./vex";
import { defined } from "../../lib/objects/defined";

type Inputs = InputsOf<typeof scanDefinition>;
type State = StateOf<typeof scanDefinition>;
/** The inputs that say which scanner is used, and how. */
export type ScannerInputs = Pick<Inputs, "scanner" | "kinds" | "databaseMaxAgeHours">;
type Verdict = State["verdicts"][number];

/** Findings of one platform that the state keeps; the attached reports have all of them. */
const keptFindings = 50;

const defaultDatabaseMaxAgeHours = 120;
const defaultTimeoutSeconds = 900;

/** The scanner that inputs name. */
export function scannerName({ scanner }: ScannerInputs): ScannerName {
  return scanner?.name ?? "trivy";
}

/** Returns what inputs tell the scanner. */
export function settingsOf(context: ResourceContext, inputs: ScannerInputs): ScannerSettings {
  const { program, databaseDirectory, offline, arguments: further } = inputs.scanner ?? {};
  const { project } = context.services;
  return {
    // A name is looked for on PATH; a path is relative to the project, as all paths of programs are.
    program: program !== undefined && /[\\/]/.test(program) ? path.resolve(project, program) : program,
    databaseDirectory: databaseDirectory === undefined ? undefined : path.resolve(project, databaseDirectory),
    offline: offline ?? false,
    databaseMaxAgeHours: inputs.databaseMaxAgeHours ?? defaultDatabaseMaxAgeHours,
    arguments: further ?? [],
    kinds:
      inputs.kinds ??
      scanners[scannerName(inputs)].kinds.filter((kind) => kind === "vulnerability" || kind === "secret"),
  };
}

function policyOf({ failOn, fixableOnly, exceptions }: Inputs): Policy {
  return {
    failOn: failOn ?? defaultPolicy.failOn,
    fixableOnly: fixableOnly ?? defaultPolicy.fixableOnly,
    exceptions: exceptions ?? [],
  };
}

/** The policy for the image of one platform, with what VEX documents say of it. */
function policyFor(desired: Inputs, image: VexImage, statements: readonly VexStatement[]): Policy {
  const maxAgeDays = desired.vex?.maxAgeDays ?? defaultVexMaxAgeDays;
  return {
    ...policyOf(desired),
    vex: (finding) => vexException(statements, finding, image, maxAgeDays),
  };
}

/**
 * Scans the image of each platform.
 * @throws Error where the gate is mandatory and one of them does not pass
 */
export async function scanSubjects(context: ResourceContext, desired: Inputs): Promise<State> {
  const name = scannerName(desired);
  const settings = settingsOf(context, desired);
  const time = new Date();
  const children = await scannedChildren(context, desired);
  let scanner: IdentifiedScanner | undefined;
  let outcomes: ImageOutcome[];
  try {
    scanner = await context.services.scans.prepare(name, settings, context.signal);
    outcomes = await scanAll(context, desired, scanner, dayOf(time));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ScannerMissing || error instanceof ScanError)) throw error;
    outcomes = platformsOf(desired).map((subject) => ({
      ...subject,
      notScanned: error.message,
      notes: [],
      reports: [],
    }));
  }
  const oldest = oldestDatabase(outcomes);
  const by = scanner?.version ?? name;
  const stopped = outcomes.filter(({ judgment }) => judgment?.verdict !== "passed");
  const database = oldest === undefined ? "" : `, database of ${oldest.toISOString()}`;
  if (stopped.length > 0 && !desired.advisory) {
    throw new Error(
      gateText(desired.repository, `${by}${database}`, policyOf(desired), outcomes, "mandatory"),
    );
  }
  const state: State = {
    ...desired,
    verdicts: outcomes.map(verdictOf),
    scannedAt: time.toISOString(),
    scannerVersion: scanner?.version,
    databaseTime: oldest?.toISOString(),
    reports: outcomes.flatMap(({ reports }) => reports),
    missing: [],
    children,
    evidence: evidenceOf({ by, scanner: scannerFacts(scanner, name, settings, desired) }, outcomes, children),
  };
  for (const outcome of outcomes.filter(({ judgment }) => judgment)) {
    context.say(
      "info",
      `${desired.repository} ${outcome.platform}, ${by}${database}: ${outcomeText(outcome)}`,
    );
  }
  if (stopped.length > 0) {
    context.say(
      "warning",
      gateText(desired.repository, `${by}${database}`, policyOf(desired), stopped, "advisory"),
    );
    warnOfVerdicts(context, desired, state.verdicts);
  }
  return state;
}

async function scanAll(
  context: ResourceContext,
  desired: Inputs,
  scanner: IdentifiedScanner,
  today: string,
): Promise<ImageOutcome[]> {
  const { services, signal } = context;
  const repository = await services.repository(desired.repository);
  const sboms = new Map(
    (desired.sboms ?? [])
      .filter(({ kind, referrer }) => kind === "sbom" && referrer !== undefined)
      .map(({ subject, referrer }) => [subject, referrer]),
  );
  const statements = desired.vex ? await readVex(context, desired.vex) : [];
  const name = nameOf(repository);
  const indexes = desired.subjects.flatMap(({ digest, platform }) => (platform === undefined ? digest : []));
  const scans = platformsOf(desired).map(({ digest, platform }) =>
    services.scans.slots.use(async () => {
      context.status(`scanning ${platform} ${shortDigest(digest)} with ${scanner.version}`);
      return scanImage({
        repository,
        digest,
        platform,
        scanner,
        policy: policyFor(desired, { name, digests: [digest, ...indexes] }, statements),
        today,
        timeoutSeconds: desired.timeoutSeconds ?? defaultTimeoutSeconds,
        sbom: sboms.get(digest),
        limiter: services.mirrors.limiter,
        signal,
      });
    }, signal),
  );
  // All of them end before the first failure is told: what is under way has files of its own to
  // remove.
  const settled = await Promise.allSettled(scans);
  return settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** The oldest of the databases that were used: what came after it may be unknown. */
function oldestDatabase(outcomes: readonly ImageOutcome[]): Date | undefined {
  return outcomes.flatMap(({ databaseTime }) => databaseTime ?? []).sort((a, b) => +a - +b)[0];
}

function platformsOf({ subjects }: Inputs): { digest: string; platform: string }[] {
  return subjects.flatMap(({ digest, platform }) => (platform === undefined ? [] : [{ digest, platform }]));
}

function verdictOf({ digest, platform, judgment, notScanned }: ImageOutcome): Verdict {
  const subject = { subject: digest, platform };
  if (!judgment) {
    return {
      ...subject,
      verdict: "not scanned",
      reason: notScanned,
      findings: [],
      findingCount: 0,
      excepted: [],
    };
  }
  const used = new Set(judgment.excepted.map(({ exception }) => exception));
  return {
    ...subject,
    verdict: judgment.verdict,
    counts: judgment.counts,
    findings: [...judgment.stopping].sort(bySeverity).slice(0, keptFindings),
    findingCount: judgment.stopping.length,
    excepted: [...used].map(({ id, reason, expires }) => ({ id, reason, expires })),
  };
}

/**
 * Returns what is known of the program that scanned, and of what the declaration lets it overlook.
 */
function scannerFacts(
  scanner: IdentifiedScanner | undefined,
  name: ScannerName,
  settings: ScannerSettings,
  desired: Inputs,
): ScannerFacts {
  if (!scanner) return { name };
  const { databaseDirectory } = desired.scanner ?? {};
  const { failOn, fixableOnly, exceptions } = policyOf(desired);
  return defined({
    name,
    version: scanner.version.replace(`${name} `, ""),
    digest: scanner.digest,
    kinds: [...settings.kinds].sort(),
    arguments: [...settings.arguments],
    databaseDirectory,
    failOn,
    fixableOnly,
    excepted: exceptions.length === 0 ? undefined : [...new Set(exceptions.map(({ id }) => id))].sort(),
  });
}

type ScannerFacts = NonNullable<Evidence["scanner"]>;

/** One item for each image, and one for each index: it passes when all images that it lists do. */
function evidenceOf(
  { by, scanner }: { by: string; scanner: ScannerFacts },
  outcomes: readonly ImageOutcome[],
  children: readonly IndexChild[],
): Evidence[] {
  const facts = (times: readonly ImageOutcome[]): ScannerFacts => {
    const oldest = oldestDatabase(times);
    return oldest === undefined ? scanner : { ...scanner, databaseTime: oldest.toISOString() };
  };
  const results = outcomes.map((outcome): Evidence => {
    const { judgment, digest, reports } = outcome;
    const result = judgment ? judgment.verdict : "not executed";
    const referrer = reports[0]?.referrer;
    return defined({
      kind: "scan" as const,
      subject: digest,
      result,
      by,
      scanner: facts([outcome]),
      detail: outcomeText(outcome),
      referrer,
    });
  });
  const indexes = [...new Set(children.map(({ index }) => index))];
  return [
    ...results,
    ...indexes.map((index): Evidence => {
      const own = outcomes.filter(({ digest }) =>
        children.some((child) => child.index === index && child.digest === digest),
      );
      const ownResults = results.filter(({ subject }) => own.some(({ digest }) => digest === subject));
      const missed = (["failed", "not executed"] as const).find((one) =>
        ownResults.some(({ result }) => result === one),
      );
      return {
        kind: "scan",
        subject: index,
        result: missed ?? "passed",
        by,
        scanner: facts(own),
        detail: own.map((outcome) => `${outcome.platform}: ${outcomeText(outcome)}`).join("; "),
      };
    }),
  ];
}

/**
 * The images that the indexes among the subjects list, in the registry and not as it is declared:
 * an index counts as scanned when each of them is.
 *
 * @throws Error for an image that is not among the subjects, or is there for another platform
 */
async function scannedChildren(context: ResourceContext, desired: Inputs): Promise<IndexChild[]> {
  const repository = await context.services.repository(desired.repository);
  const children: IndexChild[] = [];
  for (const { digest, platform } of desired.subjects) {
    if (platform === undefined) children.push(...(await childrenOf(context.services, repository, digest)));
  }
  const lacks = unscannedChildren(desired, children);
  if (lacks.length === 0) return children;
  throw new Error(
    `${desired.repository}: an index is scanned when each of its images is:\n` +
      `${lacks.map((text) => `- ${text}`).join("\n")}\n` +
      "Add each image of the index to subjects, with the platform that the index states. Nothing was scanned.",
  );
}

/** Images of indexes that are not scanned, or as what they are not. */
export function unscannedChildren({ subjects }: Inputs, children: readonly IndexChild[]): string[] {
  return children.flatMap((child) => {
    const declared = subjects.filter(
      ({ digest, platform }) => digest === child.digest && platform !== undefined,
    );
    const stated = child.platform;
    if (declared.length === 0)
      return [`${childName(child)} of the index ${child.index} is not among the subjects`];
    return stated === undefined ||
      declared.some(({ platform }) => platform !== undefined && isSamePlatform(platform, stated))
      ? []
      : [`${childName(child)} of the index ${child.index} is declared for ${declared[0]?.platform}`];
  });
}

/**
 * `linux/arm64` and `linux/arm64/v8` are the same. An index may state a platform that a program
 * cannot declare.
 */
function isSamePlatform(declared: string, stated: string): boolean {
  if (declared === stated) return true;
  const [os = "", architecture = "", variant] = stated.split("/");
  return matchesPlatform(parsePlatform(declared), { os, architecture, variant });
}

/** What an advisory gate let pass is said at every run. */
export function warnOfVerdicts(
  context: ResourceContext,
  desired: Inputs,
  verdicts: readonly Verdict[],
): void {
  for (const { verdict, platform, subject, reason } of verdicts) {
    if (verdict !== "not scanned") continue;
    context.say(
      "warning",
      `not scanned: ${desired.repository}@${shortDigest(subject)} (${platform}): ${reason ?? "no reason is known"}`,
    );
  }
}
