import type { Answer } from "./exchange";
import type { Vendor } from "./vendor";

/** The page that GitHub's site shows to who asks often. */
const webPage: Answer = {
  status: 429,
  headers: { "content-type": "text/html; charset=utf-8", "retry-after": "60" },
  body: "<html><h1>Whoa there!</h1></html>",
};

/**
 * GitHub's registry: where the referrers API would be, a redirect to the site's page about a package
 * of that name, on another host, which limits who asks often.
 */
export const github: Vendor = {
  name: "github",
  behavior: "redirects from where the referrers API would be to a web page, which answers 429",
  source: "https://github.com/artifacthub/hub/issues/4785",
  behave:
    () =>
    ({ kind, repository, reference, path, headers, pass }) => {
      if (path.startsWith("/-/")) return webPage;
      if (kind !== "referrers") return pass();
      const name = encodeURIComponent(`${repository}/referrers/${reference.split(":")[0] ?? ""}`);
      // Another host by its name, the same one by its port.
      const host = (headers.host ?? "").replace("127.0.0.1", "localhost");
      return {
        status: 303,
        headers: { location: `http://${host}/-/v2/packages/container/package/${name}` },
      };
    },
};

/** The same registry at other times. */
export const githubNotFound: Vendor = {
  name: "github-page",
  behavior: "answers with a web page where the referrers API would be",
  source: "https://github.com/sigstore/sigstore-js/pull/1187",
  behave:
    () =>
    ({ kind, pass }) =>
      kind === "referrers" ? { ...webPage, status: 200 } : pass(),
};
