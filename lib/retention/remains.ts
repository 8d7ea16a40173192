import { kindOfTag } from "./tag-kind";
import { nameOfVersion } from "./published-days";
import type { RetentionQuestion } from "./question";
import { newestMajors, versionVerdict } from "./versions";
import { parseCalendarVersion, parseRevision } from "../version/version";

/**
 * What published versions consisted of whose tag is gone and which the rule gives up, with the reason by digest: a run that was
 * cut off after the tag has left it. Of other versions without a tag it is not known that they are to go, and they stay.
 */
export function remainsOfVersions({
  contents,
  names,
  needs,
  notices,
  on,
  published,
  rule,
}: RetentionQuestion): Map<string, string> {
  if (rule.versions === undefined) return new Map();
  const versionOf = (tag: string) => {
    const kind = kindOfTag(tag, names);
    return "version" in kind ? [kind.version] : [];
  };
  const tagged = [...contents.listed, ...needs].flatMap(versionOf);
  const all = Object.entries(published).flatMap(([text, { day, digests }]) => {
    const version = parseRevision(text) ?? parseCalendarVersion(text);
    return version ? [{ text, day, digests, version }] : [];
  });
  const majors = newestMajors([...tagged, ...all.map(({ version }) => version)], rule.versions.majors);
  const listed = new Set(tagged.map(nameOfVersion));
  const facts = { rule: rule.versions, notices, on };
  const remains = new Map<string, string>();
  const others = new Set<string>();
  for (const { text, day, digests, version } of all) {
    const verdict = versionVerdict(version, day, majors, facts);
    if (!verdict.goes) for (const digest of digests) others.add(digest);
    else if (!listed.has(nameOfVersion(version))) {
      for (const digest of digests) remains.set(digest, `what is left of ${text}, ${verdict.reason}`);
    }
  }
  for (const digest of others) remains.delete(digest);
  return remains;
}
