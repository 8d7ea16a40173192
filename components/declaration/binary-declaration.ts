import * as z from "zod";
import { platforms } from "./platform-list";

/** What a program declares of a binary of a distribution. */
export const binary = z.strictObject({
  /** Folder of the sources, relative to the project's. */
  directory: z.string().optional(),
  /** Program and arguments, or a text for `sh -eu`; it leaves the binary in `{output}` under its name. */
  command: z
    .union([z.array(z.string().min(1)).min(1), z.string().min(1)])
    .meta({ examples: [["go", "build", "-o", "{output}/hello", "."]] }),
  /** Patterns of the files that the binary is made from. */
  sources: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["**/*.go", "go.mod"]] }),
  /** Variables of the command, over `GOOS`, `GOARCH` and `GOARM`, which are set. */
  environment: z.record(z.string(), z.string()).optional(),
  /** Variables of the machine that the command gets although their names say that they are secrets. Default: none. */
  inherit: z
    .array(z.string())
    .meta({ examples: [["GOPROXY_TOKEN"]] })
    .optional(),
  /** Name of the file in `{output}`. Default: the binary's name, with `.exe` for Windows. */
  output: z.string().optional(),
  /** Seconds after which the command is ended. Default: 3600. */
  timeoutSeconds: z.number().positive().optional(),
  /** Whether the command may run at preview. Default: true. */
  atPreview: z.boolean().optional(),
  /** Platforms that archives get it for, whatever those of the images. Default: those of the distribution. */
  targets: platforms.optional(),
  /** Where each target's file is placed in the project, from `{name}`, `{os}`, `{arch}`, `{variant}` and `{exe}`. Default: nowhere. */
  place: z
    .string()
    .min(1)
    .meta({ examples: ["dist/{os}_{arch}/{name}{exe}"] })
    .optional(),
  /** What differs on a target. */
  overrides: z
    .record(
      z.string(),
      z.strictObject({
        /** Another command. */
        command: z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]).optional(),
        /** Variables over those of the binary. */
        environment: z.record(z.string(), z.string()).optional(),
        /** Another name of the file in `{output}`. */
        output: z.string().optional(),
      }),
    )
    .optional(),
  /** Whether the file is checked to be an executable for its platform. Default: where `targets` are declared. */
  executable: z.boolean().optional(),
  /** Run with the built file where the machine can run it; elsewhere the result is "not executed". */
  test: z
    .strictObject({
      /** Program and arguments; `{file}` is the built file. */
      command: z
        .array(z.string().min(1))
        .min(1)
        .meta({ examples: [["{file}", "--version"]] }),
      /** Regular expression that a printed line has to match. */
      prints: z.string().optional(),
      /** Most seconds that it may take, as the fastest of up to ten runs, e.g. `0.1`. */
      withinSeconds: z.number().positive().optional(),
    })
    .optional(),
  /** Limit of the file's size in bytes, e.g. `{ maximum: 10_000_000 }`. */
  budget: z
    .strictObject({
      /** Most bytes of the file. */
      maximum: z
        .number()
        .int()
        .positive()
        .meta({ examples: [10_000_000] }),
    })
    .optional(),
});

export type BinaryDeclaration = z.infer<typeof binary>;
