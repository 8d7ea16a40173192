import * as z from "zod";
import { prose } from "../../resources/definitions/definition";

/** Shapes of arguments that installers of all shells have. */

/** Name of what is installed. */
export const installedName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits and ._- are expected")
  .meta({ examples: ["hello"] });

/** Address that the head of a script names. */
export const homepageAddress = z.url().meta({ examples: ["https://acme.example/hello"] });

/** Name of an archive or an image, or a path in an archive. */
export const archiveName = prose(z.string().min(1));

/** Name of a variable of the environment. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable is expected")
  .meta({ examples: ["HELLO_VERSION"] });
