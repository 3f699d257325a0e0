// Daemons of the program under test, each in a folder of its own, and requests that can be as odd as it takes.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

process.once("SIGTERM", () => process.exit(1)); // timeout's
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");

// config: TOML; tokens: {name: {scopes, …budget}}, whose texts are their names; faults: the sandbox's.
export async function serve(genqd, { config = "", tokens = {}, faults = [] }) {
  const folder = mkdtempSync(join(tmpdir(), "genqd-openapi-"));
  const entries = Object.entries(tokens).map(([name, { scopes, ...budget }]) =>
    [`[[tokens]]`, `name = "${name}"`, `sha256 = "${sha256(name)}"`, `scopes = ${JSON.stringify(scopes)}`]
      .concat(Object.entries(budget).map(([key, value]) => `${key} = ${value}`)).join("\n"));
  writeFileSync(join(folder, "tokens.toml"), entries.join("\n\n") + "\n");
  writeFileSync(join(folder, "faults.json"), JSON.stringify(faults));
  writeFileSync(join(folder, "genqd.toml"), `${config}\n[auth]\ntokens_file = "${join(folder, "tokens.toml")}"\n`);
  const address = join(folder, "address");
  const child = spawn(genqd, ["serve", "--sandbox", "--sandbox-speed", "200", "--sandbox-faults", join(folder, "faults.json"),
    "--config", join(folder, "genqd.toml"), "--listen", "127.0.0.1:0", "--state", join(folder, "state"), "--address-file", address],
    { stdio: ["ignore", "ignore", "pipe"] });
  // A test that fails leaves nothing behind.
  process.once("exit", () => (child.kill("SIGKILL"), rmSync(folder, { recursive: true, force: true })));
  let log = "";
  child.stderr.on("data", (piece) => (log += piece));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await new Promise((resolve, reject) => {
    const watcher = watch(folder, () => isThere() && (watcher.close(), resolve()));
    const isThere = () => existsSync(address) && readFileSync(address, "utf8").includes("\n");
    if (isThere()) watcher.close(), resolve();
    ended.then(() => reject(new Error(`the daemon ended:\n${log}`)));
  });
  const [host, port] = readFileSync(address, "utf8").split("\n")[0].split(":");
  return {
    port: Number(port), url: `http://${host}:${port}`, log: () => log, signal: (name) => child.kill(name), ended,
    async stop() {
      child.kill("SIGTERM");
      const code = await ended;
      rmSync(folder, { recursive: true });
      return code;
    },
  };
}

// An answer as it came; the body whole, or of one that goes on and on as much as it takes to fit `until`.
export function request(daemon, method, target, { headers = {}, body, noLength = false, until } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: "127.0.0.1", port: daemon.port, method, path: target, headers, agent: false }, (answer) => {
      const pieces = [];
      const done = () => resolve({ method, target, status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) });
      answer.on("data", (piece) => {
        pieces.push(piece);
        if (until?.test(Buffer.concat(pieces).toString())) done(), answer.destroy();
      });
      answer.on("end", done);
      answer.on("error", reject);
    });
    sent.on("error", reject);
    if (noLength) {
      sent.removeHeader("Content-Length");
      sent.removeHeader("Transfer-Encoding");
      sent.useChunkedEncodingByDefault = false;
    }
    sent.end(body);
  });
}

// The same from the bytes of a whole request, for what no client would send.
export function raw(daemon, text, { method, target }) {
  return new Promise((resolve, reject) => {
    import("node:net").then(({ connect }) => {
      const socket = connect(daemon.port, "127.0.0.1", () => socket.write(text));
      let got = "";
      socket.on("data", (piece) => {
        got += piece.toString("latin1");
        const [head, ...rest] = got.split("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
        const body = rest.join("\r\n\r\n");
        if (!rest.length || body.length < length) return;
        socket.destroy();
        const [status, ...lines] = head.split("\r\n");
        const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]));
        resolve({ method, target, status: Number(status.split(" ")[1]), headers, body: Buffer.from(body, "latin1") });
      });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error(`closed after: ${got}`)));
    });
  });
}

