import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../../resources/definitions/input-findings";

/**
 * An invalid declaration: refused before any resource is registered. As a RunError it is
 * shown without a stack, for the mistake is in the declaration.
 */
export class DeclarationError extends pulumi.RunError {
  constructor(
    subject: string,
    readonly findings: readonly Finding[],
  ) {
    const lines = findings.map(({ property, reason }) => `  ${property ? `${property}: ` : ""}${reason}`);
    super(`${subject} cannot be published as declared:\n${lines.join("\n")}`);
  }
}
