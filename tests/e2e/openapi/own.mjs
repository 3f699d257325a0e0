// The operations of our own, wanted and refused.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { raw, serve } from "./daemon.mjs";

export async function own(genqd, document, senderFor) {
  // Takes webhooks; and the calls of the stand-in for kie.ai, whose secret paths nobody else could know.
  let called;
  const call = new Promise((resolve) => (called = resolve));
  const receiver = createServer(async (incoming, answer) => {
    let body = "";
    for await (const piece of incoming) body += piece;
    if (incoming.url.startsWith("/v1/callbacks/")) called({ target: incoming.url, body: JSON.parse(body) });
    answer.writeHead(204).end();
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${receiver.address().port}`;
  const daemon = await serve(genqd, {
    config: `[http]\nheader_timeout_s = 2\nbody_timeout_s = 2\n[callbacks]\npublic_url = "${address}"\n[webhooks]\nallow_cidrs = ["127.0.0.0/8"]\nsecrets = ["whsec_${Buffer.alloc(32, 7).toString("base64")}"]\n`,
    tokens: {
      all: { scopes: ["submit", "read", "admin"] },
      own: { scopes: ["submit"] },
      reader: { scopes: ["read"] },
      poor: { scopes: ["submit", "read"], credits_per_day: 1 },
      few: { scopes: ["submit", "read"], max_queued: 1 },
    },
  });
  const { send, get, post } = senderFor(daemon, "all");
  const example = (operation, name) => document.exampleOf(operation, name);
  const finished = async (id, status) => assert.equal((await get(`/v1/jobs/${id}?wait=60`)).value.status, status, id);

  // --- jobs: the document's own examples are what is sent
  const picture = (await post("/v1/jobs", 202, example("createJob", "picture"), { headers: { "Idempotency-Key": "one" } })).value.id;
  await post("/v1/jobs", 200, example("createJob", "picture"), { headers: { "Idempotency-Key": "one" } });
  await post("/v1/jobs", 422, example("createJob", "use"), { headers: { "Idempotency-Key": "one" } });
  await post("/v1/jobs", 202, example("createJob", "use"));
  await finished(picture, "succeeded");
  const chain = example("createJob", "chain");
  chain.input.image = `genqd:job/${picture}/outputs/0`;
  const large = await post("/v1/jobs", 200, chain, { headers: { Prefer: "wait=60" } });
  assert.equal(large.headers["preference-applied"], "wait=60");
  assert.equal(large.value.status, "succeeded");
  const told = example("createJob", "told");
  told.webhook.url = `${address}/hook`;
  const song = (await post("/v1/jobs", 202, told)).value.id;
  await post("/v1/jobs", 202, example("createJob", "passed"));
  await post("/v1/jobs", 422, { model: "google/imagen5", input: {} });
  await post("/v1/jobs", 422, { model: "google/imagen4", input: {}, colour: "red" });
  await post("/v1/jobs", 400, undefined, { body: "{", headers: { "Content-Type": "application/json" } });
  await post("/v1/jobs", 401, {}, { token: "nobody" });
  await post("/v1/jobs", 402, example("createJob", "picture"), { token: "poor" });
  await post("/v1/jobs", 403, {}, { token: "reader" });
  await post("/v1/jobs", 403, {}, { headers: { Origin: "https://evil.example" } });
  await post("/v1/jobs", 413, undefined, { body: Buffer.alloc(2_000_000, 32), headers: { "Content-Type": "application/json" } });
  await post("/v1/jobs", 415, undefined, { body: "x", headers: { "Content-Type": "text/plain" } });
  await post("/v1/jobs", 411, undefined, { noLength: true, headers: { "Content-Type": "application/json" } });
  const later = { ...example("createJob", "picture"), scheduled_at: "2100-01-01T00:00:00Z" };
  const waiting = (await post("/v1/jobs", 202, later, { token: "few" })).value.id;
  await post("/v1/jobs", 429, later, { token: "few" });
  const late = await raw(daemon, "POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer all\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{", { method: "POST", target: "/v1/jobs" });
  document.check(late);
  assert.equal(late.status, 408);

  const page = await get("/v1/jobs?limit=1&status=succeeded&kind=image&label.project=spring");
  assert.match(page.headers.link ?? 'rel="next"', /rel="next"/);
  assert.equal((await get("/v1/jobs?limit=2")).headers.link !== undefined, true);
  await get("/v1/jobs?limit=0", 422);
  await get("/v1/jobs", 401, { token: null });
  const known = await get(`/v1/jobs/${picture}?sign=60`);
  const signed = new URL(known.value.outputs[0].signed_url);
  await get(`/v1/jobs/${picture}`, 304, { headers: { "If-None-Match": known.headers.etag } });
  await get(`/v1/jobs/${picture}?wait=61`, 422);
  await get(`/v1/jobs/${"0".repeat(26)}`, 404);
  await send("HEAD", `/v1/jobs/${picture}`, 200);
  await send("PUT", `/v1/jobs/${picture}`, 405);
  for (const [path, item] of Object.entries(document.document.paths)) {
    if (path.startsWith("/api/") || path === "/v1/callbacks/{job}/{token}") continue;
    const other = "post" in item ? "PUT" : "POST";
    if (!("post" in item) || !("get" in item)) await send(other, path.replace(/\{[^}]+\}/g, "x"), 405, { headers: { "Content-Length": 0 } });
  }
  await post(`/v1/jobs/${waiting}/cancel`, 403, {}, { token: "poor" });
  await post(`/v1/jobs/${waiting}/cancel`, 404, {}, { token: "own" });
  await post(`/v1/jobs/${waiting}/cancel`, 200, {});
  await post(`/v1/jobs/${waiting}/cancel`, 409);
  await post(`/v1/jobs/${waiting}/cancel`, 422, { now: true });
  const failing = (await post("/v1/jobs", 202, { model: "google/imagen4", input: { prompt: "[fail] a lake" } })).value.id;
  await finished(failing, "failed");
  await post(`/v1/jobs/${failing}/retry`, 409, {});
  await post(`/v1/jobs/${failing}/retry`, 200, example("retryJob"), { headers: { "Idempotency-Key": "again" } });
  await finished(failing, "failed");
  await get(`/v1/jobs/${failing}/events`);
  // Live, where the document has that: from the begin of the history to the first event, and to the end of a job's.
  if (document.find("GET", "/v1/events")) {
    const live = async (target, last, until) => {
      const { bytes } = await send("GET", target, 200, { headers: { Accept: "text/event-stream", "Last-Event-ID": last }, until });
      const [id, name, data] = /^id: (\d+)\nevent: (.*)\ndata: (.*)$/m.exec(bytes.toString().slice(bytes.lastIndexOf("\nid: ") + 1)).slice(1);
      assert.deepEqual(Object.keys(JSON.parse(data)).sort(), ["at", "detail", "job_id", "status"]);
      return { id, name };
    };
    assert.match((await live("/v1/events?label.project=spring", "0", /\ndata: .*\n\n/)).name, /^job\.[a-z]+$/);
    const last = await live(`/v1/jobs/${failing}/events`, "0", /event: job\.failed\ndata: .*\n\n$/);
    await get(`/v1/jobs/${picture}/events`, 422, { headers: { Accept: "text/event-stream", "Last-Event-ID": "x" } });
    await get("/v1/events?status=none", 422);
    const ended = await live(`/v1/jobs/${picture}/events`, "0", /event: job\.succeeded\ndata: .*\n\n$/);
    assert.equal(ended.name, "job.succeeded");
    await get(`/v1/jobs/${picture}/events`, 204, { headers: { Accept: "text/event-stream", "Last-Event-ID": ended.id } });
    assert.equal(last.name, "job.failed");
  }
  await send("DELETE", `/v1/jobs/${failing}`, 204);
  await send("DELETE", `/v1/jobs/${failing}`, 404);
  const slow = (await post("/v1/jobs", 202, later)).value.id;
  await send("DELETE", `/v1/jobs/${slow}`, 409);
  const bulk = { ...example("changeJobs"), filter: { status: "queued" } };
  await post("/v1/jobs/bulk", 200, bulk);
  await post("/v1/jobs/bulk", 200, { ...bulk, dry_run: false });
  await post("/v1/jobs/bulk", 422, { action: "cancel" });

  // --- batches
  const batch = await post("/v1/batches", 202, example("createBatch"), { headers: { "Idempotency-Key": "many" } });
  await post("/v1/batches", 200, example("createBatch"), { headers: { "Idempotency-Key": "many" } });
  await get(`/v1/batches/${batch.value.id}`);
  await get("/v1/batches/none", 404);
  await post("/v1/batches", 422, { jobs: [] });
  for (const id of batch.value.job_ids) await finished(id, "succeeded");

  // --- webhooks
  await finished(song, "succeeded");
  const deliveries = async () => (await get(`/v1/jobs/${song}/deliveries`)).value.deliveries;
  const until = Date.now() + 30_000;
  while ((await deliveries())[0]?.state !== "delivered") assert.ok(Date.now() < until, "no delivery");
  await post(`/v1/jobs/${song}/deliveries/1/redeliver`, 202, {});
  await post(`/v1/jobs/${song}/deliveries/9/redeliver`, 404, {});
  await post(`/v1/jobs/${song}/deliveries/1/redeliver`, 403, {}, { token: "own" });

  // --- files and outputs
  const bytes = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const file = (want, key, more = {}) => send("POST", "/v1/files", want, { body: bytes, headers: { "Content-Type": "image/png", "Idempotency-Key": key }, ...more });
  const { sha256 } = (await file(201, "dot")).value;
  await file(200, "dot");
  await send("POST", "/v1/files", 422, { body: "" , headers: { "Content-Length": 0 } });
  await send("POST", "/v1/files", 415, { body: "--b", headers: { "Content-Type": "multipart/form-data; boundary=b" } });
  await get(`/v1/jobs/${picture}/outputs`);
  for (const target of [`/v1/jobs/${picture}/outputs/0`, `/v1/blobs/${sha256}`, signed.pathname + signed.search]) {
    const whole = await get(target);
    await get(target, 206, { headers: { Range: "bytes=0-9" } });
    await get(target, 304, { headers: { "If-None-Match": whole.headers.etag } });
    await get(target, 416, { headers: { Range: "bytes=99999999-" } });
    await get(target, 412, { headers: { "If-Match": '"other"' } });
    await send("HEAD", target, 200);
  }
  await get(`${signed.pathname}?exp=1&sig=x`, 403, { token: null });
  await get(`/v1/blobs/${"0".repeat(64)}`, 404);
  await get(`/v1/jobs/${picture}/outputs/7`, 404);
  const thumbnail = `/v1/jobs/${picture}/outputs/0/thumbnail`;
  const small = await get(`${thumbnail}?w=64`);
  await get(`${thumbnail}?w=64`, 304, { headers: { "If-None-Match": small.headers.etag } });
  await get(`${thumbnail}?w=1`, 422);

  // --- models
  const { models } = (await get("/v1/models")).value;
  for (const { id } of models) await get(`/v1/models/${encodeURIComponent(id)}`);
  await get("/v1/models?kind=dance", 422);
  await get("/v1/models/none", 404);

  // --- operation
  await get("/v1/queue");
  await get("/v1/credits");
  await post("/v1/queue/pause", 200, example("pauseQueue"));
  await post("/v1/queue/pause", 422, { model: "none" });
  await post("/v1/queue/resume", 200, {});
  await post("/v1/queue/resume", 409, { restored: true });
  await post("/v1/queue/resume", 403, {}, { token: "own" });
  await get("/v1/usage");
  await get("/v1/queue/history");
  await get("/v1/queue/history?step_s=61", 422);
  await get("/v1/queue/history", 403, { token: "own" });
  await get("/v1/usage?by=label.project", 200, { token: "own" });
  await get("/v1/usage?by=colour", 422);
  await send("POST", `/v1/callbacks/${picture}/none`, 404, { json: example("takeCallback"), token: null });
  const { target, body } = await call;
  await send("POST", target, 200, { json: body, token: null });
  for (const path of ["/", "/reference", "/healthz", "/readyz", "/metrics", "/openapi.json"]) await get(path, 200, { token: null });
  for (const path of ["/reference", "/openapi.json", "/"]) {
    const { headers } = await get(path, 200, { token: null });
    await get(path, 304, { headers: { "If-None-Match": headers.etag } });
  }
  const dashboard = await get("/", 200, { token: null });
  const asset = /\/assets\/[a-z]+\.js/.exec(dashboard.bytes)[0];
  const script = await get(asset, 200, { token: null });
  await get(asset, 304, { headers: { "If-None-Match": script.headers.etag } });
  await get("/assets/none", 404, { token: null });
  const broken = await raw(daemon, "GET /v1/jobs%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", { method: "GET", target: "/v1/jobs" });
  document.check(broken);
  assert.equal(broken.status, 400);

  assert.equal(await daemon.stop(), 0);
  receiver.close();
}
