import assert from "node:assert/strict";
import { GitHubEndpoint } from "../../../lib/github/endpoint";
import { AddressError, parseAddress } from "../../../lib/oci/address";
import { assertLinear } from "../../support/growth";

describe("long texts are read in their share of time", () => {
  const refused = (text: string) => assert.throws(() => parseAddress(text), AddressError);

  it("an address with many digests that are none", () =>
    assertLinear(20_000, (size) => `oci-layout:${"@sha1".repeat(size)}/a:b/:`, refused));

  it("an endpoint with many slashes", () =>
    assertLinear(
      20_000,
      (size) => `https://github.example.com/${"/".repeat(size)}a`,
      (text) => new GitHubEndpoint(text).url,
    ));
});
