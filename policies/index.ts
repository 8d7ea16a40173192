import { PolicyPack } from "@pulumi/policy";
import { environmentSecrets } from "../lib/text/environment-secrets";
import { SecretTexts } from "../lib/text/secret-texts";
import { PlatformFamilies } from "./evidence/platform-families";
import { Ledger } from "./pack/ledger";
import { policyOf } from "./pack/policy";
import { unknownNames } from "./pack/configuration";
import { keepSecretMarks, noteStackSecrets, refuseConfiguration } from "./pack/from-engine";
import { reportPolicy } from "./pack/report";
import { rules } from "./rules";

/** Starts the policy pack: the engine speaks to it until the run ends. */
const secrets = new SecretTexts();
secrets.addValue(environmentSecrets(process.env));
keepSecretMarks(secrets);
noteStackSecrets(secrets);
const ledger = new Ledger();
const families = new PlatformFamilies();
const report = reportPolicy(rules, ledger);
refuseConfiguration((given) => unknownNames(rules, [report.name], given));
new PolicyPack("slipway", {
  enforcementLevel: "mandatory",
  // The report is last: it counts what the rules before it looked at.
  policies: [...rules.map((rule) => policyOf(rule, ledger, families, secrets)), report],
});
