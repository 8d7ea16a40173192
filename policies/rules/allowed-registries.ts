import { defined } from "../../lib/objects/defined";
import type { Rule } from "../pack/rule";
import { matchesAny } from "../reading/pattern";
import { writtenNames, writingTypes } from "../reading/references";
import { asTexts } from "../reading/values";

export const allowedRegistries: Rule = {
  name: "allowed-registries",
  description: "Checks that images are published to the configured registries and repositories only.",
  remedy:
    "Publish to one of the allowed repositories, or add the repository to the configuration of this rule.",
  level: "mandatory",
  severity: "high",
  looksAt: ["name", "names"],
  types: writingTypes,
  config: {
    registries: {
      type: "array",
      items: { type: "string" },
      description: "Patterns of `host/path`, e.g. `ghcr.io/acme/*`.",
    },
  },
  needs: ["registries"],
  check: (resource, config) => {
    const allowed = asTexts(config.registries);
    return writtenNames(resource).map(({ text, repository }) =>
      defined({
        what: `name ${text}`,
        finding:
          repository === undefined || !matchesAny(allowed, repository)
            ? `is not in an allowed repository: ${allowed.join(", ") || "none"}`
            : undefined,
      }),
    );
  },
};
