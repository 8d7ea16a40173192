import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RequestRecord } from "./observation";

/** The parts of a declaration, as TypeScript; each case replaces one of them. */
interface Parts {
  host: string;
  version: string;
  platforms: string;
  images: string;
  fields: string;
}

function program({ host, version, platforms, images, fields }: Parts): string {
  return `
import { Distribution, ociRegistry } from "@slipway";

// A cast, so that what the compiler would find is found by Slipway.
const declaration = {
  version: ${version},
  registries: [ociRegistry({ host: ${host} })],
  platforms: ${platforms},
  images: ${images},
  ${fields}
};
new Distribution("app", declaration as never);
`;
}

interface Case {
  title: string;
  parts: (host: string) => Partial<Parts>;
  /** The field's name and the value. */
  names: RegExp;
  /** What to write instead. */
  advises: RegExp;
}

const file = `{ to: "/app.txt", source: "app.txt" }`;

const cases: Case[] = [
  {
    title: "an upper-case repository",
    parts: () => ({ images: `{ app: { repository: "Acme/App", files: [${file}] } }` }),
    names: /images\.app\.repository: repository "Acme\/App" has upper-case letters/,
    advises: /use "acme\/app"/,
  },
  {
    title: "a tag that no registry accepts",
    parts: () => ({ fields: `tags: () => [{ tag: "v1.0.0+build", moves: "never", published: true }],` }),
    names: /tags: tag "v1\.0\.0\+build" is not valid/,
    advises: /a valid example: "v1\.2\.3"/,
  },
  {
    title: "an unknown platform",
    parts: () => ({ platforms: `["linux/amd64", "linux/arm46"]` }),
    names: /platforms\[1\]: unknown platform "linux\/arm46"/,
    advises: /a valid example: "linux\/amd64"/,
  },
  {
    title: "an empty list of platforms",
    parts: () => ({ platforms: `[]` }),
    names: /platforms: \[\] is not valid: at least one platform is expected/,
    advises: /a valid example: \["linux\/amd64","linux\/arm64"\]/,
  },
  {
    title: "a version that is not a semantic version",
    parts: () => ({ version: `"1.0"` }),
    names: /version: "1\.0" is not a semantic version/,
    advises: /a valid example: "v1\.2\.3"/,
  },
  {
    title: "a file that does not exist",
    parts: () => ({ images: `{ app: { files: [{ to: "/app.txt", source: "ap.txt" }] } }` }),
    names: /'app-linux-amd64'.*layers\[0\]\.files\[0\]\.source.*"?ap\.txt"? does not exist/,
    advises: /a valid example: "dist\/hello", relative to/,
  },
  {
    title: "a path out of the project",
    parts: () => ({ images: `{ app: { files: [{ to: "/app.txt", source: "../outside.txt" }] } }` }),
    names: /'app-linux-amd64'.*layers\[0\]\.files\[0\]\.source.*"?\.\.\/outside\.txt"? is outside of/,
    advises: /a valid example: "dist\/hello", relative to/,
  },
  {
    title: "a symbolic link out of the project",
    parts: () => ({ images: `{ app: { files: [{ to: "/app.txt", source: "link.txt" }] } }` }),
    names:
      /'app-linux-amd64'.*layers\[0\]\.files\[0\]\.source.*"?link\.txt"? leads outside of .* symbolic link/,
    advises: /a valid example: "dist\/hello", relative to/,
  },
  {
    title: "two images with one name",
    parts: () => ({ images: `{ app: { files: [${file}] }, web: { repository: "app", files: [${file}] } }` }),
    names: /images\.web\.repository: two images use the repository "app": images\.app is published there too/,
    advises: /give one of them another one/,
  },
  {
    title: "an unknown field",
    parts: () => ({ images: `{ app: { files: [${file}], entrypont: ["/app"] } }` }),
    names: /images\.app\.entrypont: unknown field/,
    advises: /did you mean "entrypoint"\?/,
  },
  {
    title: "a registry with a scheme",
    parts: (host) => ({ host: JSON.stringify(`http://${host}`) }),
    names: /host: registry "http:\/\/127\.0\.0\.1:\d+" has the scheme "http:\/\/"/,
    advises: /a valid example: "ghcr\.io"/,
  },
  {
    title: "a registry with a path",
    parts: (host) => ({ host: JSON.stringify(`${host}/acme`) }),
    names: /host: registry "127\.0\.0\.1:\d+\/acme" has a path/,
    advises: /the path as namespace \(a valid example: "ghcr\.io"/,
  },
];

describe("PROD-10: bad input is refused at preview, before anything is asked of the registry", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let good: Parts;

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    good = {
      host: JSON.stringify(registry.host),
      version: `"v1.0.0"`,
      platforms: `["linux/amd64"]`,
      images: `{ app: { files: [${file}] } }`,
      fields: "",
    };
    project = await EngineProject.create({ program: program(good), files: { "app.txt": "one\n" } });
    const outside = path.join(project.directory, "..", "outside.txt");
    await writeFile(outside, "not part of the project\n");
    await symlink(outside, path.join(project.directory, "link.txt"));
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  for (const { title, parts, names, advises } of cases) {
    it(title, async () => {
      await project.program(program({ ...good, ...parts(registry.host) }));
      const text = await project.fail(["preview", "--stack", "dev"]);
      assert.match(text, names);
      assert.match(text, advises);
      // The mistake is in the declaration: a stack of Slipway's own code helps nobody to find it.
      assert.doesNotMatch(text, /^\s*at .+:\d+:\d+\)?$/m);
      assert.deepEqual(await requests.take(), []);
    });
  }

  it("and the same program without the mistake is accepted", async () => {
    await project.program(program(good));
    await project.preview();
    assert.notDeepEqual(await requests.take(), []);
  });
});
