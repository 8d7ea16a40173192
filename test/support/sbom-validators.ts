import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { requireTools, toolPath } from "./tools";

/** Judges of SBOMs that are not ours: the Python packages of the SPDX and CycloneDX projects. */

/**
 * A program of the SPDX project; what it imports, and the validator of CycloneDX, is installed
 * beside it.
 */
const installedProgram = "pyspdxtools";

/** Goes on if the validators are installed; else the test or suite is not executed. */
export function requireSbomValidators(context: Context): void {
  requireTools(context, installedProgram, "python3");
}

/** Runs a program of Python that can import the validators. */
function runPython(program: string, file: string): Promise<string> {
  const folder = dirname(dirname(realpathSync(toolPath(installedProgram))));
  return runClient("python3", ["-c", program, file], { PYTHONPATH: folder });
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
  return runPython(spdxProgram, file);
}

/**
 * What the official CycloneDX 1.6 schema, strictly applied, finds wrong with a document in a file.
 */
export async function cycloneDxFaults(file: string): Promise<string> {
  return runPython(cycloneDxProgram, file);
}
