// The OpenAPI document as a judge of answers: whether a status, its headers, its media type and its body are in it.
import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

// Of HTTP itself: no document has these.
const TRANSPORT = ["connection", "content-length", "content-type", "date", "keep-alive", "server", "transfer-encoding"];

// What the schemas leave open is closed, so that a member that nobody wrote down shows. A schema that others build on
// (`allOf`) is closed where it is used alone.
function closed(document) {
  const text = JSON.stringify(document);
  const bases = new Set([...text.matchAll(/"allOf":\[\{"\$ref":"([^"]+)"/g)].map((found) => found[1]));
  const close = (value, isBase) => {
    if (Array.isArray(value)) return value.forEach((one) => close(one, false));
    if (value === null || typeof value !== "object") return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "allOf" || key === "example" || key === "examples" || key === "required" || key === "enum") continue;
      close(inner, key === "properties" ? undefined : false);
    }
    if (isBase === undefined) return; // a list of members, not a schema
    const isOpen = !("additionalProperties" in value) && ("properties" in value || "allOf" in value);
    if (isOpen || bases.has(value.$ref)) value.unevaluatedProperties = false;
  };
  const copy = JSON.parse(text);
  for (const [name, schema] of Object.entries(copy.components.schemas)) {
    close(schema, false);
    if (bases.has(`#/components/schemas/${name}`)) delete schema.unevaluatedProperties;
  }
  close(copy.paths, undefined);
  close(copy.components.responses, undefined);
  return copy;
}

export class Document {
  seen = new Map(); // "createJob 202" → how often
  codes = new Set(); // of problems

  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
    addFormats(this.ajv);
    this.ajv.addSchema({ $id: "genqd:/openapi", ...closed(document) });
    this.routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  // What the document shows as the body of an operation's request.
  exampleOf(operationId, name) {
    const { operation } = this.routes.find((route) => route.operation.operationId === operationId);
    const media = operation.requestBody.content["application/json"];
    return structuredClone(name ? media.examples[name].value : media.example);
  }

  resolve(value) {
    if (!value?.$ref) return [value, undefined];
    const keys = value.$ref.slice(2).split("/");
    return [keys.reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], this.document), value.$ref.slice(1)];
  }

  // The operation for a method and a path; where two fit, the one with fewer variables.
  find(method, target) {
    const path = target.split("?")[0];
    const wanted = method === "HEAD" ? "get" : method.toLowerCase();
    const fits = (template) => new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path);
    const found = this.routes.filter((route) => route.method === wanted && fits(route.path));
    return found.sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
  }

  // Fails if the document does not foresee this answer; returns its body, read.
  check({ method, target, status, headers, body }) {
    const route = this.find(method, target) ?? this.routes.find((one) => new RegExp(`^${one.path.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(target.split("?")[0]));
    const where = `${method} ${target}: ${status}`;
    assert.ok(route, `${where}: no such path in the document`);
    const { operation, path } = route;
    const documented = operation.responses[status];
    assert.ok(documented, `${where} is not in the document; body: ${body.toString().slice(0, 300)}`);
    const place = `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/${route.method}/responses/${status}`;
    const [response, shared] = this.resolve(documented);
    const at = shared ?? place;
    const key = `${operation.operationId} ${status}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);

    for (const [name, given] of Object.entries(response.headers ?? {})) {
      const [header] = this.resolve(given);
      const text = headers[name.toLowerCase()];
      if (text === undefined) {
        assert.ok(!header.required, `${where} lacks ${name}`);
        continue;
      }
      const value = header.schema.type === "integer" ? Number(text) : text;
      assert.ok(this.ajv.validate(header.schema, value), `${where}: ${name}: ${text}: ${this.ajv.errorsText()}`);
    }

    const named = new Set([...TRANSPORT, ...Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())]);
    for (const name of Object.keys(headers)) assert.ok(named.has(name), `${where}: the document has no ${name}: ${headers[name]}`);

    const content = response.content;
    if (!content) {
      assert.equal(body.length, 0, `${where} has a body`);
      return undefined;
    }
    const type = (headers["content-type"] ?? "").split(";")[0];
    const media = type in content ? type : "*/*";
    assert.ok(media in content, `${where}: ${type} is not among ${Object.keys(content)}`);
    if (method === "HEAD" || !type.endsWith("json") || media === "*/*") return body;
    const value = JSON.parse(body.toString());
    const pointer = encodeURI(`${at}/content/${media.replaceAll("/", "~1")}/schema`).replaceAll("+", "%2B");
    const validate = this.ajv.getSchema(`genqd:/openapi#${pointer}`);
    assert.ok(validate, `${where}: no schema at ${pointer}`);
    assert.ok(validate(value), `${where}: ${this.ajv.errorsText(validate.errors)}: ${body.toString().slice(0, 2000)}`);
    if (type === "application/problem+json") {
      assert.equal(value.status, status, where);
      assert.ok(response.description.includes(`\`${value.code}\``), `${where}: ${value.code} is not among its codes`);
      this.codes.add(value.code);
    }
    return value;
  }
}
