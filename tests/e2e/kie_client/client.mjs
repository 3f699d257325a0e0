// Drives @felores/kie-ai-mcp-server, unchanged, over stdio: node client.mjs ENTRY REAL_BASE
// Its environment says where kie.ai is. Prints what it did; exits 1 at the first thing that is not as it should be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

const [entry, base] = process.argv.slice(2);
const server = spawn('node', [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map();
createInterface({ input: server.stdout }).on('line', (line) => {
  const message = JSON.parse(line);
  waiting.get(message.id)?.(message);
});

let last = 0;
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = ++last;
    waiting.set(id, resolve);
    send({ id, method, params });
  });
const call = async (name, args) => {
  const answer = await ask('tools/call', { name, arguments: args });
  assert.ok(answer.result, `${name}: ${JSON.stringify(answer.error)}`);
  const said = JSON.parse(answer.result.content[0].text);
  assert.equal(said.success, true, `${name}: ${JSON.stringify(said)}`);
  return said;
};

// The digest stands in the path of a result: what the URL opens has to be that.
const fetchResult = async (url) => {
  const { pathname, search } = new URL(url);
  const response = await fetch(base + pathname + search);
  assert.equal(response.status, 200, url);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(createHash('sha256').update(bytes).digest('hex'), pathname.split('/')[3]);
  return bytes.length;
};

const generate = async (name, args) => {
  const made = await call(name, args);
  const id = made.task_id ?? made.response.data.taskId;
  for (let tries = 0; tries < 300; ++tries) {
    const { result_urls: urls, error, status } = await call('get_task_status', { task_id: id });
    assert.equal(error ?? null, null, `${name} ${id}`);
    if (urls.length > 0) {
      const sizes = await Promise.all(urls.map(fetchResult));
      console.log(`${name}: ${status}, ${sizes.join(' and ')} bytes`);
      return urls;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${name} ${id} did not end`);
};

await ask('initialize', {
  protocolVersion: '2025-03-26',
  capabilities: {},
  clientInfo: { name: 'genqd-test', version: '1' },
});
send({ method: 'notifications/initialized' });

const dot =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const uploaded = await call('upload_file', { file_base64: dot, file_name: 'dot.png', content_type: 'image/png' });
const file = JSON.stringify(uploaded).match(/https:[^"]*\/v1\/blobs\/[^"]*/)[0];
console.log(`upload_file: ${await fetchResult(file)} bytes`);
await generate('nano_banana_image', { prompt: 'a fox' });
await generate('flux_kontext_image', { prompt: 'a fox' });
await generate('bytedance_seedance_video', { prompt: 'a fox' });
await generate('suno_generate_music', { prompt: 'a fox', customMode: false, instrumental: true, model: 'V5' });
console.log('a real client passed');
process.exit(0);
