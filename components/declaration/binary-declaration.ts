import * as z from "zod";
import { commandDefinition, expectation, functionTest } from "../../resources/definitions/command";
import { renamedFields } from "../../resources/definitions/renamed-fields";
import { targets } from "./platform-list";
import { platformNames, template, versionNames } from "./templates";

const command = commandDefinition.inputs.shape;
const names = [...platformNames, ...versionNames, "name"];
const output = template(names, "hello{exe}").optional();

/** How a binary differs for one platform. */
const override = z.strictObject({
  /** Another command. */
  command: command.command.optional(),
  /** Variables over those of the binary. */
  env: command.env,
  /** Another name of the file in `{output}`. */
  output,
});

/** Limit of a file. */
const budget = z.strictObject({
  /** Maximum size of the file in bytes. */
  maximumBytes: expectation.shape.maximumBytes.nonoptional(),
});

/** Declaration of a binary of a distribution. */
export const binary = z.strictObject({
  /** Folder of the sources, relative to the project's. */
  directory: command.directory,
  /**
   * Program and arguments, or a text for `sh -eu`; it leaves the binary in `{output}` under its
   * name.
   */
  command: command.command,
  /** Patterns of the files that the binary is built from. */
  sources: command.sources,
  /** Variables of the command, over `GOOS`, `GOARCH` and that of the variant, e.g. `GOARM`, which are set. */
  env: command.env,
  /**
   * Variables of the machine that the command gets although their names mark them as secrets.
   * Default: none.
   */
  inherit: command.inherit,
  /** Name of the file in `{output}`. Default: the binary's name, with `.exe` for Windows. */
  output,
  /** Seconds after which the command is stopped. Default: 3600. */
  timeoutSeconds: command.timeoutSeconds,
  /** Whether the command may run at preview. Default: true. */
  atPreview: command.atPreview,
  /**
   * Platforms to build it for in archives, independent of those of the images. Default: those of
   * the distribution.
   */
  platforms: targets.optional(),
  /**
   * Path of each platform's file in the project, from `{name}`, `{os}`, `{arch}`, `{variant}` and
   * `{exe}`. Default: nowhere.
   */
  place: template(names, "dist/{os}_{arch}/{name}{exe}").optional(),
  /** Differences for single platforms. */
  overrides: z
    .record(z.string(), override)
    .meta({ examples: [{ "windows/amd64": { output: "hello.exe" } }] })
    .optional(),
  /**
   * Whether the file must be an executable for its platform. Default: true if `platforms` are
   * declared.
   */
  executable: z.boolean().optional(),
  /**
   * Test run with the built file where the machine can run it; elsewhere the result is "not
   * executed".
   */
  test: z
    .strictObject({
      /** Program and arguments; `{file}` is the built file. */
      command: functionTest.shape.command,
      /** Regular expression that a printed line must match. */
      prints: functionTest.shape.prints,
      /** Maximum duration in seconds of the fastest of up to ten runs, e.g. `0.1`. */
      withinSeconds: functionTest.shape.withinSeconds,
    })
    .optional(),
  /** Limit of the file's size in bytes, e.g. `{ maximumBytes: 10_000_000 }`. */
  budget: budget.optional(),
});

renamedFields(binary, { environment: "env", targets: "platforms" });
renamedFields(override, { environment: "env" });
renamedFields(budget, { maximum: "maximumBytes" });

/** A program that is built. */
export interface BinaryDeclaration extends z.infer<typeof binary> {}
