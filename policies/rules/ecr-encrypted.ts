import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";

export const ecrEncrypted: Rule = {
  name: "ecr-encrypted",
  description:
    "Checks that ECR repositories declare their encryption at rest, with a key of one's own where that is asked for.",
  remedy:
    'Set `encryptionConfigurations: [{ encryptionType: "KMS", kmsKey }]` (or "AES256" where the configuration accepts it).',
  level: "mandatory",
  severity: "medium",
  looksAt: ["repository", "repositories"],
  types: ["aws:ecr/repository:Repository"],
  config: {
    types: {
      type: "array",
      items: { type: "string" },
      default: ["AES256", "KMS", "KMS_DSSE"],
      description: "Accepted types of encryption.",
    },
  },
  check: ({ name, props }, config) => {
    const what = `ECR repository ${name}`;
    const declared = props.encryptionConfigurations;
    const entries = asList(declared).map(asRecord);
    if (declared === UNKNOWN || entries.some((entry) => entry.encryptionType === UNKNOWN)) {
      return [{ what, later: true }];
    }
    // ECR's own default of an entry without a type.
    const types = entries.map((entry) => asText(entry.encryptionType) ?? "AES256");
    return [{ what, ...finding(types, asList(config.types)) }];
  },
};

function finding(types: readonly string[], accepted: readonly unknown[]): Pick<Outcome, "finding"> {
  if (types.length === 0) return { finding: "declares no encryption" };
  const other = types.find((type) => !accepted.includes(type));
  return other === undefined
    ? {}
    : { finding: `is encrypted with ${other}; accepted are ${accepted.join(", ")}` };
}
