import * as z from "zod";
import type { BinaryDeclaration } from "./declaration/binary-declaration";
import { checkArguments } from "./declaration/call-arguments";

/** Arguments of {@link goBinary}: what `go build` needs, and all other fields of a binary. */
export interface GoBinaryArgs extends Omit<BinaryDeclaration, "command" | "sources"> {
  /** Package to build, relative to `directory`, e.g. `./cmd/hello`. Default: `.`. */
  package?: string;
  /** Flags of the linker, e.g. `-s -w -X main.version={version}`. */
  ldflags?: string;
  /** Build tags. */
  tags?: readonly string[];
  /**
   * Patterns of the files that the binary is made from. Default: every Go file, `go.mod` and
   * `go.sum`.
   */
  sources?: BinaryDeclaration["sources"];
}

/** Its own; those of every binary are checked with the distribution. */
const goArguments = z.looseObject({
  package: z.string().optional(),
  ldflags: z.string().optional(),
  tags: z.array(z.string()).optional(),
});

/**
 * A binary that `go build` makes: static, and the same on every machine and in every folder
 * (`-trimpath`, no state of the version control).
 *
 * @example goBinary({ package: "./cmd/hello", ldflags: "-s -w -X main.version={version}" })
 */
export function goBinary(args: GoBinaryArgs = {}): BinaryDeclaration {
  checkArguments("goBinary()", goArguments, args);
  const { ldflags, tags = [], sources = ["**/*.go", "go.{mod,sum}"], env, ...rest } = args;
  const { package: target = ".", ...others } = rest;
  const flags = ["-trimpath", "-buildvcs=false"];
  if (ldflags !== undefined) flags.push(`-ldflags=${ldflags}`);
  if (tags.length > 0) flags.push(`-tags=${tags.join(",")}`);
  return {
    ...others,
    command: ["go", "build", ...flags, "-o", "{output}/{name}{exe}", target],
    sources,
    env: { CGO_ENABLED: "0", ...env },
  };
}
