import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { admit, peerUser } from "../../../lib/machine/peer-user.cjs";
import { REPOSITORY } from "../../../lib/machine/repository";
import { PackProcess } from "../../policies/pack-process";
import { requireOtherUser, runAsOtherUser } from "../../support/other-user";
import { ProviderProcess } from "../../support/provider-process";
import { requirement } from "../../support/requirement";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, remote: string, state: string, user: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${user}        0 1151 1 0 100 0 0 10 0\n`;

const mapped = "0000000000000000FFFF00000100007F";
const listens = row("0100007F:9C40", "00000000:0000", "0A", 1000);
const ownEnd = row("0100007F:9C40", "0100007F:C350", "01", 1000);

const cases: { title: string; tables: string[]; user: ReturnType<typeof peerUser> }[] = [
  {
    title: "the end that connected, not the one that accepted",
    tables: [head + listens + ownEnd + row("0100007F:C350", "0100007F:9C40", "01", 1001), head],
    user: 1001,
  },
  {
    title: "a socket for IPv6 under its mapped address",
    tables: [head + listens + ownEnd, head + row(`${mapped}:C350`, `${mapped}:9C40`, "01", 1002)],
    user: 1002,
  },
  {
    title: "nobody where a socket of the same port has another address, is connected elsewhere, or is closed",
    tables: [
      head +
        listens +
        row("0200007F:C350", "0100007F:9C40", "01", 1001) +
        row("0100007F:C350", "0100007F:9C41", "01", 1001) +
        row("0100007F:C350", "0100007F:9C40", "06", 0),
    ],
    user: "absent",
  },
  {
    title: "nobody where a listener elsewhere has the port",
    tables: [head + row("00000000:9C41", "00000000:0000", "0A", 1000), head],
    user: "untold",
  },
  { title: "that the system does not tell, without tables", tables: [], user: "untold" },
];

describe("user of a connection", () => {
  for (const { title, tables, user } of cases) {
    it(`is ${title}`, () => {
      const ports = { localPort: 40_000, remotePort: 50_000 };
      // In pieces as the kernel gives them, which do not end where rows do.
      const pieces = tables.map((table) => table.match(/[^]{1,100}/g) ?? []);
      assert.equal(peerUser(ports, pieces), user);
    });
  }

  it("is this process's for its own connection, by the kernel's tables", async function () {
    requirement(this, process.platform === "linux", "other systems than Linux do not tell");
    for (const host of ["127.0.0.1", "::ffff:127.0.0.1"]) {
      const server = createServer();
      const accepted = once(server, "connection") as Promise<[Socket]>;
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const client = connect((server.address() as AddressInfo).port, host);
      const [socket] = await accepted;
      const told: string[] = [];
      assert.equal(
        admit(socket, (sentence) => told.push(sentence)),
        true,
      );
      assert.deepEqual(told, []);
      client.destroy();
      socket.destroy();
      server.close();
    }
  });
});

/**
 * Says how many bytes a server sends to who greets it in HTTP/2, and whether it hangs up by itself.
 */
const greeting = `
  let bytes = 0;
  const socket = require("node:net").connect(Number(process.argv[1]), "127.0.0.1", () =>
    socket.write("PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0"));
  const end = (how) => { console.log(how + " after " + bytes); process.exit(); };
  socket.on("data", (data) => { bytes += data.length; });
  socket.on("error", () => undefined);
  socket.on("close", () => end("closed"));
  setTimeout(() => end("open"), 1000);`;

describe("ports of plugins", function () {
  this.timeout(60_000);
  let folder = "";

  before(function () {
    requirement(
      this,
      process.platform === "linux",
      "other systems than Linux do not tell whose connections are",
    );
    requireOtherUser(this);
    folder = mkdtempSync(join(tmpdir(), "slipway-neighbor-"));
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  const refusal = /a process of user 65534 connected .* only user 0, who started it, is served/;

  it("of the provider serve nobody else, and say so", async () => {
    const provider = await ProviderProcess.start(folder);
    try {
      assert.equal((await runAsOtherUser(greeting, String(provider.port))).trim(), "closed after 0");
      assert.notEqual(await provider.schema(), "");
      assert.match(provider.messages.join("\n"), refusal);
    } finally {
      await provider.stop();
    }
  });

  it("of the policy pack serve nobody else, and say so", async () => {
    const pack = await PackProcess.start();
    try {
      assert.equal((await runAsOtherUser(greeting, String(pack.port))).trim(), "closed after 0");
      assert.notEqual((await pack.levels()).size, 0);
      assert.match(pack.takeReport().join("\n"), refusal);
    } finally {
      pack.stop();
    }
  });

  it("of the language host serve nobody else, and say so", async () => {
    const host = spawn(join(REPOSITORY, "tools", "language-host", "pulumi-language-nodejs"), ["127.0.0.1:1"]);
    try {
      let errors = "";
      host.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
      const [port] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
      assert.equal((await runAsOtherUser(greeting, port)).trim(), "closed after 0");
      assert.match(errors, refusal);
    } finally {
      host.kill("SIGKILL");
    }
  });
});
