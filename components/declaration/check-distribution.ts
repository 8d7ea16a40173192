import * as pulumi from "@pulumi/pulumi";
import { findingsOf, type Finding } from "../../resources/definitions/input-findings";
import { withoutFunctions } from "./check-declaration";
import { cadenceFindings } from "./cadence-findings";
import { channelFindings } from "./channel-findings";
import { chartFindings } from "./chart-findings";
import { checkFindings } from "./check-findings";
import { consumerFindings } from "./consumer-findings";
import { commitFindings } from "./commit-findings";
import { distributionShape, type DistributionDeclaration } from "./declaration";
import { DeclarationError } from "./declaration-error";
import { dockerfileFindings } from "./dockerfile-findings";
import { downloadFindings } from "./download-findings";
import { extraArtifactFindings } from "./extra-artifact-plan";
import { localFileFindings } from "./local-file-plan";
import { metricsFindings } from "./metrics-findings";
import { modeFindings } from "./mode";
import { outputFindings } from "./output-findings";
import { overrideFindings } from "./override-findings";
import { programNames } from "./programs";
import { archiveFindings, releaseFindings } from "./release-findings";
import { retentionFindings } from "./retention-findings";
import { releasedNameFindings } from "./released-name-findings";
import { repositoryFindings } from "./repository-findings";
import { throwAwayFindings } from "./throw-away-findings";

/**
 * Checks the declaration of a distribution.
 *
 * @throws DeclarationError with everything that is wrong, each finding naming the field, the value
 * and a valid example
 */
export function checkDistribution(name: string, args: DistributionDeclaration): void {
  const outputs = outputFindings(args);
  const findings =
    outputs.length > 0 ? outputs : shapeFindings(withoutFunctions(args, ["gates", "afterPublication"]));
  const all = findings.length > 0 ? findings : contradictions(name, args);
  if (all.length > 0) throw new DeclarationError(`distribution ${JSON.stringify(name)}`, all);
}

/** Returns what is wrong with single fields. What is an output, the resource that gets it looks at. */
function shapeFindings(args: DistributionDeclaration): Finding[] {
  const result = distributionShape.safeParse(args);
  if (result.success) return [];
  const issues = result.error.issues.filter(({ path }) => !isInOutput(args, path));
  return findingsOf(distributionShape, { issues }, args);
}

/** Returns whether a path leads through an output, of those fields that a resource takes as they are. */
function isInOutput(args: DistributionDeclaration, path: readonly PropertyKey[]): boolean {
  if (path[0] !== "gates" && path[0] !== "afterPublication") return false;
  let value: unknown = args;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    if (pulumi.Output.isInstance(value)) return true;
  }
  return false;
}

/** Returns what only the declaration as a whole shows. */
function contradictions(name: string, args: DistributionDeclaration): Finding[] {
  const findings = [
    ...repositoryFindings(args),
    ...dockerfileFindings(args),
    ...cadenceFindings(args),
    ...modeFindings(args),
    ...chartFindings(args),
    ...binaryFindings(args),
    ...overrideFindings(args),
    ...downloadFindings(args),
    ...archiveFindings(args),
    ...extraArtifactFindings(args),
    ...localFileFindings(args),
    ...releaseFindings(args),
    ...channelFindings(name, args),
    ...throwAwayFindings(args),
    ...consumerFindings(args),
    ...checkFindings(args),
    ...commitFindings(args),
    ...metricsFindings(args),
    ...retentionFindings(args),
  ];
  // What cannot be carried has no names.
  return findings.length > 0 ? findings : releasedNameFindings(name, args);
}

function binaryFindings(args: DistributionDeclaration): Finding[] {
  const declared = programNames(args);
  return Object.entries(args.images).flatMap(([name, { files }]) =>
    (files ?? []).flatMap(({ binary: wanted }, index): Finding[] =>
      wanted === undefined || declared.includes(wanted)
        ? []
        : [
            {
              property: `images.${name}.files[${index}].binary`,
              reason: `there is no binary ${JSON.stringify(wanted)}; ${declared.length > 0 ? `declared are ${declared.join(", ")}` : "no binaries are declared"}`,
            },
          ],
    ),
  );
}
