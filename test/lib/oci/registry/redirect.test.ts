import assert from "node:assert/strict";
import { RedirectError, redirectTarget } from "../../../../lib/oci/transport/redirect";

describe("a redirect", () => {
  const cases: [from: string, location: string | undefined, expected: string | undefined | RegExp][] = [
    ["https://r.example/v2/", undefined, undefined],
    ["https://r.example/v2/a", "b", "https://r.example/v2/b"],
    ["https://r.example/v2/", "https://cdn.example/x?sig=1", "https://cdn.example/x?sig=1"],
    ["https://r.example/v2/", "//cdn.example/x", "https://cdn.example/x"],
    ["http://127.0.0.1:5000/", "http://localhost:5001/", "http://localhost:5001/"],
    ["http://r.example/", "http://cdn.example/", "http://cdn.example/"],
    ["http://127.0.0.1:5000/", "https://r.example/", "https://r.example/"],
    ["https://r.example/", "http://r.example/", /from https to http/],
    ["https://127.0.0.1/", "http://127.0.0.1/", /from https to http/],
    ["https://r.example/", "ftp://r.example/", /to ftp:/],
    ["https://r.example/", "data:text/plain,x", /to data:/],
    ["https://r.example/", "https://[", /not a URL/],
    ["http://r.example/", "http://127.0.0.1:8080/", /to this machine/],
    ["https://r.example/", "https://localhost/", /to this machine/],
    ["http://r.example/", "http://localhost./", /to this machine/],
    ["http://r.example/", "http://localhost.localdomain/", /to this machine/],
    ["http://r.example/", "http://ip6-localhost/", /to this machine/],
    ["http://r.example/", "http://0x7f.1/", /to this machine/],
    ["http://r.example/", "http://0.0.0.0/", /to this machine/],
    ["http://r.example/", "http://[::1]/", /to this machine/],
    ["http://r.example/", "http://[::]/", /to this machine/],
    ["http://r.example/", "http://[::ffff:127.0.0.1]/", /to this machine/],
    ["http://r.example/", "http://169.254.169.254/latest/", /to this machine/],
    ["http://r.example/", "http://[::ffff:169.254.169.254]/", /to this machine/],
    ["http://r.example/", "http://[fe80::1]/", /to this machine/],
    ["http://r.example/", "http://[fe90::1]/", /to this machine/],
    ["http://r.example/", "http://app.localhost./", /to this machine/],
    ["http://r.example/", "http://[fd00:ec2::254]/latest/", /to this machine/],
    ["http://r.example/", "http://100.100.100.200/latest/", /to this machine/],
    ["http://r.example/", "http://[fd00::1]/", "http://[fd00::1]/"],
    ["http://r.example/", "http://10.0.0.1/", "http://10.0.0.1/"],
    ["http://r.example/", "http://localhost.example/", "http://localhost.example/"],
  ];
  for (const [from, location, expected] of cases) {
    it(`from ${from} to ${location}`, () => {
      const target = () => redirectTarget(302, location, new URL(from))?.href;
      if (!(expected instanceof RegExp)) return assert.equal(target(), expected);
      assert.throws(target, (error) => error instanceof RedirectError && expected.test(error.message));
    });
  }

  it("is not what another status says", () => {
    assert.equal(redirectTarget(201, "https://r.example/x", new URL("https://r.example/")), undefined);
  });
});
