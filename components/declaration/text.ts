import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

/** A text, also one that is only known later. */
export const text = z.union([
  z.string(),
  z.custom<pulumi.Output<string>>((value) => pulumi.Output.isInstance(value), "a text is expected"),
]);
