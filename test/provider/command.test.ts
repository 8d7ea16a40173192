import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, secret } from "../support/provider-process";
import { useProviders } from "./workbench";

const command = "slipway:build:Command";

describe("commands", () => {
  let project: string;
  const startIn = useProviders();

  const start = (config?: Properties) => startIn(project, config);

  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-command-"));
    await writeFile(path.join(project, "source.txt"), "one");
  });
  afterEach(async () => {
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const declared: Properties = {
    command: `echo run >> runs.log; cp source.txt "{output}/result"`,
    sources: ["source.txt"],
    outputs: ["result"],
  };

  async function runs(): Promise<number> {
    const log = await readFile(path.join(project, "runs.log"), "utf8").catch(() => "");
    return log.split("\n").length - 1;
  }

  function resultOf(state: Properties): Properties | undefined {
    return (state.files as Record<string, Properties>).result;
  }

  it("run at preview, once: the update uses what the preview made", async () => {
    const provider = await start();
    const preview = await provider.create(command, declared, true);
    assert.equal(await runs(), 1);
    const result = resultOf(preview.state);
    assert.equal(result?.digest, digestOf("one"));
    assert.equal(result.size, 3);
    assert.equal(await readFile(path.join(project, String(result.path)), "utf8"), "one");
    const held = await provider.create(command, declared);
    assert.deepEqual(held.state, preview.state);
    assert.deepEqual((await (await start()).create(command, declared)).state, preview.state);
    assert.equal(await runs(), 1);
  });

  it("run again where their sources, their text or a variable changed, and only then", async () => {
    const provider = await start();
    const held = await provider.create(command, declared);
    assert.deepEqual((await provider.diff(held, declared)).changes, []);
    await writeFile(path.join(project, "source.txt"), "two");
    assert.deepEqual((await provider.diff(held, declared)).changes, ["inputsDigest"]);
    const updated = await provider.update(held, declared);
    assert.equal(resultOf(updated.state)?.digest, digestOf("two"));
    const { changes } = await provider.diff(updated, { ...declared, env: { A: "1" } });
    assert.deepEqual(changes.sort(), ["env", "inputsDigest"]);
    assert.equal(await runs(), 2);
  });

  it("see that a source became executable", async () => {
    const provider = await start();
    const held = await provider.create(command, declared);
    await chmod(path.join(project, "source.txt"), 0o755);
    assert.deepEqual((await provider.diff(held, declared)).changes, ["inputsDigest"]);
  });

  for (const [where, config, more] of [
    ["by the command", {}, { atPreview: false }],
    ["by the provider's configuration", { buildAtPreview: false }, {}],
  ] as [string, Properties, Properties][]) {
    it(`do not run at preview where that is switched off ${where}`, async () => {
      const provider = await start(config);
      const inputs = { ...declared, ...more };
      const preview = await provider.create(command, inputs, true);
      assert.equal(await runs(), 0);
      assert.equal(preview.state.files, unknown);
      assert.ok(provider.messages.some((text) => text.startsWith("unknown until built")));
      const held = await provider.create(command, inputs);
      assert.equal(await runs(), 1);
      assert.equal(resultOf(held.state)?.digest, digestOf("one"));
      // What was built once is known at preview all the same.
      assert.deepEqual((await provider.create(command, inputs, true)).state, held.state);
      assert.equal(await runs(), 1);
    });
  }

  it("tell on failure the command, its exit code and its last lines, and leave nothing", async () => {
    const provider = await start();
    const failing = `for i in $(seq 1 100); do echo "line $i"; done; echo "broken: $i" >&2; exit 7`;
    await assert.rejects(provider.create(command, { ...declared, command: failing }), (error: Error) => {
      assert.ok(error.message.includes(`command failed: ${failing}`), error.message);
      assert.match(error.message, /exit code 7, in /);
      assert.match(error.message, /line 100/);
      assert.match(error.message, /broken: 100/);
      assert.doesNotMatch(error.message, /line 50\n/);
      return true;
    });
    const left = await readdir(path.join(project, ".slipway/cache/builds"));
    assert.deepEqual(
      left.filter((name) => name !== "hashes.json"),
      [],
    );
    await writeFile(path.join(project, "source.txt"), "repaired");
    assert.equal(resultOf((await provider.create(command, declared)).state)?.digest, digestOf("repaired"));
  });

  it("tell which program is missing, and which file was not made", async () => {
    const provider = await start();
    await assert.rejects(
      provider.create(command, { ...declared, command: ["no-such-program", "{output}"] }),
      /there is no program "no-such-program" on this machine; install it or put it on PATH/,
    );
    await assert.rejects(
      provider.create(command, { ...declared, command: ["true"] }),
      /left no file "result" in its output folder.*\{output\}\/result/,
    );
  });

  it("are ended after their time", async () => {
    const provider = await start();
    const slow = { ...declared, command: ["sleep", "60"], timeoutSeconds: 0.5 };
    const begun = Date.now();
    await assert.rejects(provider.create(command, slow), /ended after 0\.5 s \(timeoutSeconds\)/);
    assert.ok(Date.now() - begun < 10_000);
  });

  it("show the last line they print while they run, where they run for long", async () => {
    const provider = await start();
    const working = (seconds: number) =>
      `echo begun; echo working ${seconds}; sleep ${seconds}; cp source.txt {output}/result`;
    await Promise.all(
      [0, 3].map((seconds) => provider.create(command, { ...declared, command: working(seconds) })),
    );
    assert.deepEqual(
      provider.shown.map(({ text, severity, ephemeral }) => [text, severity, ephemeral]),
      [["working 3", "info", true]],
    );
  });

  it("show no secret: not in what they print, not in the message of a failure", async () => {
    const provider = await start();
    const password = "correct horse battery";
    const inputs = {
      ...declared,
      command: `echo "logging in with $PASSWORD"; sleep 2.5; false`,
      env: { PASSWORD: secret(password) },
    };
    await assert.rejects(provider.create(command, inputs), (error: Error) => {
      assert.match(error.message, /logging in with \[secret\]/);
      assert.ok(!error.message.includes(password), error.message);
      return true;
    });
    assert.ok(provider.messages.includes("logging in with [secret]"));
    assert.ok(!provider.messages.join("\n").includes(password));
    const token = "token of the registry";
    const configured = await start({ registries: [{ host: "ghcr.io", username: "me", password: token }] });
    await assert.rejects(
      configured.create(command, { ...declared, command: `echo "${token}"; false` }),
      (error: Error) => {
        assert.ok(!error.message.includes(token), error.message);
        return true;
      },
    );
    const inText = { ...declared, command: secret(`echo ${password}; false`) };
    await assert.rejects(provider.create(command, inText), (error: Error) => {
      assert.ok(!error.message.includes(password), error.message);
      assert.match(error.message, /command: is secret, and would be an argument/);
      return true;
    });
  });

  it("have a digest that confirms no guess of a secret, and is the same on every machine and at every run", async () => {
    const inputs = { ...declared, env: { PASSWORD: secret("hunter2"), PLAIN: "one" } };
    const guess = { ...declared, env: { PASSWORD: "hunter2", PLAIN: "one" } };
    const provider = await start();
    const preview = await provider.create(command, inputs, true);
    const held = await provider.create(command, inputs);
    assert.equal(held.inputs.inputsDigest, preview.inputs.inputsDigest);
    assert.equal(await runs(), 1);
    assert.notEqual((await provider.check(command, guess)).inputsDigest, held.inputs.inputsDigest);
    assert.ok(held.secrets?.inputs.has(JSON.stringify(["digestSalt"])));
    assert.ok(held.secrets?.state.has(JSON.stringify(["digestSalt"])));
    assert.equal((await stat(path.join(project, ".slipway/digest-salt"))).mode & 0o777, 0o600);
    // Another machine has another salt of its own, and that of the state.
    await rm(path.join(project, ".slipway"), { recursive: true });
    const other = await start();
    assert.deepEqual((await other.diff(held, inputs)).changes, []);
    const changed = { ...inputs, env: { PASSWORD: secret("hunter3"), PLAIN: "one" } };
    assert.ok((await other.diff(held, changed)).changes.includes("inputsDigest"));
  });

  describe("of the machine's variables", () => {
    const machine = {
      ...{
        COSIGN_PASSWORD: "password of the key",
        GITHUB_TOKEN: "token of the forge",
        NPM_CONFIG__AUTHTOKEN: "of npm",
      },
      ...{
        PULUMI_CONFIG_PASSPHRASE: "of the state",
        PULUMI_ACCESS_TOKEN: "of the cloud",
        DB_PASS: "of a database",
      },
      ...{
        AWS_SECRET_ACCESS_KEY: "of another cloud",
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://ci.example.com",
      },
      ...{ GOFLAGS: "-mod=readonly", TOKENIZERS_PARALLELISM: "false", SIGNING_PUBLIC_KEY: "of everybody" },
    };
    const names = Object.keys(machine);
    const printed = `env | cut -d= -f1 | grep -E '^(${names.join("|")})$' | sort > "{output}/result"`;
    const namesIn = async (held: { state: Properties }) =>
      (await readFile(path.join(project, String(resultOf(held.state)?.path)), "utf8")).trim().split("\n");
    const harmless = ["GOFLAGS", "SIGNING_PUBLIC_KEY", "TOKENIZERS_PARALLELISM"];

    it("have those that are not secrets, and those that they inherit or set", async () => {
      const provider = await startIn(project, {}, machine);
      assert.deepEqual(
        await namesIn(await provider.create(command, { ...declared, command: printed })),
        harmless,
      );
      const inherit = ["AWS_SECRET_ACCESS_KEY"];
      const asked = { ...declared, command: printed, inherit, env: { DB_PASS: secret("another") } };
      assert.deepEqual(await namesIn(await provider.create(command, asked)), [
        ...["AWS_SECRET_ACCESS_KEY", "DB_PASS"],
        ...harmless,
      ]);
    });

    it("tests of what was built have no secret either", async () => {
      const provider = await startIn(project, {}, machine);
      const expect = {
        tests: [{ command: ["sh", "-c", `env | grep -c 'of [a-z]' || true; : {file}`], prints: "^1$" }],
      };
      await provider.create(command, { ...declared, expect });
    });

    it("refuse a name that is none", async () => {
      const provider = await startIn(project, {});
      await assert.rejects(
        provider.check(command, { ...declared, inherit: ["A=B"] }),
        /inherit\[0\]: "A=B" is not valid: the name of a variable is expected/,
      );
    });

    it("show no inherited value, in no encoding and over no end of a line", async () => {
      const provider = await startIn(project, {}, machine);
      const value = machine.AWS_SECRET_ACCESS_KEY;
      const text = [
        ...[
          `printf 'token %s\\n' "$V" >&2; printf %s "me:$V" | base64; printf %s "$V" | od -An -tx1 | tr -d ' \\n'; echo`,
        ],
        ...[`printf %s "$V" | sed 's/ /%20/g'; echo; printf %s "$V" | fold -w 9; echo`],
        ...[`sleep 2.5; false`],
      ].join("; ");
      const asked = {
        ...declared,
        inherit: ["AWS_SECRET_ACCESS_KEY"],
        command: `V=$AWS_SECRET_ACCESS_KEY; ${text}`,
      };
      await assert.rejects(provider.create(command, asked), (error: Error) => {
        for (const shown of [error.message, ...provider.messages]) {
          const parts = [
            value,
            value.slice(0, 8),
            value.slice(9),
            "of%20",
            Buffer.from(value).toString("hex"),
          ];
          parts.push(Buffer.from(`me:${value}`).toString("base64").slice(4, -4));
          for (const part of parts) assert.ok(!shown.includes(part), `${part} is in ${shown}`);
        }
        assert.match(error.message, /token \[secret\]/);
        return true;
      });
      assert.deepEqual(provider.messages, ["[secret]"]);
    });
  });

  it("run side by side, and equal ones once", async () => {
    const provider = await start({ parallelBuilds: 4 });
    const together = (name: string) => ({
      ...declared,
      // Ends only when the others have begun.
      command: `touch "$PWD/begun-${name}"; until [ $(ls begun-* | wc -l) = 4 ]; do sleep 0.05; done; cp source.txt {output}/result`,
      timeoutSeconds: 20,
    });
    const held = await Promise.all(
      ["a", "b", "c", "d"].map((name) => provider.create(command, together(name))),
    );
    assert.equal(new Set(held.map(({ id }) => id)).size, 4);
    await Promise.all(Array.from({ length: 5 }, () => provider.create(command, declared)));
    assert.equal(await runs(), 1);
    assert.deepEqual(provider.errorLines, []);
  });

  it("are unknown where an input is", async () => {
    const provider = await start();
    const inputs = { ...declared, env: { VERSION: unknown } };
    const preview = await provider.create(command, inputs, true);
    assert.equal(preview.inputs.inputsDigest, unknown);
    assert.equal(preview.state.files, unknown);
    assert.equal(
      (await provider.check(command, { ...declared, command: ["cp", unknown] })).inputsDigest,
      unknown,
    );
    assert.equal(await runs(), 0);
  });

  for (const [what, change, property, reason] of [
    ["no source", { sources: [] }, "sources", /at least one pattern is expected/],
    ["a pattern of no file", { sources: ["*.go"] }, "sources", /no file matches "\*\.go".*"\*\*\/\*\.go"/],
    ["a missing folder", { directory: "missing" }, "directory", /there is no folder ".*missing"/],
    ["an output in a folder", { outputs: ["bin/x"] }, "outputs[0]", /"bin\/x" is not valid: a file name/],
    ["an empty command", { command: [] }, "command", /a valid example: \["go","build"/],
    ["a time of nothing", { timeoutSeconds: 0 }, "timeoutSeconds", /0 is not valid/],
  ] as [string, Properties, string, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      const provider = await start();
      await assert.rejects(provider.check(command, { ...declared, ...change }), (error: CheckFailed) => {
        assert.deepEqual(
          error.failures?.map((failure) => failure.property),
          [property],
          error.message,
        );
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  it("end with what they started when the run is canceled or interrupted", async () => {
    for (const end of ["cancel", "SIGINT", "SIGTERM"] as const) {
      const provider = await start();
      const file = path.join(project, `${end}.txt`);
      // The child writes as long as it lives.
      const endless = {
        ...declared,
        command: `(while true; do echo alive >> ${file}; sleep 0.02; done) & wait`,
      };
      const created = provider.create(command, endless);
      const outcome = assert.rejects(created);
      while (!existsSync(file)) await sleep(20);
      const begun = Date.now();
      if (end === "cancel") {
        await provider.cancel();
        await assert.rejects(created, /ended because the run was canceled/);
      } else {
        await provider.stop(end);
      }
      await outcome;
      assert.ok(Date.now() - begun < 2_000, `took ${Date.now() - begun} ms`);
      await sleep(100);
      const { size } = await stat(file);
      await sleep(200);
      assert.equal((await stat(file)).size, size, `the command outlives ${end}`);
    }
  });
});
