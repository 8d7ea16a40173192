import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { followReferences, type FollowedImage } from "../../../lib/deploy/follow";
import { YamlError } from "../../../lib/yaml/parse";

const oldDigest = `sha256:${"0".repeat(64)}`;
const digest = `sha256:${"ab".repeat(32)}`;
const ui = { name: "ui", repositories: ["docker.io/acme/ui", "ghcr.io/acme/ui"] };
const server = { name: "server", repositories: ["docker.io/acme/server", "localhost:5000/team/server"] };
const byTag: FollowedImage[] = [ui, server].map((image) => ({ ...image, tag: "v2.1.0" }));
const byDigest: FollowedImage[] = [ui, server].map((image) => ({ ...image, digest }));
const byBoth: FollowedImage[] = [ui, server].map((image) => ({ ...image, tag: "v2.1.0", digest }));

const follow = (text: string, images = byTag, others: string[] = []) =>
  followReferences(text, { images, others }).text;

/** A file in which `{REPOSITORY}` stands for a reference of it, and `{=…}` for a part of one. */
function versions(
  template: string,
  from: (repository: string) => string,
  to: (repository: string) => string,
) {
  const fill = (reference: (repository: string) => string) =>
    template.replace(/\{([a-z][a-z0-9.:/-]*)\}/g, (_found, repository: string) => reference(repository));
  return { before: fill(from), after: fill(to) };
}

/** Compose, as somebody writes it by hand: anchors, merged fields, comments, both quotes. */
const composeRepository = `# The stack of Acme.
x-defaults: &defaults   # everywhere
  restart: unless-stopped
  logging: { driver: json-file, options: {max-size: "10m"} }

x-ui-image: &ui-image {acme/ui}    # one place for both

services:
    ui:
        <<: *defaults
        image: *ui-image
        ports: ["5005:5005"]   # not 5000
    ui-readonly: { image: *ui-image, environment: [ "READ_ONLY=1" ] }


    server:
        image: "{acme/server}"
        environment:
            NOTE: 'image: acme/server:v0.0.1'
            TEXT: |
                # slipway: nothing
                image: acme/ui:v0.0.1
    from-elsewhere:
        image: '{ghcr.io/acme/ui}'\t# the mirror
    built:
        image: acme/ui:mine
        build: .
    redis:
        image: redis:7-alpine
# no line end at the end`;

/** Kubernetes: several documents, a list, a CronJob, init containers, a resource of others, lines of Windows. */
const kubernetesRepository = `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ui
spec:
  template:
    spec:
      initContainers:
      - name: migrate
        image: {docker.io/acme/server}
      containers:
      -   name: ui
          image:   {acme/ui}
          imagePullPolicy: Always
      - {name: sidecar, image: {ghcr.io/acme/ui}, args: [--image, "acme/ui:v0"]}
      - name: other
        image: docker.io/library/busybox@${oldDigest}
---
# Every night.
apiVersion: batch/v1
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: { containers: [
  { name: clean, image: '{acme/server}' } ] } } } } }
---
apiVersion: example.com/v1
kind: Ui
spec:
  # A field that is not called image.
  runtime: {acme/ui}  # slipway: ui
  # slipway: server
  "backend": "{acme/server}"
...
---
apiVersion: v1
kind: List
items:
- kind: Pod
  spec:
    containers:
    - image: {acme/ui}
`.replaceAll("\n", "\r\n");

/** Values of a chart and a kustomization: a reference in parts, tabs and flows of odd shape. */
const valuesRepository = `\uFEFF# values
global: {registry: ''}
ui:
  image:
    repository: acme/ui
    tag: {=tag} # of the release
    digest: "{=digest}"
server:
  image: {registry: docker.io, repository: acme/server, tag: "{=tag}", digest: {=digest}}
images:
- name: example.com/other
  newTag: v0.0.1
- newTag: "{=tag}"
  name: acme/ui
  digest: '{=digest}'
- name: web
  newName: ghcr.io/acme/ui
  newTag: {=tag}
  digest: {=digest}
TAG: {=tag} # slipway: ui:tag
`;

describe("references in files that somebody has written", () => {
  const repositories = { compose: composeRepository, Kubernetes: kubernetesRepository };
  for (const [kind, template] of Object.entries(repositories)) {
    for (const [how, images, end] of [
      ["tag", byTag, ":v2.1.0"],
      ["digest", byDigest, `@${digest}`],
      ["tag and digest", byBoth, `:v2.1.0@${digest}`],
    ] as const) {
      for (const former of [":v1.0.0", "", `@${oldDigest}`, `:latest@${oldDigest}`]) {
        it(`CAP-23, CAP-25: ${kind} follows by ${how} from ${JSON.stringify(former)}, and all other bytes stay`, () => {
          const { before, after } = versions(
            template,
            (repository) => `${repository}${former}`,
            (repository) => `${repository}${end}`,
          );
          assert.equal(follow(before, [...images]), after);
          assert.equal(follow(after, [...images]), after, "a second time changes nothing");
        });
      }
    }
  }

  it("CAP-25: values of a chart and a kustomization follow in their parts, and all other bytes stay", () => {
    const fill = (tag: string, one: string) =>
      valuesRepository.replaceAll("{=tag}", tag).replaceAll("{=digest}", one);
    assert.equal(follow(fill("v1.0.0", oldDigest), byBoth), fill("v2.1.0", digest));
    const tagged = follow(fill("v1.0.0", oldDigest));
    assert.ok(tagged.includes('tag: v2.1.0 # of the release\n    digest: ""'), "an old digest does not stay");
  });

  for (const [what, before, after] of [
    ["an empty field", "image: {repository: acme/ui, tag: }", "image: {repository: acme/ui, tag: v2.1.0 }"],
    ["an empty value", "a:\n  repository: acme/ui\n  tag:\n", "a:\n  repository: acme/ui\n  tag: v2.1.0\n"],
    ["an empty marked value", "ui:  # slipway: ui\n", "ui: acme/ui:v2.1.0  # slipway: ui\n"],
    ["an unknown place, marked", "image: ui:old # slipway: ui", "image: acme/ui:v2.1.0 # slipway: ui"],
    [
      "a place of another image, marked",
      "image: acme/ui:v1 # slipway: server",
      "image: acme/server:v2.1.0 # slipway: server",
    ],
    ["a known place, marked", "x: ghcr.io/acme/ui # slipway: ui", "x: ghcr.io/acme/ui:v2.1.0 # slipway: ui"],
    ["an entry of a list", "- acme/ui:v1 # slipway: ui", "- acme/ui:v2.1.0 # slipway: ui"],
    ["the field image among others of its line", "- {name: ui, image: old:1, x: y} # slipway: ui", undefined],
    [
      "fields below a mark",
      "ui: # slipway: ui\n  repository: old/ui\n  tag: v1\n",
      "ui: # slipway: ui\n  repository: acme/ui\n  tag: v2.1.0\n",
    ],
    [
      "fields with a registry below a mark",
      "ui: # slipway: ui\n  registry: quay.io\n  repository: old/ui\n  tag: v1\n",
      "ui: # slipway: ui\n  registry: docker.io\n  repository: acme/ui\n  tag: v2.1.0\n",
    ],
    [
      "a registry with a port",
      "image: localhost:5000/team/server",
      "image: localhost:5000/team/server:v2.1.0",
    ],
    [
      "variables with a default",
      "image: ${ORG:-acme}/ui:${TAG-v1.0.0}",
      "image: ${ORG:-acme}/ui:${TAG-v2.1.0}",
    ],
    [
      "a tag of another variable's place",
      "image: ${HOST:-ghcr.io}/acme/ui:v1",
      "image: ${HOST:-ghcr.io}/acme/ui:v2.1.0",
    ],
    ["an anchor with a tag", "a: &a !!str 'acme/ui:1'\nimage: *a", "a: &a !!str 'acme/ui:v2.1.0'\nimage: *a"],
    ["Docker Hub's other name", "image: index.docker.io/acme/ui:v1", "image: index.docker.io/acme/ui:v2.1.0"],
    ["compose's own tags", "a: !reset null\nimage: acme/ui:1", "a: !reset null\nimage: acme/ui:v2.1.0"],
  ] as const) {
    it(`follow: ${what}`, () => {
      assert.equal(follow(before), after ?? before.replace("old:1", "acme/ui:v2.1.0"));
    });
  }

  it("a tag that YAML would take for a number is quoted", () => {
    const images = [{ ...ui, tag: "1.10" }];
    assert.equal(
      follow("a: {repository: acme/ui, tag: 1.9}", images),
      'a: {repository: acme/ui, tag: "1.10"}',
    );
    assert.equal(
      follow("a: {repository: acme/ui, tag: '1.9'}", images),
      "a: {repository: acme/ui, tag: '1.10'}",
    );
  });

  it("images of others stay, and in a folder of ours only where they are named", () => {
    const text = "image: acme/tools:v1\n---\nimage: redis\n---\nimage: ${ANY}\n";
    assert.equal(follow(text, byTag, ["docker.io/acme/tools"]), text);
  });

  for (const [what, text, reason, images = byTag] of [
    [
      "an image that nobody declares, in a folder of ours",
      "a: 1\nimage: acme/uii:v1",
      /^line 2: "docker.io\/acme\/uii" is no image of this distribution.*docker.io\/acme\/ui, docker.io\/acme\/server.*slipway: NAME/s,
    ],
    [
      "a mark of no image",
      "image: a # slipway: iu",
      /^line 1: there is no image "iu"; there are ui, server \(did you mean ui\?\)/,
    ],
    ["a mark without a name", "a: b # slipway:", /^line 1: "slipway: " names no image/],
    ["a mark of an unknown part", "a: b # slipway: ui:name", /names no image.*hello:tag/],
    ["a mark at no value", "a: b\n\n# slipway: ui\n", /^line 3: this mark is at no value/],
    [
      "two marks at one value",
      "# slipway: ui\n# slipway: ui\nimage: a",
      /^line 2: two marks are at one value/,
    ],
    ["a marked text that is no reference", "# slipway: ui\nname: ui", /^line 1: "ui" does not name an image/],
    [
      "a marked digest where tags are followed",
      "a: b # slipway: ui:digest",
      /by tag alone, and this is a digest/,
    ],
    [
      "fields that are not there",
      "a: # slipway: ui\n  b: c\n",
      /^line 1: fields repository and tag, or digest/,
    ],
    [
      "no field for the digest",
      "a: {repository: acme/ui, tag: v1}",
      /no field digest.*`digest: ""`/,
      byDigest,
    ],
    ["no field for the tag", "a: {repository: acme/ui, digest: ''}", /there is no field tag/],
    ["a folded text", "image: >-\n  acme/ui:v1\n", /^line 1: this value is to follow/],
    [
      "a variable without a default",
      "image: acme/ui:${TAG}",
      /^line 1: .*without a default.*\$\{TAG:-v1\.2\.3\}/,
    ],
    [
      "a variable by digest",
      "image: acme/ui:${TAG:-v1}",
      /by digest: write the reference without it/,
      byDigest,
    ],
    ["a marked variable", "image: ${UI} # slipway: ui", /variable without a default/],
    ["a variable in a marked tag", "a: ${TAG} # slipway: ui:tag", /variable without a default/],
    [
      "an alias that would be two images",
      "a: &a x/y:1\nb: *a # slipway: ui\nc: *a # slipway: server\n",
      /^line 1: this value would have to be/,
    ],
    ["what is no YAML", "a: b\n c: [\n", /^line \d+: /],
    ["an alias without an anchor", "image: *ui", /^line 1: /],
    ["what is nested too deep", `${"[".repeat(60)}a${"]".repeat(60)}`, /nested more than 50 deep/],
  ] as [string, string, RegExp, FollowedImage[]?][]) {
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => follow(text, images),
        (error) => (error instanceof YamlError && reason.test(error.message)) || assert.fail(String(error)),
      );
    });
  }

  it("are told with their lines", () => {
    const { references } = followReferences(
      "a: 1\nimage: acme/ui:v1\n---\nb: {repository: acme/server, tag: v1}",
      {
        images: byTag,
      },
    );
    assert.deepEqual(references, [
      { line: 2, image: "ui", from: "acme/ui:v1", to: "acme/ui:v2.1.0" },
      { line: 4, image: "server", from: 'server tag: "v1"', to: 'server tag: "v2.1.0"' },
    ]);
  });

  describe("of any shape:", () => {
    const former = fc.constantFrom("", ":v1", ":latest", `@${oldDigest}`, `:v1@${oldDigest}`);
    const repository = fc.constantFrom("acme/ui", "docker.io/acme/ui", "ghcr.io/acme/ui", "acme/server");
    const lineEnd = fc.constantFrom("\n", "\r\n");
    const comment = fc.constantFrom("", " # é: image: acme/ui:v0", "\t#x", "   ");
    const kept = fc.constantFrom(
      "# image: acme/ui:v0",
      "",
      "other: [1, {image: busybox}, 'it''s'] # c",
      'text: "image: acme/ui:v0\\n"',
      "block: |+\n  image: acme/ui:v0\n\n  # slipway: ui",
      "folded: >\n  image:\n  acme/ui:v0",
      "a: &x {b: c}\nm: {<<: *x}",
      "environment:\n- A=acme/ui:v0",
    );
    const quote = fc.constantFrom("", '"', "'");
    const reference = fc
      .record({ former, repository, comment, quote, flow: fc.boolean(), space: fc.constantFrom(" ", "   ") })
      .map(
        ({ former: end, repository: name, comment: rest, quote: q, flow, space }) =>
          (tail: string | undefined) => {
            const value = `${q}${name}${tail ?? end}${q}`;
            return flow ? `{ image:${space}${value} , x: y }${rest}` : `image:${space}${value}${rest}`;
          },
      );
    // Each part is a document of its own, since no field may be there twice.
    const part = fc.oneof(
      kept.map((text) => () => text),
      reference,
    );

    it("only references change, and the values of all others stay", () => {
      fc.assert(
        fc.property(fc.array(part, { maxLength: 8 }), lineEnd, fc.boolean(), (parts, end, last) => {
          const write = (tail: string | undefined) =>
            (parts.map((one) => one(tail)).join("\n---\n") + (last ? "\n" : "")).replaceAll("\n", end);
          for (const [images, tail] of [
            [byTag, ":v2.1.0"],
            [byBoth, `:v2.1.0@${digest}`],
          ] as const) {
            const text = follow(write(undefined), [...images]);
            assert.equal(text, write(tail));
            assert.ok(parseAllDocuments(text).every(({ errors }) => errors.length === 0));
          }
        }),
        { numRuns: 300 },
      );
    });

    it("whatever a file is, it is followed or refused by an error of its own, and then stays", () => {
      const sign = fc.constantFrom(
        ...["image: ", "acme/ui:v1", "\n", "\r\n", "  ", "- ", "{", "}", "[", "]", ",", ": ", "&a ", "*a"],
        ...[
          "# slipway: ui",
          "#",
          "---\n",
          "'",
          '"',
          "|\n",
          "${A:-b}",
          "@",
          "repository: acme/ui",
          "tag: ",
          "\t",
          "é",
        ],
      );
      fc.assert(
        fc.property(fc.array(sign, { maxLength: 30 }), (signs) => {
          const text = signs.join("");
          try {
            const once = follow(text, byBoth);
            assert.equal(follow(once, byBoth), once);
          } catch (error) {
            if (!(error instanceof YamlError)) throw error;
          }
        }),
        { numRuns: 500 },
      );
    });
  });
});
