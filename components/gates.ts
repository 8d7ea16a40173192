import * as pulumi from "@pulumi/pulumi";
import { type Artifact, Check, type Evidence } from "../resources";
import type { CheckDeclaration } from "./declaration/check-declaration";
import type { KnownNames } from "./declaration/variants";
import type { MultiArchImage } from "./multi-arch-image";
import type { ImageReferences } from "./references";

/**
 * Declares resources that have to succeed, given the images by name, and the archives as they will
 * be released; after the publication with their sums. Any Pulumi resource can be one: a
 * {@link Check}, a command, a container. Each has to be made with the options, which put it in its
 * place. The last argument is what `distribution.references` will be.
 */
export type GateRule<Images extends string = string> = (
  images: Readonly<Record<Images, MultiArchImage>>,
  options: pulumi.CustomResourceOptions,
  artifacts: pulumi.Output<Artifact[]>,
  references: Readonly<Record<Images, readonly ImageReferences[]>>,
) => readonly pulumi.Resource[];

/**
 * What has to hold: checks by name, and functions for resources of other kinds. The distribution
 * makes the checks, each about the digests of its images, and keeps their results by name.
 */
export type Gates<Images extends string = string> =
  | GateRule<Images>
  | Readonly<Record<string, CheckDeclaration<KnownNames<Images>> | GateRule<Images> | undefined>>;

/** The result of a check, as the stack's outputs keep it. */
export interface CheckResult {
  result: "passed" | "failed";
  detail: string;
  /** Last lines of the output or the answer. */
  output: string;
  /** When the check ran, RFC 3339. */
  checkedAt: string;
  durationSeconds: number;
}

/** The results of those gates that are checks, by name in the program. */
export function checkResults(gates: readonly pulumi.Resource[]): pulumi.Output<Record<string, CheckResult>> {
  return pulumi
    .all(
      checksAmong(gates).map((check) =>
        pulumi.all([
          check.urn,
          pulumi.output({
            result: check.result,
            detail: check.detail,
            output: check.output,
            checkedAt: check.checkedAt,
            durationSeconds: check.durationSeconds,
          }),
        ]),
      ),
    )
    .apply((results) =>
      Object.fromEntries(results.map(([urn, result]) => [urn.split("::").pop() ?? urn, result])),
    );
}

/**
 * The results of checks as a list in Markdown, in the order in which they ran: a box that is ticked
 * for each that has passed, and an open one for each that is still to be done.
 */
export function checklist(
  results: pulumi.Input<Readonly<Record<string, Pick<CheckResult, "result" | "detail" | "checkedAt">>>>,
): pulumi.Output<string> {
  return pulumi.output(results).apply((all) =>
    Object.entries(all)
      .sort(([, a], [, b]) => a.checkedAt.localeCompare(b.checkedAt))
      .map(([name, { result, detail }]) => `- [${result === "passed" ? "x" : " "}] ${name}: ${detail}\n`)
      .join(""),
  );
}

/** Returns what the checks among the gates say of the digests of an image. */
export function checkEvidence(
  gates: readonly pulumi.Resource[],
  image: MultiArchImage,
): pulumi.Output<Evidence[]> {
  const checks = checksAmong(gates);
  if (checks.length === 0) return pulumi.output([]);
  const digests = [image.digest, ...Object.values(image.images).map(({ digest }) => digest)];
  return pulumi
    .all([pulumi.all(checks.map(({ evidence }) => evidence)), pulumi.all(digests)])
    .apply(([lists, own]) => lists.flat().filter(({ subject }) => own.includes(subject)));
}

function checksAmong(gates: readonly pulumi.Resource[]): Check[] {
  return gates.filter((gate) => gate instanceof Check);
}
