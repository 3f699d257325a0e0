// The usual way to have a durable job queue behind HTTP in Node: Fastify takes the job, BullMQ puts it into Redis.
import { Queue } from "bullmq";
import Fastify from "fastify";

const [redisPort] = process.argv.slice(2).map(Number);
const queue = new Queue("jobs", { connection: { host: "127.0.0.1", port: redisPort } });
await queue.pause();

const app = Fastify();
app.post("/v1/jobs", {
  schema: {
    body: {
      type: "object",
      required: ["model", "input"],
      properties: { model: { type: "string" }, input: { type: "object" } },
    },
  },
}, async (request, reply) => {
  const job = await queue.add(request.body.model, request.body);
  return reply.code(202).header("Location", `/v1/jobs/${job.id}`).send({ id: job.id, status: "queued" });
});
console.log((await app.listen({ host: "127.0.0.1", port: 0 })).replace("http://", ""));
