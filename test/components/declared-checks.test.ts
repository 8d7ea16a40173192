import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  Check,
  DeclarationError,
  Distribution,
  imageFolder,
  ociRegistry,
  semverTags,
  type DistributionArgs,
  type Gates,
} from "../../components";

type Inputs = Record<string, unknown>;

const main = ociRegistry({ host: "ghcr.io", namespace: "acme" });
const mirror = ociRegistry({ host: "docker.io", namespace: "acme" });
const files = [{ to: "/hello", content: "hello" }];
const base = {
  version: "v1.2.3",
  registries: [main, mirror, imageFolder({ directory: "out" })],
  platforms: ["linux/amd64"],
  images: { hello: { files }, tool: { files } },
  archives: { hello: { files: [{ path: "README", content: "hello" }] } },
};
const digestOf = (name: string) => `sha256:${name}`;

/** The checks that a distribution makes, in their order, and what it says of itself. */
async function made(
  args: Partial<DistributionArgs>,
): Promise<{ checks: Map<string, Inputs>; distribution: Distribution }> {
  const checks = new Map<string, Inputs>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: given }) => {
        const inputs = given as Inputs;
        if (type === "slipway:gate:Check") checks.set(name, inputs);
        const digest = digestOf(name);
        const state = { ...inputs, digest, reference: `${String(inputs.repository)}@${digest}` };
        return { id: name, state };
      },
      call: ({ inputs }) => inputs as Inputs,
    },
    "hello",
    "dev",
    false,
  );
  const distribution = new Distribution("hello", { ...base, ...args });
  await pulumi.runtime.disconnect();
  return { checks, distribution };
}

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));
const both = [digestOf("hello"), digestOf("tool")];

describe("a declared check", () => {
  const cases: [title: string, declared: Gates, expected: Record<string, object>][] = [
    [
      "is about all images, and knows the version",
      { docs: { command: { command: ["grep", "{semver}", "{tag}.md", "{print $1}"] }, advisory: true } },
      {
        docs: {
          subject: both,
          command: { command: ["grep", "1.2.3", "v1.2.3.md", "{print $1}"] },
          advisory: true,
        },
      },
    ],
    [
      "of each image knows it",
      { pull: { each: "image", anonymousPull: "{repository}:{version}" } },
      {
        "pull hello": { subject: both[0], anonymousPull: "ghcr.io/acme/hello:v1.2.3" },
        "pull tool": { subject: both[1], anonymousPull: "ghcr.io/acme/tool:v1.2.3" },
      },
    ],
    [
      "of one image knows it, and values in a pattern are what they are",
      {
        start: {
          images: ["tool"],
          command: { command: ["run", "{reference}"], expect: "^{image} {semver}$" },
        },
      },
      {
        start: {
          subject: both[1],
          command: { command: ["run", `ghcr.io/acme/tool@${both[1]}`], expect: "^tool 1\\.2\\.3$" },
        },
      },
    ],
    [
      "takes outputs",
      { test: { command: pulumi.output({ command: ["test", "{semver}"] }) } },
      { test: { subject: both, command: { command: ["test", "1.2.3"] } } },
    ],
    ["that is not there is none", { docs: undefined }, {}],
  ];
  for (const [title, gates, expected] of cases) {
    it(title, async () => {
      assert.deepEqual(Object.fromEntries((await made({ gates })).checks), expected);
    });
  }

  it("after the publication is made for each image in each registry, or in some", async () => {
    const { checks } = await made({
      afterPublication: {
        all: { each: "repository", anonymousPull: "{reference}" },
        some: {
          each: "repository",
          registries: [mirror],
          images: ["tool"],
          anonymousPull: "{repository}:{tag}",
        },
      },
    });
    const pulled = [...checks].map(([name, { anonymousPull }]) => [name, anonymousPull]);
    assert.deepEqual(pulled.sort(), [
      ["all docker.io/acme/hello", `docker.io/acme/hello@${both[0]}`],
      ["all docker.io/acme/tool", `docker.io/acme/tool@${both[1]}`],
      ["all ghcr.io/acme/hello", `ghcr.io/acme/hello@${both[0]}`],
      ["all ghcr.io/acme/tool", `ghcr.io/acme/tool@${both[1]}`],
      ["some docker.io/acme/tool", "docker.io/acme/tool:v1.2.3"],
    ]);
  });

  it("after the publication is made for each tag of an image in each registry, or in some (CAP-22)", async () => {
    const { checks } = await made({
      tags: semverTags({ prefix: "v", aliases: ["minor", "latest"] }),
      afterPublication: {
        pulled: { each: "tag", images: ["tool"], anonymousPull: "{reference}" },
        own: { each: "tag", registries: [main], images: ["hello"], anonymousPull: "{reference}" },
      },
    });
    const pulled = [...checks].map(([name, { anonymousPull, subject }]) => [name, anonymousPull, subject]);
    const expected = (check: string, image: string, host: string, index: number) =>
      ["v1.2.3", "v1.2", "latest"].map((tag) => {
        const reference = `${host}/acme/${image}:${tag}`;
        return [`${check} ${reference}`, reference, both[index]];
      });
    assert.deepEqual(
      pulled.sort(),
      [
        ...expected("pulled", "tool", "ghcr.io", 1),
        ...expected("pulled", "tool", "docker.io", 1),
        ...expected("own", "hello", "ghcr.io", 0),
      ].sort(),
    );
  });

  it("waits for those that it is declared after, of functions too", async () => {
    const command = { command: ["true"] };
    const { checks } = await made({
      gates: {
        last: { command, after: ["middle", "own"] },
        middle: { each: "image", command, after: ["first"] },
        first: { command },
        own: (_images, options) => [new Check("by-function", { command }, options)],
      },
    });
    const order = [...checks.keys()];
    assert.equal(order.at(-1), "last");
    assert.ok(order.indexOf("first") < order.indexOf("middle hello"), order.join());
    assert.equal(order.length, 5);
  });

  it("is refused by the compiler where it is not one", () => {
    const types: Gates<"hello">[] = [
      // @ts-expect-error: two kinds of check
      { a: { command: { command: "true" }, anonymousPull: "ghcr.io/acme/hello" } },
      // @ts-expect-error: no kind of check
      { a: { attempts: 5 } },
      // @ts-expect-error: an image that is not declared
      { a: { command: { command: "true" }, images: ["helo"] } },
      // @ts-expect-error: a misspelled field
      { a: { comand: { command: "true" } } },
    ];
    for (const gates of types) {
      const images = { hello: { files } };
      assert.throws(() => new Distribution("hello", { ...base, images, gates }), DeclarationError);
    }
  });

  const command = { command: ["true"] };
  const refusals: [title: string, args: object, message: RegExp][] = [
    [
      "a misspelled field",
      { gates: { a: { comand: command } } },
      /gates\.a\.comand: unknown field; did you mean "command"\?/,
    ],
    [
      "a misspelled field of a command",
      { gates: { a: { command: { command: ["true"], expects: "a" } } } },
      /gates\.a\.command\.expects: unknown field; did you mean "expect"\?/,
    ],
    ["no kind", { gates: { a: {} } }, /gates\.a: declares no check: exactly one of command, http/],
    ["a number", { gates: 5 }, /gates: 5 is not valid: .*a valid example: \{"health":\{"command"/],
    [
      "a bad name",
      { gates: { "a/b": { command } } },
      /gates\.a\/b: the name is not valid: a name of letters/,
    ],
    [
      "a misspelled image",
      { gates: { a: { command, images: ["helo"] } } },
      /gates\.a\.images\[0\]: there is no image "helo"; did you mean "hello"\?; declared are hello, tool/,
    ],
    [
      "a misspelled predecessor",
      { gates: { first: { command }, a: { command, after: ["frist"] } } },
      /gates\.a\.after\[0\]: there is no check "frist"; did you mean "first"\?/,
    ],
    [
      "a circle",
      { gates: { a: { command, after: ["b"] }, b: { command, after: ["a"] } } },
      /gates\.a\.after: the checks wait for each other/,
    ],
    [
      "a misspelled name in a text",
      { gates: { a: { command: { command: ["echo", "{semvr}"] } } } },
      /gates\.a\.command\.command\[1\]: "\{semvr\}": nothing takes the place of \{semvr\}; did you mean \{semver\}\?/,
    ],
    [
      "a misspelled name in a reference",
      { gates: { a: { each: "image", anonymousPull: "{repo}:{os}" } } },
      /gates\.a\.anonymousPull: "\{repo\}:\{os\}": nothing takes the place of \{os\}.*valid example: "\{repository\}:\{semver\}"/,
    ],
    [
      "an image's name in a check of several",
      { gates: { a: { anonymousPull: "{reference}" } } },
      /gates\.a\.anonymousPull: "\{reference\}": \{reference\} is of one image.*each: "image"/,
    ],
    [
      "a version that there is none of",
      { version: undefined, branch: "main", gates: { a: { command: { command: "echo {semver}" } } } },
      /gates\.a\.command\.command: "echo \{semver\}": \{semver\} needs a version, and none is declared/,
    ],
    [
      "registries before the publication",
      { gates: { a: { each: "repository", anonymousPull: "{reference}" } } },
      /gates\.a\.each: "repository" is for afterPublication/,
    ],
    [
      "tags before the publication (CAP-22)",
      { gates: { a: { each: "tag", anonymousPull: "{reference}" } } },
      /gates\.a\.each: "tag" is for afterPublication: .* and without tags/,
    ],
    [
      "registries of a check that is not of each",
      { afterPublication: { a: { registries: [main], command } } },
      /afterPublication\.a\.registries: needs each: "repository"/,
    ],
    [
      "a registry of others",
      {
        afterPublication: {
          a: { each: "repository", registries: [ociRegistry({ host: "quay.io" })], command },
        },
      },
      /afterPublication\.a\.registries\[0\]: quay\.io is not among the registries of the distribution, which are/,
    ],
    [
      "one name twice",
      { gates: { a: { command } }, afterPublication: { a: { command } } },
      /afterPublication\.a: a gate has this name, too/,
    ],
  ];
  for (const [title, args, message] of refusals) {
    it(`with ${title} is refused before anything is registered`, () => {
      assert.throws(
        () => new Distribution("hello", { ...base, ...args }),
        (error) => {
          assert.ok(error instanceof DeclarationError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

describe("references of a distribution", () => {
  it("are those of each registry and further name, by tag and by digest", async () => {
    const images = { hello: { files, alsoRepositories: ["core"] } };
    const { distribution } = await made({ images });
    const references = distribution.references.hello ?? [];
    assert.deepEqual(
      references.map(({ repository }) => repository),
      ["ghcr.io/acme/hello", "docker.io/acme/hello", "ghcr.io/acme/core", "docker.io/acme/core"],
    );
    const [, second] = references;
    assert.equal(second?.byTag["v1.2.3"], "docker.io/acme/hello:v1.2.3");
    assert.equal(second && (await value(second.byDigest)), `docker.io/acme/hello@${both[0]}`);
  });
});

describe("artifacts of a distribution", () => {
  it("have the platform that they are for", async () => {
    const seen: unknown[] = [];
    await made({
      platforms: ["linux/amd64", "linux/arm64"],
      gates: (_images, _options, artifacts) => {
        artifacts.apply((all) => seen.push(...all.map(({ name, platform }) => [name, platform])));
        return [];
      },
    });
    assert.deepEqual(seen, [
      ["hello_1.2.3_linux_amd64.tar.gz", "linux/amd64"],
      ["hello_1.2.3_linux_arm64.tar.gz", "linux/arm64"],
    ]);
  });
});
