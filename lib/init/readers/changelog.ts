import { ChangelogError, parseChangelog } from "../../release/changelog";
import type { Reader } from "../found";

/** Reads the change log at the top of a project. */
export const changelogReader: Reader = {
  name: "changelog",
  takes: (path) => path === "CHANGELOG.md",
  read({ path, text }) {
    try {
      const version = parseChangelog(text).find((section) => section.version !== undefined)?.version;
      const heading = text.split("\n").findIndex((line) => version !== undefined && line.includes(version));
      if (version === undefined)
        return { left: [{ file: path, what: "change log", reason: "has no section of a version" }] };
      const from = { file: path, line: heading + 1 };
      return {
        facts: [{ about: "version", value: version, from }],
        fields: [{ name: "release", fields: [{ name: "changelog", value: path }], from }],
      };
    } catch (error) {
      if (!(error instanceof ChangelogError)) throw error;
      return { left: [{ file: path, what: "change log", reason: error.message }] };
    }
  },
};
