import { defined } from "../../lib/objects/defined";
import { UNKNOWN } from "../pack/declared";
import type { Rule } from "../pack/rule";
import { asRecord } from "../reading/values";

export const ecrScannedOnPush: Rule = {
  name: "ecr-scanned-on-push",
  description: "Checks that ECR repositories scan images when they are pushed.",
  remedy:
    "Set `imageScanningConfiguration: { scanOnPush: true }`; where the registry's own scanning rules do it, disable this rule.",
  level: "mandatory",
  severity: "medium",
  looksAt: ["repository", "repositories"],
  types: ["aws:ecr/repository:Repository"],
  check: ({ name, props }) => {
    const what = `ECR repository ${name}`;
    const scanning = props.imageScanningConfiguration;
    const onPush = scanning === UNKNOWN ? UNKNOWN : asRecord(scanning).scanOnPush;
    if (onPush === UNKNOWN) return [{ what, later: true }];
    return [
      defined({ what, finding: onPush === true ? undefined : "does not scan images when they are pushed" }),
    ];
  },
};
