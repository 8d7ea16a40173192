import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import {
  type ChannelState,
  type ChannelTarget,
  Distribution,
  githubRelease,
  homebrewFormula,
  ociRegistry,
} from "slipway";

const config = new pulumi.Config();
const version = config.require("version");
const author = { name: "Acme releases", email: "releases@acme.example" };

/** The provider's resource, as a channel: it is published once it is committed, and what fails ends the run. */
class PublishedFile extends github.RepositoryFile {
  readonly state = this.commitSha.apply((): ChannelState => "published");
  readonly reason = pulumi.output<string | undefined>(undefined);
}

/** The formula as Slipway renders it; who puts it into the tap is up to the program. */
const formula = homebrewFormula({
  tap: "https://github.com/acme/homebrew-tap.git",
  author,
  description: "Greets the world",
  homepage: "https://acme.example/hello",
});

const inTap: ChannelTarget = {
  kind: formula.kind,
  name: "hello in acme/homebrew-tap",
  findings: (release) => formula.findings?.(release) ?? [],
  install: (release) => formula.install?.(release),
  create: (content, options) =>
    new PublishedFile(
      "hello-formula",
      {
        repository: "homebrew-tap",
        branch: "main",
        file: "Formula/hello.rb",
        content: formula.files?.(content)["Formula/hello.rb"] ?? "",
        commitMessage: `hello ${content.version}`,
        commitAuthor: author.name,
        commitEmail: author.email,
        overwriteOnCreate: true,
      },
      // A formula that leaves the program stays in the tap.
      { ...options, retainOnDelete: true },
    ),
};

new Distribution("hello", {
  version,
  licenses: "MIT",
  registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    hello: {
      command: ["go", "build", "-trimpath", "-o", "{output}/hello{exe}", "."],
      sources: ["**/*.go", "go.mod"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/arm64"],
    },
  },
  images: { hello: { files: [{ to: "/hello", binary: "hello" }], user: "65532" } },
  archives: { hello: { binaries: ["hello"] } },
  release: githubRelease({ repository: "acme/hello", token: config.requireSecret("githubToken") }),
  // Nobody who follows the tap asked for a pre-release.
  channels: version.includes("-") ? [] : [inTap],
});
