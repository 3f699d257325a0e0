// kie.ai's API: every create by its example, every poll; what is not there is said in the envelope.
import assert from "node:assert/strict";
import { serve } from "./daemon.mjs";

export async function kie(genqd, document, senderFor) {
  const daemon = await serve(genqd, { tokens: { all: { scopes: ["submit", "read"] } } });
  const { send, get, post } = senderFor(daemon, "all");
  const example = (operation) => document.exampleOf(operation);
  const tasks = {};
  for (const { method, path, operation } of document.routes.filter((route) => route.path.startsWith("/api/"))) {
    const name = operation.operationId;
    const body = operation.requestBody?.content["application/json"]?.example;
    if (/^kie(Create|Extend)/.test(name)) {
      const [creates] = path.match(/^\/api\/v1\/[^/]+(\/kontext|\/generate\/aleph)?/);
      if (body.taskId) body.taskId = tasks["/api/v1/veo"] && path.includes("veo") ? tasks["/api/v1/veo"] : (tasks["/api/v1/runway"] ?? "none");
      const { value } = await post(path, 200, body);
      if (value.code === 200) tasks[creates] ??= value.data.taskId;
      assert.equal(value.code, 200, `${name}: ${value.msg}`);
    }
  }
  await send("POST", "/api/file-stream-upload", 200, {
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
    body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\ntexts\r\n--x--\r\n',
  });
  const address = (await post("/api/file-base64-upload", 200, example("kieUploadBase64"))).value.data.downloadUrl;
  await post("/api/v1/uploads/base64", 200, example("kieUploadBase64Old"));
  for (const [operation, path] of [["kieUploadByUrl", "/api/file-url-upload"], ["kieUploadByUrlOld", "/api/v1/uploads/url"]]) {
    const body = Object.fromEntries(Object.entries(example(operation)).map(([key, value]) => [key, /url/i.test(key) ? address : value]));
    assert.equal((await post(path, 200, body)).value.success, true);
  }
  for (const path of ["/api/v1/common/download-url", "/api/v1/gpt4o-image/download-url"]) await post(path, 200, { url: address });
  await get("/api/v1/chat/credit");
  for (const { path } of document.routes.filter((route) => /^kie(Poll|RecordInfo|Veo.*[PK]$)/.test(route.operation.operationId))) {
    const of = Object.keys(tasks).filter((prefix) => path.startsWith(prefix)).sort((a, b) => b.length - a.length)[0];
    const task = tasks[of] ?? tasks["/api/v1/jobs"];
    if (!path.includes("/get-")) {
      await get(`${path}?taskId=${task}`);
      await get(`/v1/jobs/${task}?wait=60`);
      const { value } = await get(`${path}?taskId=${task}`);
      assert.equal(value.code, 200, `${path}: ${value.msg}`);
    } else {
      const { value } = await get(`${path}?taskId=${task}&index=0`);
      assert.ok([200, 400, 422].includes(value.code), value.msg);
      await post(path, 200, { taskId: task, index: 0 });
    }
    await get(`${path}?taskId=none`);
    await get(`${path}?taskId=none`, 200, { token: "nobody" });
  }
  assert.equal(await daemon.stop(), 0);
}
