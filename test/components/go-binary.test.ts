import assert from "node:assert/strict";
import { goBinary } from "../../components";

describe("goBinary", () => {
  it("builds the folder's package, static and the same everywhere", () => {
    assert.deepEqual(goBinary(), {
      command: ["go", "build", "-trimpath", "-buildvcs=false", "-o", "{output}/{name}{exe}", "."],
      sources: ["**/*.go", "go.{mod,sum}"],
      env: { CGO_ENABLED: "0" },
    });
  });

  it("takes package, flags, build tags and whatever a binary has", () => {
    const declared = goBinary({
      package: "./cmd/hello",
      ldflags: "-s -w -X main.version={version}",
      tags: ["netgo", "osusergo"],
      directory: "src",
      env: { CGO_ENABLED: "1", CC: "musl-gcc" },
      platforms: ["linux/amd64"],
    });
    assert.deepEqual(declared, {
      directory: "src",
      command: [
        ...["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -X main.version={version}"],
        ...["-tags=netgo,osusergo", "-o", "{output}/{name}{exe}", "./cmd/hello"],
      ],
      sources: ["**/*.go", "go.{mod,sum}"],
      env: { CGO_ENABLED: "1", CC: "musl-gcc" },
      platforms: ["linux/amd64"],
    });
  });
});
