import * as z from "zod";

/** Variables of the machine that a program gets although their names say that they are secrets. */
export const inheritedVariables = z
  .array(z.string().regex(/^[A-Za-z_]\w*$/, "the name of a variable is expected"))
  .meta({
    description:
      "Variables of the machine that are passed on although their names mark them as secrets. " +
      "A change of their values runs nothing again, and they are redacted from what is " +
      "printed. Default: none.",
    examples: [["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]],
  });
