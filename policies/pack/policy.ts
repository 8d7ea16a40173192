import type { ReportViolation, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import type { SecretTexts } from "../../lib/text/secret-texts";
import { shownText } from "../../lib/text/shown";
import type { PlatformFamilies } from "../evidence/platform-families";
import { promotingTypes } from "../reading/promoted";
import type { RunOutcomes } from "./run-outcomes";
import { declaredOf, stackNodes } from "./from-engine";
import type { Causes } from "./causes";
import { isConfigured, settingsOf, type Outcome, type Rule } from "./rule";

/**
 * A rule as a policy of `@pulumi/policy`. Rules with both looks share one name, level and
 * configuration: the look at a resource stops an `up`, the look at the graph backs it at preview.
 *
 * @param secrets blotted out of every message
 */
export function policyOf(
  rule: Rule,
  run: RunOutcomes,
  families: PlatformFamilies,
  secrets: SecretTexts,
  causes: Causes,
): ResourceValidationPolicy | StackValidationPolicy {
  const { check, graph } = rule;
  const tell = ({ what, finding }: Outcome, report: ReportViolation, urn: string): void => {
    if (finding === undefined) return;
    const remedy = isInDistribution(urn) ? (rule.distributionRemedy ?? rule.remedy) : rule.remedy;
    // They repeat names and texts that others chose, or that were composed with secrets.
    report(
      causes.message({
        what: shownText(what, secrets),
        finding: shownText(finding, secrets),
        remedy: shownText(remedy, secrets),
      }),
      urn,
    );
  };
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    severity: rule.severity,
    remediationSteps: rule.remedy,
    ...(rule.config && { configSchema: { properties: { ...rule.config } } }),
    ...(check && {
      validateResource(args, report) {
        families.learn(args);
        run.noteDeclared(args.urn, isPromoting(args.type) ? declaredOf(args).props.evidence : undefined);
        const resourceConfig = settingsOf(rule, args.getConfig());
        if (!isConfigured(rule, resourceConfig)) {
          run.noteNotConfigured(rule.name);
          return args.notApplicable(`not configured: ${(rule.needs ?? []).join(", ")}`);
        }
        if (!rule.types.includes(args.type)) return args.notApplicable(`${args.type} is not among its types`);
        const outcomes = check(declaredOf(args), resourceConfig, families);
        run.note(rule.name, args.urn, outcomes);
        for (const outcome of outcomes) tell(outcome, report, args.urn);
      },
    }),
    ...(graph && {
      validateStack(args, report) {
        const config = settingsOf(rule, args.getConfig());
        if (!isConfigured(rule, config)) {
          run.noteNotConfigured(rule.name);
          return args.notApplicable(`not configured: ${(rule.needs ?? []).join(", ")}`);
        }
        const nodes = stackNodes(args.resources, (urn) => run.evidenceOf(urn));
        for (const { urn, ...outcome } of graph(run.declaredOnly(nodes), config)) {
          run.note(rule.name, urn, [outcome]);
          tell(outcome, report, urn);
        }
      },
    }),
  };
}

function isPromoting(type: string): boolean {
  return (promotingTypes as readonly string[]).includes(type);
}

/** A URN has the types of all components that a resource is in. */
function isInDistribution(urn: string): boolean {
  return /[:$]slipway:components:Distribution\$/.test(urn);
}
