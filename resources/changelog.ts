import * as pulumi from "@pulumi/pulumi";
import type { changelogDefinition } from "./definitions/changelog";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof changelogDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Changelog}. */
export type ChangelogArgs = ArgumentsOf<Definition, "section">;

/** The section of a version in a change log (`slipway:release:Changelog`). */
export class Changelog extends pulumi.CustomResource {
  /** Text of the section, Markdown, with its heading. */
  declare readonly section: pulumi.Output<Outputs["section"]>;
  /** The same without the heading, for the notes of a release. */
  declare readonly notes: pulumi.Output<Outputs["notes"]>;

  constructor(name: string, args: ChangelogArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "slipway:release:Changelog",
      name,
      withOutputs<Definition>(args, ["section", "notes"]),
      retained(options),
    );
  }
}
