import { UNKNOWN, type Declared } from "../pack/declared";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText, asTexts } from "../reading/values";
import { findingKinds } from "../../lib/scan/finding";
import { scanType } from "./trust-types";
import { saidBy, type AcceptanceSettings, type EvidenceItem } from "./acceptance";

/** The program that scanned, as far as a fact tells. */
interface ScannerFacts {
  readonly name?: string;
  readonly version?: string;
  readonly digest?: string;
}

/** One entry of `scanners`. */
interface AcceptedScanner extends ScannerFacts {
  /** The very arguments that the declaration may add. */
  readonly arguments: readonly string[];
  readonly databaseDirectory?: string;
}

/** Settings of the rule about scans. */
export const scannerAcceptance: AcceptanceSettings = {
  config: {
    scanners: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          name: { type: "string", minLength: 1 },
          version: { type: "string", minLength: 1 },
          digest: { type: "string", pattern: "^sha256:[a-f0-9]{64}$" },
          arguments: { type: "array", items: { type: "string" } },
          databaseDirectory: { type: "string", minLength: 1 },
        },
        dependencies: { version: ["name"] },
        minProperties: 1,
        additionalProperties: false,
      },
      description:
        'Whose scans count: `{"digest": "sha256:…"}` of the executable, which is what was ' +
        'run, or `{"name": "trivy", "version": "0.59.*"}`, which is what the program says of ' +
        "itself; `*` stands for any characters. A scan with `scanner.arguments` counts " +
        "only where `arguments` is that very list, and one with " +
        "`scanner.databaseDirectory` where `databaseDirectory` is that very text: either " +
        "can hide findings. Default: any program's scans, however it was called.",
    },
    requiredKinds: {
      type: "array",
      items: { type: "string", enum: [...findingKinds] },
      description:
        'What must have been looked for, by one scan or several: `["secret"]` where there is no ' +
        "database of vulnerabilities, `[]` for anything. Default: `vulnerability`, where a scan tells " +
        "what it looked for; those of earlier versions do not.",
    },
  },
  acceptance: (_kind, settings) => {
    const isDefault = settings.requiredKinds === undefined;
    const required = isDefault ? ["vulnerability"] : asTexts(settings.requiredKinds);
    return {
      objection: (item) => objection(item, settings.scanners),
      shortfall(items) {
        const told = items.map(({ scanner }) => asRecord(scanner).kinds);
        if (isDefault && told.includes(undefined)) return undefined;
        const looked = new Set(told.flatMap(asTexts));
        const missing = required.filter((kind) => !looked.has(kind));
        if (missing.length === 0) return undefined;
        return notLookedFor(missing, looked);
      },
      promise(scans) {
        const kinds = scans.map(kindsToCome);
        if (kinds.includes(UNKNOWN)) return undefined;
        const looked = new Set(kinds.flatMap(asTexts));
        const missing = required.filter((kind) => !looked.has(kind));
        return missing.length === 0 ? undefined : notLookedFor(missing, looked, "will not be");
      },
    };
  },
};

function notLookedFor(missing: readonly string[], looked: ReadonlySet<string>, verb = "was not"): string {
  const seen = [...looked].join(", ") || "what was looked for is not told; scan it again";
  return `${verb} looked at for ${missing.join(", ")} (${seen}); what has to be looked for is \`requiredKinds\` of this rule`;
}

/** What a declared scan will look for. */
function kindsToCome({ type, props }: Declared): unknown {
  if (type !== scanType) return UNKNOWN;
  if (props.kinds !== undefined) {
    const kinds = asList(props.kinds);
    return props.kinds === UNKNOWN || kinds.includes(UNKNOWN) ? UNKNOWN : kinds;
  }
  const { name = "trivy" } = asRecord(props.scanner);
  if (props.scanner === UNKNOWN || name === UNKNOWN) return UNKNOWN;
  return name === "trivy" ? ["vulnerability", "secret"] : ["vulnerability"];
}

function objection(item: EvidenceItem, setting: unknown): string | undefined {
  if (setting === undefined) return undefined;
  const accepted = asList(setting).map((entry): AcceptedScanner => {
    const facts: ScannerFacts & Partial<AcceptedScanner> = asRecord(entry);
    return { ...facts, arguments: asTexts(facts.arguments) };
  });
  const scanner = scannerOf(item);
  const fitting = accepted.filter((one) => isScanner(scanner, one));
  if (fitting.length > 0) return callObjection(item, fitting);
  const digest = scanner.digest === undefined ? "" : `, the program ${scanner.digest},`;
  return `${saidBy(item)}${digest} is not among the scanners: ${accepted.map(nameOf).join(", ")}`;
}

/** Everything that an entry says has to fit; one that says nothing accepts nothing. */
function isScanner(scanner: ScannerFacts, { name, version, digest }: ScannerFacts): boolean {
  if (name === undefined && digest === undefined) return false;
  return (
    (digest === undefined || scanner.digest === digest) &&
    (name === undefined || scanner.name === name) &&
    (version === undefined || matchesPattern(version, scanner.version ?? ""))
  );
}

/**
 * Returns why a scan by an accepted program does not count: how it was called. Undefined where one
 * entry accepts that.
 */
function callObjection(item: EvidenceItem, accepted: readonly AcceptedScanner[]): string | undefined {
  const facts = asRecord(item.scanner);
  if (!Array.isArray(facts.arguments)) {
    return (
      `${saidBy(item)} was called in a way that is not told; scan it again (\`pulumi up ` + "--replace URN`)"
    );
  }
  const given = JSON.stringify(facts.arguments);
  const sameArguments = accepted.filter((one) => JSON.stringify(one.arguments) === given);
  if (sameArguments.length === 0) {
    const names = optionsIn(asTexts(facts.arguments));
    return (
      `${saidBy(item)} was called with arguments (${names}) that no entry of scanners lists ` +
      "exactly, and arguments can hide findings"
    );
  }
  const folder = asText(facts.databaseDirectory);
  if (sameArguments.some(({ databaseDirectory }) => databaseDirectory === folder || folder === undefined))
    return undefined;
  return (
    `${saidBy(item)} took its database from ${JSON.stringify(folder)}, a folder that no entry of ` +
    "scanners has as databaseDirectory"
  );
}

/** The options among arguments, without values: one may be a secret. */
function optionsIn(args: readonly string[]): string {
  const options = args.filter((arg) => arg.startsWith("-")).map((arg) => arg.replace(/=[^]*$/, ""));
  return options.join(", ") || (args.length === 0 ? "none" : `${args.length} without a name`);
}

function nameOf({ name, version, digest }: ScannerFacts): string {
  return [name, version, digest].filter((part) => part !== undefined).join(" ") || "nothing";
}

/** The program of a fact. One of before it was a field of its own names it in words. */
function scannerOf({ scanner, by }: EvidenceItem): ScannerFacts {
  if (scanner !== undefined) return asRecord(scanner);
  const [, name, version] = /^(\S+) (\S+)$/.exec(asText(by) ?? "") ?? [];
  return { name, version };
}
