// Takes webhooks, verifies each with the library of the specification's authors, and refuses the first tries of every
// delivery. The secrets that it knows are in a file, one a line, read anew for each. Writes what it took to a file, one
// JSON a line; what can't be verified ends it.
import { createServer } from "node:http";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const [folder, failures] = [process.argv[2], Number(process.argv[3])];
const tries = new Map();
const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const id = request.headers["webhook-id"];
  const secrets = readFileSync(`${folder}/known`, "utf8").trim().split("\n");
  try {
    for (const secret of secrets) new Webhook(secret).verify(body, request.headers);
  } catch (error) {
    console.error(`${id}: ${error.message}`);
    process.exit(1);
  }
  tries.set(id, (tries.get(id) ?? 0) + 1);
  if (tries.get(id) <= failures) return response.writeHead(503).end();
  const { type, data } = JSON.parse(body);
  appendFileSync(`${folder}/taken`, JSON.stringify({ id, type, job: data.id, status: data.status }) + "\n");
  response.writeHead(204).end();
});
server.listen(0, "127.0.0.1", () => writeFileSync(`${folder}/port`, `${server.address().port}\n`));
