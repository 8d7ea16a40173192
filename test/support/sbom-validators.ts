import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { requirement } from "./requirement";
import { runClient } from "./clients";

/** Judges of SBOMs that are not ours: the Python packages of the SPDX and CycloneDX projects. */

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "slipway", "venv-sbom");
const python = join(folder, "bin", "python");

/** Goes on if the validators are installed; else the test or suite is not executed. */
export function requireSbomValidators(context: Context): void {
  const install =
    `python3 -m venv ${folder} && ${folder}/bin/pip install spdx-tools==0.8.5 ` +
    "'cyclonedx-python-lib[json-validation]==11.12.0'";
  requirement(context, installed(), `the validators of SPDX and CycloneDX are not installed (${install})`);
}

function installed(): boolean {
  if (!existsSync(python)) return false;
  try {
    execFileSync(python, ["-c", "import spdx_tools, cyclonedx, jsonschema"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const spdxProgram = `
import sys
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
for message in validate_full_spdx_document(parse_file(sys.argv[1])):
    print(message.validation_message, message.context.spdx_id)
`;

const cycloneDxProgram = `
import sys
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.schema import SchemaVersion
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding="utf-8").read())
if error is not None:
    print(error)
`;

/** What `spdx-tools` finds wrong with a document in a file `*.spdx.json`; empty for a valid one. */
export async function spdxFaults(file: string): Promise<string> {
  return runClient(python, ["-c", spdxProgram, file]);
}

/** What the official CycloneDX 1.6 schema, strictly applied, finds wrong with a document in a file. */
export async function cycloneDxFaults(file: string): Promise<string> {
  return runClient(python, ["-c", cycloneDxProgram, file]);
}
