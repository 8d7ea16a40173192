import { promotionRule } from "../evidence/promotion-rule";
import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule, RuleConfig } from "../pack/rule";
import { asList, asRecord, asText, asTexts } from "../reading/values";

const scanType = "slipway:trust:Scan";
/** Hours of `slipway:trust:Scan`, where it sets none. */
const defaultDatabaseMaxAgeHours = 120;
const severities = ["unknown", "negligible", "low", "medium", "high", "critical"];

const rule = promotionRule({
  name: "promoted-tags-are-scanned",
  description:
    "Checks that every tag points to a digest whose scan, itself or each platform, stayed within its threshold.",
  remedy:
    "Scan the digest with slipway:trust:Scan and pass its `evidence` to the tag; update what the scan found, or except it with a reason and an expiry date.",
  distributionRemedy:
    "Declare `trust: { scan: {} }` in the distribution; update what the scan found, or except it in `exceptions` of `scan`, with a reason and an expiry date.",
  level: "mandatory",
  severity: "critical",
  demand: { kind: "scan", wording: "scan within its threshold", byPlatform: true, aboutPrograms: true },
});

export const promotedTagsAreScanned: Rule = {
  ...rule,
  config: {
    ...rule.config,
    failOn: {
      type: "string",
      enum: severities,
      description: "Highest severity at which the threshold of a scan may begin. Default: any threshold.",
    },
    allowedExceptions: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description:
        "Identifiers that a scan may have `exceptions` for, or documents in `vex` that accept them, e.g. `CVE-2021-23337`; `[]` for none. Default: any, each with a reason and a last day.",
    },
    databaseMaxAgeHours: {
      type: "number",
      exclusiveMinimum: 0,
      description: `Hours to which a scan may set its \`databaseMaxAgeHours\` at most. Default: any; a scan that sets none has ${defaultDatabaseMaxAgeHours}.`,
    },
  },
  check: (resource, config, seen) =>
    resource.type === scanType
      ? [...threshold(resource, config), ...exceptions(resource, config), ...databaseAge(resource, config)]
      : (rule.check?.(resource, config, seen) ?? []),
};

/** A scan that lets everything pass proves nothing. */
function threshold({ name, props }: Declared, config: RuleConfig): Outcome[] {
  const highest = asText(config.failOn);
  if (highest === undefined) return [];
  const what = `scan ${name}`;
  if (props.failOn === UNKNOWN) return [{ what, later: true }];
  const failOn = asText(props.failOn) ?? "critical";
  if (severities.indexOf(failOn) <= severities.indexOf(highest)) return [{ what }];
  return [{ what, finding: `fails on ${failOn} only, and has to fail on ${highest}` }];
}

function exceptions({ name, props }: Declared, { allowedExceptions }: RuleConfig): Outcome[] {
  if (allowedExceptions === undefined) return [];
  const what = `exceptions of scan ${name}`;
  // What a document accepts is computed from it, and no less of an exception.
  const unread = props.vex !== undefined && props.vexAccepts === undefined;
  const ids = [
    ...asList(props.exceptions).map((exception) => asRecord(exception).id),
    ...asList(props.vexAccepts),
  ];
  const later = unread || [props.exceptions, props.vex, props.vexAccepts].includes(UNKNOWN);
  if (later || ids.some((id) => typeof id !== "string")) return [{ what, later: true }];
  const others = asTexts(ids).filter((id) => !asTexts(allowedExceptions).includes(id));
  return [
    others.length === 0
      ? { what }
      : { what, finding: `are for ${others.join(", ")}, and allowedExceptions does not have it` },
  ];
}

function databaseAge({ name, props }: Declared, { databaseMaxAgeHours: highest }: RuleConfig): Outcome[] {
  if (typeof highest !== "number") return [];
  const what = `database of scan ${name}`;
  const hours = props.databaseMaxAgeHours ?? defaultDatabaseMaxAgeHours;
  if (hours === UNKNOWN) return [{ what, later: true }];
  if (typeof hours === "number" && hours <= highest) return [{ what }];
  return [
    {
      what,
      finding: `may be ${typeof hours === "number" ? hours : "any number of"} hours old (databaseMaxAgeHours), and at most ${highest} are allowed`,
    },
  ];
}
