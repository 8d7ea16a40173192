import type { Reference } from "../oci/reference";
import type { Inventory } from "./inventory";
import type { ImageSubject, IndexSubject } from "./subject";

/** Content common to both formats. */
export interface Description {
  /** Name of the image, e.g. `hello`; not where it is. */
  readonly name: string;
  /** Who makes the document, e.g. `slipway` and its version. */
  readonly tool: { readonly name: string; readonly version: string };
  readonly subject: ImageSubject | IndexSubject;
  /** Content of the image; none for an index, whose images have documents of their own. */
  readonly inventory?: Inventory;
  /** Images of others that run beside this one, by digest. */
  readonly externalImages: readonly Reference[];
}
