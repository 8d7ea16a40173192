import { failure, ok, warning } from "../../../lib/doctor/finding";
import { scanDefinition } from "../../../resources/definitions/scan";
import { hasUnknown } from "../../base/unknown";
import { missingScanner } from "../../trust/scan";
import type { DoctorCheck } from "../check";

/** Scanners and databases that are not fetched. */
export const scannerCheck: DoctorCheck = {
  name: "scanner",
  order: 21,
  questions: ({ declared }) => {
    const scans = declared.of(scanDefinition, "scanner", "kinds", "databaseMaxAgeHours", "advisory");
    const once = new Map(
      scans.map((one) => {
        const { scanner, kinds, databaseMaxAgeHours, advisory } = one.inputs;
        return [JSON.stringify([scanner, kinds, databaseMaxAgeHours, advisory]), one] as const;
      }),
    );
    return [...once.values()]
      .filter(({ inputs }) => !hasUnknown(inputs.scanner))
      .map(({ inputs, account }) => ({
        about: inputs.scanner?.name ?? "trivy",
        ask: async (signal: AbortSignal) => {
          const missing = await missingScanner(await account.context(signal), inputs);
          if (missing === undefined) return ok("is there");
          const [text = "", ...rest] = missing.message.split("\n");
          const remedy = rest.length === 0 ? undefined : rest.join(" ");
          return inputs.advisory ? warning(text, remedy) : failure(text, remedy);
        },
      }));
  },
};
