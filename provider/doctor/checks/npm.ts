import { failure, notAsked, ok, type Answer } from "../../../lib/doctor/finding";
import { NpmRegistry } from "../../../lib/channels/npm/npm-registry";
import { npmjs } from "../../../lib/channels/npm/registry-address";
import { npmPackageDefinition } from "../../../resources/definitions/npm-package";
import { hasUnknown } from "../../base/unknown";
import type { DoctorCheck } from "../check";

/** Registries of npm: whose the token is. */
export const npmCheck: DoctorCheck = {
  name: "npm",
  order: 70,
  questions: ({ declared }) =>
    declared.of(npmPackageDefinition, "registry").map(({ inputs: { registry = npmjs, token } }) => ({
      about: new URL(registry).host,
      ask: async (signal): Promise<Answer[]> => {
        if (hasUnknown(token)) return [notAsked("the token is known only in a release")];
        if (token === undefined) {
          return [
            failure(
              "there is no token, and nothing can be published",
              'Give token, e.g. config.requireSecret("npmToken").',
            ),
          ];
        }
        const opened = new NpmRegistry({ url: new URL(registry), token, access: "public", signal });
        try {
          return [
            ok(`the token is taken, and is of ${await opened.account()}`),
            notAsked("whether it may publish the packages: only a publication says that"),
          ];
        } finally {
          await opened.close();
        }
      },
    })),
};
