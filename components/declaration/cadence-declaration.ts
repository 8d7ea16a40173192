import * as z from "zod";
import { cadenceFields } from "../../resources/definitions/cadence";

/** Declaration of how old things may become; what is older is said by every preview. */
export const cadence = z.strictObject({
  /** How old a published image may become before it is built again, as in `31d`. */
  rebuild: cadenceFields.rebuild,
  /** How old the digests of bases in the `lock` may become before they are taken anew, as in `92d`. */
  refresh: cadenceFields.refresh,
});
