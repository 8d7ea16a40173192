import assert from "node:assert/strict";
import { proxySettings } from "../../../../lib/oci/transport/proxy-settings";

const local = "localhost,127.0.0.1,[::1]";

describe("proxies of the environment", () => {
  for (const [what, env, expected] of [
    ["none", {}, undefined],
    ["none, for empty variables", { HTTPS_PROXY: "", http_proxy: "", NO_PROXY: "example.com" }, undefined],
    [
      "one for each scheme",
      { HTTP_PROXY: "http://plain:3128", HTTPS_PROXY: "https://secure:3129" },
      { httpProxy: "http://plain:3128", httpsProxy: "https://secure:3129", noProxy: local },
    ],
    [
      "lower case before upper case",
      { http_proxy: "http://lower:1", HTTP_PROXY: "http://upper:1", no_proxy: "a.test", NO_PROXY: "b.test" },
      { httpProxy: "http://lower:1", noProxy: `a.test,${local}` },
    ],
    [
      "one without a scheme",
      { HTTPS_PROXY: "proxy:3128" },
      { httpsProxy: "http://proxy:3128", noProxy: local },
    ],
    [
      "one of SOCKS",
      { HTTPS_PROXY: "socks5://proxy:1080" },
      { httpsProxy: "socks5://proxy:1080", noProxy: local },
    ],
    [
      "one that is for nothing",
      { HTTPS_PROXY: "http://proxy:1", NO_PROXY: " * " },
      { httpsProxy: "http://proxy:1", noProxy: "*" },
    ],
  ] as const) {
    it(`are ${what}`, () => assert.deepEqual(proxySettings(env), expected));
  }

  for (const value of ["http://", "ftp://user:secret@proxy", "user:secret@pro xy", "://x"]) {
    it(`PROD-10: refuse ${JSON.stringify(value)}, and do not show it`, () => {
      assert.throws(
        () => proxySettings({ HTTPS_PROXY: value }),
        (error: Error) =>
          error.message ===
          "the environment variable HTTPS_PROXY is not the address of a proxy: correct it or unset it (a valid example: " +
            "HTTPS_PROXY=http://proxy.example.com:3128)",
      );
    });
  }
});
