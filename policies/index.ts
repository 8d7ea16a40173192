import { join } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import { writeEarlyViolations } from "../lib/display/early-violations";
import { environmentSecrets } from "../lib/text/environment-secrets";
import { SecretTexts } from "../lib/text/secret-texts";
import { PlatformFamilies } from "./evidence/platform-families";
import { Causes } from "./pack/causes";
import { cliProcess } from "./pack/cli-process";
import { unknownNames } from "./pack/configuration";
import { fileProblems } from "./pack/configuration-file";
import { EngineLog } from "./pack/engine-log";
import {
  groupViolations,
  violationOf,
  keepSecretMarks,
  noteEngine,
  noteStackSecrets,
  refuseConfiguration,
  refuseConfigurationFile,
} from "./pack/from-engine";
import { RunOutcomes } from "./pack/run-outcomes";
import { policyOf } from "./pack/policy";
import { reportPolicy } from "./pack/report";
import { rules } from "./rules";

/** Starts the policy pack: the engine speaks to it until the run ends. */
const secrets = new SecretTexts();
secrets.addValue(environmentSecrets(process.env));
keepSecretMarks(secrets);
noteStackSecrets(secrets);
const run = new RunOutcomes();
const families = new PlatformFamilies();
const causes = new Causes();
const log = new EngineLog();
noteEngine((address) => log.setAddress(address));
groupViolations(
  (all) => causes.grouped(all),
  (held, isWhole) => writeEarlyViolations({ violations: held.map(violationOf), isWhole }),
);
refuseConfigurationFile(() => fileProblems(cliProcess(), join(__dirname, "..", "policies"), rules));
refuseConfiguration((given) => unknownNames(rules, given));
new PolicyPack("slipway", {
  enforcementLevel: "mandatory",
  policies: [
    ...rules.map((rule) => policyOf(rule, run, families, secrets, causes)),
    // The report is last: it counts what the rules before it looked at.
    reportPolicy(rules, run, (lines) => log.tell(lines)),
  ],
});
