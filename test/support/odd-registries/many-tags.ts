import { refusal, type Behavior } from "./exchange";

/** Tags that one request may have: what a registry should take at least. */
const mostTags = 10;

/**
 * A registry that sets tags by parameters of the PUT of a manifest by digest, as the text of the
 * specification has it: for each accepted tag a value of `OCI-Tag`, in one line or several, and 414 for
 * too many. No registry that could be run here did so when this was written.
 * https://github.com/opencontainers/distribution-spec/pull/600
 *
 * @param accepts which tags it takes
 */
export function manyTags(accepts: (tag: string) => boolean = () => true): Behavior {
  return async ({ method, kind, byDigest, repository, reference, query, headers, body, pass, ask }) => {
    const tags = query.getAll("tag");
    if (method !== "PUT" || kind !== "manifests" || !byDigest || tags.length === 0) return pass();
    if (tags.length > mostTags) return refusal(414, "TAG_INVALID", "too many tags");
    const at = (name: string) => `/v2/${repository}/manifests/${name}`;
    const answer = await pass({ path: at(reference) });
    const set: string[] = [];
    for (const tag of tags.filter(accepts)) {
      const { status } = await ask("PUT", at(tag), body, { "content-type": headers["content-type"] });
      if (status === 201) set.push(tag);
    }
    const [last, ...others] = set.reverse();
    const lines = [others.reverse().join(", "), last ?? ""].filter((line) => line !== "");
    return lines.length === 0 ? answer : { ...answer, headers: { ...answer.headers, "oci-tag": lines } };
  };
}
