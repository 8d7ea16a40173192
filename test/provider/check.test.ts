import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess, secret } from "../support/provider-process";
import { htpasswdUser, startDistribution, type TestRegistry } from "../support/registries";
import { textLayer } from "./workbench";

const check = "slipway:gate:Check";
const subject = digestOf("subject");

describe("checks (CAP-21)", () => {
  let project: string;
  let provider: ProviderProcess;

  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-check-"));
    provider = await ProviderProcess.start(project);
  });
  afterEach(async () => {
    await provider.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  describe("a command", () => {
    it("is recorded with result, time and output, and is evidence about its subject", async () => {
      const before = Date.now();
      const { state } = await provider.create(check, {
        subject,
        command: { command: ["sh", "-c", "echo hello 1.2.3"], expect: "^hello 1\\.2\\.3$" },
      });
      assert.equal(state.result, "passed");
      assert.equal(state.output, "hello 1.2.3");
      assert.ok(Date.parse(String(state.checkedAt)) >= before - 1);
      assert.ok(Number(state.durationSeconds) >= 0 && Number(state.durationSeconds) < 60);
      assert.deepEqual(state.evidence, [
        {
          kind: "check",
          subject,
          result: "passed",
          by: "sh -c echo hello 1.2.3",
          detail: "the output matches /^hello 1\\.2\\.3$/",
        },
      ]);
    });

    it("about several digests is evidence about each of them", async () => {
      const both = [subject, digestOf("another")];
      const { state } = await provider.create(check, { subject: both, command: { command: ["true"] } });
      const found = (state.evidence as Properties[]).map((item) => [item.subject, item.result]);
      assert.deepEqual(
        found,
        both.map((one) => [one, "passed"]),
      );
      await assert.rejects(
        provider.create(check, { subject: both, command: { command: ["false"] } }),
        new RegExp(`, of ${both.join(" and ")}`),
      );
    });

    it("that fails stops what depends on it, with the command, its exit code and its last lines", async () => {
      await assert.rejects(
        provider.create(check, { command: { command: "echo about to fail; echo why >&2; exit 3" } }),
        (error: Error) => {
          assert.match(error.message, /check failed: echo about to fail/);
          assert.match(error.message, /exit code 3/);
          assert.match(error.message, / {2}about to fail/);
          assert.match(error.message, / {2}why/);
          assert.match(error.message, /run the update again/);
          return true;
        },
      );
    });

    it("whose output does not match is a miss", async () => {
      await assert.rejects(
        provider.create(check, { command: { command: ["echo", "hello 1.2.4"], expect: "1\\.2\\.3" } }),
        /the output does not match \/1\\.2\\.3\/[^]*hello 1\.2\.4/,
      );
    });

    it("CORE-12: that may take some seconds has its figure recorded, and is a miss where it takes longer", async () => {
      const { state } = await provider.create(check, { command: { command: ["true"], withinSeconds: 60 } });
      assert.match(String(state.detail), /^exit code 0; it took \d+\.\d{3} s of at most 60 s$/);
      await assert.rejects(
        provider.create(check, { command: { command: ["sleep", "0.2"], withinSeconds: 0.1 } }),
        /exit code 0; it took \d\.\d{3} s, and may take at most 0\.1 s/,
      );
    });

    it("that is not on this machine is a miss that says so", async () => {
      await assert.rejects(
        provider.create(check, { command: { command: ["no-such-program-here"] } }),
        /there is no program "no-such-program-here" on this machine/,
      );
    });

    it("that hangs is ended after its time", async () => {
      await assert.rejects(
        provider.create(check, { command: { command: ["sleep", "60"] }, timeoutSeconds: 0.3 }),
        /ended after 0\.3 s/,
      );
    });

    it("runs in its folder, with its variables", async () => {
      await mkdir(path.join(project, "sub"));
      const { state } = await provider.create(check, {
        command: {
          command: `echo "$(basename "$PWD") $WORD"`,
          directory: "sub",
          env: { WORD: "yes" },
        },
      });
      assert.equal(state.output, "sub yes");
    });

    it("that prints a secret leaves none in state, in the display or in errors", async () => {
      const declared = (command: string): Properties => ({
        subject,
        advisory: true,
        command: { command, env: { TOKEN: secret("hunter2hunter2") } },
      });
      const held = await provider.create(check, declared(`echo "with $TOKEN"; exit 1`));
      assert.equal(held.state.output, "with [secret]");
      const { command: _command, ...rest } = held.state;
      assert.doesNotMatch(JSON.stringify(rest), /hunter2/);
      assert.doesNotMatch(provider.shown.map(({ text }) => text).join("\n"), /hunter2/);
      await assert.rejects(
        provider.create(check, { ...declared(`echo "with $TOKEN"; exit 1`), advisory: false }),
        (error: Error) => !/hunter2/.test(error.message) && /with \[secret\]/.test(error.message),
      );
    });
  });

  it("an advisory miss is said and recorded, and stops nothing", async () => {
    const { state } = await provider.create(check, {
      subject,
      advisory: true,
      command: { command: ["false"] },
    });
    assert.equal(state.result, "failed");
    assert.equal((state.evidence as Properties[])[0]?.result, "failed");
    assert.ok(
      provider.shown.some(({ severity, text }) => severity === "warning" && /advisory: false/.test(text)),
    );
  });

  it("a preview runs nothing", async () => {
    const { state } = await provider.create(check, { command: { command: "touch ran" } }, true);
    assert.equal(state.result, unknown);
    assert.equal(existsSync(path.join(project, "ran")), false);
  });

  for (const [what, inputs] of [
    ["a command", { command: { command: unknown } }],
    ["an argument", { command: { command: ["test", unknown] } }],
    ["a reference", { anonymousPull: unknown }],
    ["a URL", { http: { url: unknown } }],
    ["a file", { checksum: { file: unknown, digest: unknown } }],
  ] as const) {
    it(`a preview passes where ${what} is not known yet`, async () => {
      const { state } = await provider.create(check, inputs, true);
      assert.equal(state.result, unknown);
    });
  }

  it("runs again when its subject, declaration or triggers change, and only then", async () => {
    const declared: Properties = { subject, command: { command: "echo run >> runs.log" }, triggers: ["a"] };
    const held = await provider.create(check, declared);
    assert.deepEqual((await provider.diff(held, declared)).changes, []);
    assert.deepEqual(
      (await provider.diff(held, { ...declared, attempts: 3, timeoutSeconds: 9 })).changes,
      [],
    );
    for (const [property, value] of Object.entries({
      subject: digestOf("new"),
      triggers: ["b"],
      advisory: true,
    })) {
      assert.deepEqual((await provider.diff(held, { ...declared, [property]: value })).changes, [property]);
    }
    await provider.update(held, { ...declared, triggers: ["b"] });
    assert.equal(await readFile(path.join(project, "runs.log"), "utf8"), "run\nrun\n");
  });

  describe("the files that a command reads", () => {
    const declared: Properties = {
      command: {
        directory: "app",
        command: "echo run >> ../runs.log; test -s main.go",
        sources: ["**/*.go"],
      },
    };
    const runs = async () => (await readFile(path.join(project, "runs.log"), "utf8")).split("\n").length - 1;

    beforeEach(async () => {
      await mkdir(path.join(project, "app/inner"), { recursive: true });
      await writeFile(path.join(project, "app/main.go"), "package main\n");
      await writeFile(path.join(project, "app/inner/inner.go"), "package inner\n");
    });

    for (const [what, change] of [
      ["a file with other content", () => writeFile(path.join(project, "app/inner/inner.go"), "package x\n")],
      ["a new file", () => writeFile(path.join(project, "app/inner/more.go"), "package inner\n")],
      ["a file that is gone", () => rm(path.join(project, "app/inner/inner.go"))],
      ["a file with another mode", () => chmod(path.join(project, "app/main.go"), 0o755)],
    ] as const) {
      it(`run it again: ${what}, which the preview shows`, async () => {
        const held = await provider.create(check, declared);
        assert.equal(await runs(), 1);
        await change();
        assert.deepEqual((await provider.diff(held, declared)).changes, ["sourcesDigest"]);
        const previewed = await provider.update(held, declared, true);
        assert.equal(previewed.state.result, unknown);
        assert.equal(await runs(), 1);
        const again = await provider.update(held, declared);
        assert.equal(again.state.result, "passed");
        assert.equal(await runs(), 2);
        assert.deepEqual((await provider.diff(again, declared)).changes, []);
      });
    }

    it("do not run it again where others change, or nothing but a time", async () => {
      const held = await provider.create(check, declared);
      await writeFile(path.join(project, "app/README.md"), "other\n");
      await writeFile(path.join(project, "app/main.go"), "package main\n");
      assert.deepEqual((await provider.diff(held, declared)).changes, []);
    });

    it("show a miss that a change has caused, where the check had passed", async () => {
      const held = await provider.create(check, declared);
      await writeFile(path.join(project, "app/main.go"), "");
      await assert.rejects(provider.update(held, declared), /check failed: echo run/);
    });

    for (const [what, fields, property] of [
      ["a pattern that matches nothing", { sources: ["*.rs"] }, "command.sources"],
      ["a folder that is missing", { directory: "elsewhere" }, "command.directory"],
      ["no pattern", { sources: [] }, "command.sources"],
    ] as const) {
      it(`refuse ${what}`, async () => {
        const command = { ...(declared.command as Properties), ...fields };
        await assert.rejects(provider.create(check, { command }), (error: CheckFailed) => {
          assert.deepEqual(
            error.failures.map((failure) => failure.property),
            [property],
          );
          return true;
        });
      });
    }
  });

  it("is tried again within its attempts", async () => {
    const command = `echo x >> tries; [ "$(wc -l < tries)" -ge 3 ]`;
    const { state } = await provider.create(check, { command: { command }, attempts: 3, delaySeconds: 0 });
    assert.equal(state.result, "passed");
    await rm(path.join(project, "tries"));
    await assert.rejects(
      provider.create(check, { command: { command }, attempts: 2, delaySeconds: 0 }),
      /exit code 1/,
    );
  });

  describe("an HTTP answer", () => {
    let server: Server;
    let url: string;
    beforeEach(async () => {
      server = createServer((request, response) => {
        if (request.url === "/hang") return;
        response.writeHead(request.url === "/healthz" ? 200 : 404).end("all is well");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    const misses: readonly [string, string, Properties, RegExp][] = [
      ["another status", "/other", {}, /status 404, not 200/],
      ["another text", "/healthz", { contains: "broken" }, /does not contain "broken"[^]*all is well/],
      ["no answer in time", "/hang", {}, /no answer within 0\.3 s/],
    ];
    for (const [name, target, more, message] of misses) {
      it(`${name} is a miss`, async () => {
        // On a busy machine an answer can take longer than the time that is given to one that never
        // comes.
        const timeoutSeconds = target === "/hang" ? 0.3 : 60;
        const declared = { http: { url: `${url}${target}`, ...more }, timeoutSeconds };
        await assert.rejects(provider.create(check, declared), message);
      });
    }

    it("nobody listening is a miss", async () => {
      const closed = url;
      server.close();
      await assert.rejects(
        provider.create(check, { http: { url: closed } }),
        /check failed: GET http:.*\n.*ECONNREFUSED/,
      );
    });

    it("with the expected status and text passes", async () => {
      const ok = await provider.create(check, { http: { url: `${url}/healthz`, contains: "well" } });
      assert.equal(ok.state.detail, "status 200");
      assert.equal(
        (await provider.create(check, { http: { url: `${url}/x`, status: 404 } })).state.result,
        "passed",
      );
    });

    it("a download with another digest is a miss that names both", async () => {
      const good = { url: `${url}/healthz`, digest: digestOf("all is well") };
      assert.equal((await provider.create(check, { checksum: good })).state.result, "passed");
      await assert.rejects(
        provider.create(check, { checksum: { ...good, digest: digestOf("other") } }),
        (error: Error) =>
          error.message.includes(digestOf("all is well")) && error.message.includes(digestOf("other")),
      );
      await assert.rejects(
        provider.create(check, { checksum: { ...good, url: `${url}/gone` } }),
        /gone: status 404/,
      );
    });
  });

  it("a file with another digest, or none, is a miss", async () => {
    await writeFile(path.join(project, "file"), "content");
    const declared = { checksum: { file: "file", digest: digestOf("content") } };
    assert.equal((await provider.create(check, declared)).state.result, "passed");
    await writeFile(path.join(project, "file"), "changed");
    await assert.rejects(provider.create(check, declared), /file has sha256:[0-9a-f]+, not sha256:/);
    await rm(path.join(project, "file"));
    await assert.rejects(provider.create(check, declared), /ENOENT/);
  });

  describe("an anonymous pull", () => {
    let registry: TestRegistry | undefined;
    afterEach(() => registry?.stop());

    async function publish(
      host: string,
      config: Properties = {},
    ): Promise<{ digest: string; provider: ProviderProcess }> {
      const publisher = await ProviderProcess.start(project, config);
      const inputs = { repository: `${host}/a/b`, platform: "linux/amd64", layers: [textLayer()] };
      const { state } = await publisher.create("slipway:oci:Image", inputs);
      return { digest: String(state.digest), provider: publisher };
    }

    it("passes where anybody can pull", async () => {
      registry = await startDistribution();
      const { digest, provider: publisher } = await publish(registry.host);
      const { state } = await publisher.create(check, {
        subject: digest,
        anonymousPull: `${registry.host}/a/b@${digest}`,
      });
      await publisher.stop();
      assert.match(String(state.detail), /1 manifests and 2 blobs can be pulled without signing in/);
    });

    it("fails at a private registry, though the provider itself can sign in", async () => {
      registry = await startDistribution({ auth: "htpasswd" });
      const { digest, provider: publisher } = await publish(registry.host, {
        registries: [{ host: registry.host, ...htpasswdUser }],
      });
      await assert.rejects(
        publisher.create(check, { anonymousPull: `${registry.host}/a/b@${digest}` }),
        /check failed: anonymous pull[^]*401/,
      );
      await publisher.stop();
    });
  });

  const refused: readonly [string, Properties, RegExp][] = [
    ["no kind", {}, /declares no check/],
    ["two kinds", { command: { command: ["true"] }, http: { url: "http://x/" } }, /has command and http/],
    ["an address that is none", { http: { url: "example.com" } }, /http\.url/],
    ["a pattern that is none", { command: { command: ["true"], expect: "(" } }, /command\.expect/],
    ["a checksum of nothing", { checksum: { digest: subject } }, /exactly one of file and url/],
    ["a digest that is none", { checksum: { file: "x", digest: "sha256:1" } }, /checksum\.digest/],
    ["an unknown field", { command: { command: ["true"] }, color: "red" }, /color/],
  ];
  for (const [name, inputs, message] of refused) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(
        provider.check(check, inputs),
        (error: Error) => error instanceof CheckFailed && message.test(error.message),
      );
    });
  }
});
