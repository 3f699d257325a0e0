// Sends every operation of the document, wanted and refused, and holds each answer against the document. At the end every
// operation, every answer that is no refusal and every problem code has been seen; what can't be caused is listed.
// usage: node send.mjs GENQD DOCUMENT
import assert from "node:assert/strict";
import { readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { request, serve } from "./daemon.mjs";
import { Document } from "./document.mjs";
import { kie } from "./kie.mjs";
import { own } from "./own.mjs";

const [genqd, path] = process.argv.slice(2);
const document = new Document(JSON.parse(readFileSync(path, "utf8")));

// How requests reach a daemon: each says the status that it has to be answered with, and what the document says of that
// answer is checked.
function senderFor(daemon, usual) {
  const send = async (method, target, want, { json, token = usual, headers = {}, body, noLength, until } = {}) => {
    const all = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers };
    if (json !== undefined) all["Content-Type"] ??= "application/json";
    const answer = await request(daemon, method, target, { headers: all, body: json === undefined ? body : JSON.stringify(json), noLength, until });
    assert.equal(answer.status, want, `${method} ${target}: ${answer.body.toString().slice(0, 500)}`);
    return { value: document.check(answer), headers: answer.headers, bytes: answer.body };
  };
  const get = (target, want = 200, more = {}) => send("GET", target, want, more);
  const post = (target, want, json, more = {}) => send("POST", target, want, { json, ...more });
  return { send, get, post };
}

// Without tokens, and, as it is told, on a full disk.
const most = 4 * 2 ** 40; // of min_free_bytes; whose disk has more free can't be told that it is full
const { bavail, bsize } = statfsSync(tmpdir());
const isFull = bavail * bsize < most;
async function full() {
  const daemon = await serve(genqd, { config: `[downloads]\nmin_free_bytes = ${most}\n` });
  const { send, get } = senderFor(daemon, null);
  await get("/v1/queue", 421, { headers: { Host: "evil.example" } });
  await send("POST", "/v1/files", isFull ? 507 : 201, { body: "x", headers: { "Content-Type": "text/plain" } });
  await get("/readyz", isFull ? 503 : 200);
  assert.equal(await daemon.stop(), 0);
}

// One that can't ask for its balance, and is stopped while a create is in flight.
async function drains() {
  const daemon = await serve(genqd, {
    faults: [{ match: { model: "google/imagen4" }, do: "delay_ms", ms: 25000 }, { match: { path: "/api/v1/chat/credit" }, do: "html", times: -1 }],
  });
  const { get, post } = senderFor(daemon, null);
  const job = document.exampleOf("createJob", "picture");
  let { value: seen } = await post("/v1/jobs", 202, job);
  await get("/v1/credits", 502);
  for (let etag = "x"; seen.status !== "submitting"; ) {
    const answer = await get(`/v1/jobs/${seen.id}?wait=20`, 200, { headers: { "If-None-Match": etag } });
    [seen, etag] = [answer.value, answer.headers.etag];
  }
  daemon.signal("SIGTERM");
  while ((await request(daemon, "GET", "/readyz")).status !== 503);
  await get("/readyz", 503);
  await post("/v1/jobs", 503, job);
  await daemon.stop();
}

// Apart from each other, so that none waits for another's window of the limiter.
await Promise.all([own(genqd, document, senderFor), kie(genqd, document, senderFor), full(), drains()]);

const unseen = document.routes.flatMap(({ operation }) =>
  Object.keys(operation.responses).filter((status) => /^[23]/.test(status) && !document.seen.has(`${operation.operationId} ${status}`)).map((status) => `${operation.operationId} ${status}`));
assert.deepEqual(unseen, [], "answers that no request was given");
const codes = document.document.components.schemas.Problem.properties.code.enum;
// A fault of the program itself is nothing that a request can cause.
assert.deepEqual(codes.filter((code) => !document.codes.has(code)), ["internal", ...(isFull ? [] : ["storage_full"])], "problem codes that no request was given");
const count = [...document.seen.values()].reduce((sum, one) => sum + one, 0);
console.log(`${document.routes.length} operations, ${count} answers of ${document.seen.size} kinds, ${document.codes.size} of ${codes.length} problem codes: all as documented`);
