import { refusal } from "./exchange";
import type { Vendor } from "./vendor";

/** How long content, and where a tag was moved, is not shown after it was put, in milliseconds. */
const lateMs = 1500;

/**
 * GHCR, Docker Hub and others at times: what was pushed a moment ago cannot be read yet, nor can an
 * index be pushed that lists it.
 * https://github.com/int128/docker-manifest-create-action/issues/857
 */
export const lateVisibility: Vendor = {
  name: "late-visibility",
  behavior: "shows a manifest, and where a tag was moved, only 1.5 s after it was put",
  source: "https://github.com/int128/docker-manifest-create-action/issues/857",
  lateMs,
  behave: () => {
    const putAt = new Map<string, number>();
    const former = new Map<string, { digest: string; movedAt: number }>();
    const isLate = (repository: string, reference: string) =>
      Date.now() - (putAt.get(`${repository}@${reference}`) ?? 0) < lateMs;

    return async ({
      ask,
      body,
      byDigest,
      headers,
      kind,
      method,
      path,
      reads,
      reference,
      repository,
      pass,
    }) => {
      if (kind !== "manifests") return pass();
      const name = `${repository}@${reference}`;
      const before = former.get(name);
      if (reads && before && Date.now() - before.movedAt < lateMs) {
        return pass({ path: path.replace(/[^/]+$/, before.digest) });
      }
      if (reads && isLate(repository, reference)) return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
      if (method !== "PUT") return pass();
      const { manifests = [] } = JSON.parse(body.toString("utf8")) as { manifests?: { digest: string }[] };
      if (manifests.some(({ digest }) => isLate(repository, digest))) {
        return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
      }
      const pointed = byDigest
        ? undefined
        : await ask("HEAD", path, undefined, { accept: headers["content-type"] });
      const answer = await pass();
      const shown = pointed?.headers["docker-content-digest"];
      const digest = String(answer.headers["docker-content-digest"]);
      // What is there already is put again and stays as it is.
      if (answer.status === 201 && pointed?.status === 200 && shown !== digest) {
        former.set(name, { digest: String(shown), movedAt: Date.now() });
      }
      for (const name of answer.status === 201 ? [reference, digest] : []) {
        if (!putAt.has(`${repository}@${name}`)) putAt.set(`${repository}@${name}`, Date.now());
      }
      return answer;
    };
  },
};
