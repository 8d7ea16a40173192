import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DecodedProperties } from "./properties";
import type { SecretTexts } from "../../lib/text/secret-texts";

/** What a refusal may say. */
export interface Naming {
  /** Whether the engine may be told the name of a property. */
  mayName: (property: string) => boolean;
  /** A text as a person may see it, without secrets. */
  shown: (text: string) => string;
}

/**
 * Findings for the engine. It prints the value of a property that is named to it, with all that is
 * in there, and in clear where that is secret (pulumi/pulumi,
 * pkg/resource/deploy/step_generator.go, issueCheckFailures). So the path of one that it must not
 * print is a part of the reason.
 */
export function checkFailures(findings: readonly Finding[], { mayName, shown }: Naming): pb.CheckFailure[] {
  return findings.map(({ property, reason, isSecret }) => {
    const failure = new pb.CheckFailure();
    if (property === "" || (!isSecret && mayName(property)))
      return failure.setProperty(property).setReason(shown(reason));
    return failure.setReason(shown(`${property}: ${reason}`));
  });
}

/**
 * Returns whether a property has anything secret in it, or beside the part of it that a path is
 * about.
 */
export function holdsSecret(
  { values, secrets }: DecodedProperties,
  path: string,
  texts: SecretTexts,
): boolean {
  // The engine takes a path for a name; a property that is called so may be there.
  const names = [path, /^[^.[]*/.exec(path)?.[0] ?? path];
  if ([...secrets].some((secret) => names.includes((JSON.parse(secret) as string[])[0] ?? ""))) return true;
  return names.some((name) => texts.isIn(JSON.stringify(values[name]) ?? ""));
}
