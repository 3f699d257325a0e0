// A client that was generated from the document, doing what a service would: nothing here knows the API but by its types.
// usage: node client.js URL TOKEN
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./genqd.js";

type Job = components["schemas"]["Job"];
type Problem = components["schemas"]["Problem"];

const [baseUrl, token] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

// A problem is what an answer says when it is none of the wanted.
function wanted<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) throw new Error(error ? `${error.code}: ${error.detail}` : "no answer");
  return data;
}
const ended = async (id: string): Promise<Job> =>
  wanted(await client.GET("/v1/jobs/{id}", { params: { path: { id }, query: { wait: 60 } } }));

// Post, wait, list.
const body: components["schemas"]["NewJob"] = { model: "google/imagen4", input: { prompt: "a lake at dusk" }, labels: { project: "spring" } };
const header = { "Idempotency-Key": "lake-1" };
const posted = await client.POST("/v1/jobs", { params: { header }, body });
assert.equal(posted.response.status, 202);
const { id } = wanted(posted);
const again = await client.POST("/v1/jobs", { params: { header }, body });
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");
assert.equal(wanted(again).id, id);
const job = await ended(id);
assert.equal(job.status, "succeeded");
assert.equal(job.error, null);
const listed = wanted(await client.GET("/v1/jobs", { params: { query: { status: ["succeeded", "failed"], limit: 10 } } }));
assert.deepEqual(listed.jobs.map((one) => one.id), [id]);

// What it made, by its digest.
const [output] = job.outputs;
assert.ok(output);
const made = await client.GET("/v1/jobs/{id}/outputs/{n}", { params: { path: { id, n: output.index } }, parseAs: "arrayBuffer" });
const bytes = Buffer.from(made.data as ArrayBuffer);
assert.equal(createHash("sha256").update(bytes).digest("hex"), output.sha256);

// A file of one's own, and a batch in which a job takes what another makes.
const file = wanted(await client.POST("/v1/files", { body: bytes.toString("binary"), bodySerializer: () => bytes, headers: { "Content-Type": "image/png" } }));
assert.equal(file.sha256, output.sha256);
const batch = wanted(await client.POST("/v1/batches", {
  body: { jobs: [
    { ref: "own", model: "recraft/crisp-upscale", input: { image: file.ref } },
    { model: "recraft/crisp-upscale", input: { image: "genqd:ref/own/outputs/0" } },
  ] },
}));
for (const one of batch.job_ids) assert.equal((await ended(one)).status, "succeeded");
const { counts, total } = wanted(await client.GET("/v1/batches/{id}", { params: { path: { id: batch.id } } }));
assert.deepEqual([counts.succeeded, total], [2, 2]);

// Cancel; and a refusal, as a problem that says where.
const later = wanted(await client.POST("/v1/jobs", { body: { ...body, scheduled_at: "2100-01-01T00:00:00Z" } }));
assert.equal(later.queue?.reason, "scheduled");
assert.equal(wanted(await client.POST("/v1/jobs/{id}/cancel", { params: { path: { id: later.id } } })).status, "canceled");
const { error: late } = await client.POST("/v1/jobs/{id}/cancel", { params: { path: { id: later.id } } });
assert.equal(late?.code, "conflict");
const { error: refused } = await client.POST("/v1/jobs", { body: { model: "google/imagen4", input: {} } });
assert.equal(refused?.code, "validation_failed");
assert.deepEqual(refused.errors.map((fault) => fault.pointer), ["/input/prompt"]);

// The catalogue, the queue, and kie.ai's own API beside them.
const model = wanted(await client.GET("/v1/models/{id}", { params: { path: { id: "google/imagen4" } } }));
assert.equal(model.family, "market");
const queue = wanted(await client.GET("/v1/queue"));
assert.equal(queue.limiter.limit, 20);
const task = await client.POST("/api/v1/jobs/createTask", { body: { model: "google/imagen4", input: { prompt: "a lake" } } });
const taskId = task.data?.data?.taskId;
assert.ok(taskId);
await ended(taskId);
const record = await client.GET("/api/v1/jobs/recordInfo", { params: { query: { taskId } } });
assert.equal(record.data?.data?.state, "success");
console.log("the generated client: a job, its output, a file, a batch, a cancel, a problem, kie.ai's API");
