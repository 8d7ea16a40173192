// Made from the files of provider/doctor/checks/ by `npm run format`; changes here are lost.
import type { DoctorCheck } from "../check";
import { baseImagesCheck } from "./base-images";
import { chocolateyCheck } from "./chocolatey";
import { clockCheck } from "./clock";
import { diskCheck } from "./disk";
import { gitCheck } from "./git";
import { gitHubCheck } from "./github";
import { hostsCheck } from "./hosts";
import { mcpCheck } from "./mcp";
import { npmCheck } from "./npm";
import { pypiCheck } from "./pypi";
import { registriesCheck } from "./registries";
import { scannerCheck } from "./scanner";
import { signingCheck } from "./signing";
import { tagNamesCheck } from "./tag-names";
import { tokensCheck } from "./tokens";
import { toolsCheck } from "./tools";

/** Every check. */
export const checks: readonly DoctorCheck[] = [
  baseImagesCheck,
  chocolateyCheck,
  clockCheck,
  diskCheck,
  gitCheck,
  gitHubCheck,
  hostsCheck,
  mcpCheck,
  npmCheck,
  pypiCheck,
  registriesCheck,
  scannerCheck,
  signingCheck,
  tagNamesCheck,
  tokensCheck,
  toolsCheck,
];
