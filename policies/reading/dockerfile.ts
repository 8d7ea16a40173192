/** An image that a Dockerfile starts from, and the users of its last stage. */
export interface DockerfileStages {
  /**
   * References of `FROM` and `COPY --from` that are images, not stages of the file; variables are
   * filled in.
   */
  readonly bases: readonly string[];
  /** User of the last stage, or undefined where it sets none. */
  readonly user: string | undefined;
}

/**
 * Reads the base images and the last stage's user of a Dockerfile.
 *
 * Source: Dockerfile reference, FROM, ARG, COPY and USER.
 *
 * @param buildArgs values of arguments, which go before the defaults in the file
 */
export function readDockerfile(text: string, buildArgs: Readonly<Record<string, string>>): DockerfileStages {
  const args: Record<string, string> = {};
  const stages = new Map<string, string | undefined>();
  const bases: string[] = [];
  let user: string | undefined;
  let stage = 0;
  for (const line of instructions(text)) {
    const [, instruction = "", rest = ""] = /^(\w+)\s+(.*)$/s.exec(line) ?? [];
    switch (instruction.toUpperCase()) {
      case "ARG": {
        const [, name = "", value] = /^(\w+)(?:=(.*))?$/s.exec(rest.trim()) ?? [];
        const given = buildArgs[name] ?? value;
        if (given !== undefined) args[name] = given.replace(/^(["'])(.*)\1$/s, "$2");
        break;
      }
      case "FROM": {
        const words = rest.split(/\s+/).filter((word) => !word.startsWith("--"));
        const image = filled(words[0] ?? "", args);
        const isStage = stages.has(image.toLowerCase());
        if (!isStage && image !== "scratch") bases.push(image);
        // A stage that starts from another one has its user.
        user = isStage ? stages.get(image.toLowerCase()) : undefined;
        const name = words[1]?.toLowerCase() === "as" ? (words[2] ?? "") : String(stage);
        stage += 1;
        stages.set(name.toLowerCase(), user);
        break;
      }
      case "USER":
        user = filled(rest.trim(), args);
        stages.set([...stages.keys()].at(-1) ?? "0", user);
        break;
      case "COPY": {
        const from = /--from=(\S+)/.exec(rest)?.[1];
        const image = from === undefined ? undefined : filled(from, args);
        const isImage = image !== undefined && !stages.has(image.toLowerCase()) && !/^\d+$/.test(image);
        if (isImage) bases.push(image);
        break;
      }
    }
  }
  return { bases, user };
}

/** Lines without comments, those that end with a backslash joined with the next. */
function instructions(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join("\n")
    .replace(/\\\s*\n/g, " ")
    .split("\n")
    .map((line) => line.trim());
}

/**
 * Fills in `$NAME`, `${NAME}` and `${NAME:-default}`; a variable without a value stays as it is.
 */
function filled(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g, (whole, plain, braced, fallback) => {
    const value = args[(plain ?? braced) as string] ?? (fallback as string | undefined);
    return value ?? whole;
  });
}
