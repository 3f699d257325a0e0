// The API's reference, drawn from /openapi.json as the daemon gives it out.
import { html, render, useEffect, useRef, useState } from "./preact.js";
import { Answers, Members, Parameters, Sample, Text, useDocument } from "./reference_parts.js";

const theme = localStorage.getItem("genqd_theme");
if (theme) document.documentElement.dataset.theme = theme;

// Who may, in words: each way in is a set of scopes; the empty one is that of a daemon without tokens.
function scopes(security = []) {
  const ways = security.map((way) => Object.keys(way).join(" and ")).filter(Boolean);
  return ways.length ? `Token with ${ways.join(", or ")}` : "Open to everybody";
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl({ method, path, operation }, body) {
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"$GENQD_URL${path.replaceAll("{", "$")}"`.replaceAll("}", "")];
  if (operation.security?.length) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (body !== undefined) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  return lines.join(" \\\n  ");
}

function Request({ route }) {
  const { operation } = route;
  const content = operation.requestBody?.content;
  const media = content && Object.keys(content)[0];
  const examples = media && (content[media].examples ?? (content[media].example === undefined ? {} : { example: { value: content[media].example } }));
  const samples = Object.entries(examples ?? {});
  return html`${content && html`<h4>Body <small>${media}${operation.requestBody.required ? "" : ", may be left out"}</small></h4>
      <${Members} schema=${content[media].schema} />`}
    <h4>${route.isOurs ? "What comes" : "With curl"}</h4>
    ${route.isOurs
      ? samples.map(([name, { value }]) => html`<${Sample} key=${name} label="Example" text=${JSON.stringify(value, null, 2)} />`)
      : samples.length
      ? samples.map(([name, { summary, value }]) => html`<${Sample} key=${name} label=${summary ?? "Example"} titled=${samples.length > 1} text=${curl(route, value)} />`)
      : html`<${Sample} label="Example" text=${curl(route)} />`}`;
}

function Operation({ route }) {
  const { method, path, operation } = route;
  return html`<section class="operation card" id=${operation.operationId} aria-labelledby="${operation.operationId}-title">
    <h3 id="${operation.operationId}-title">${operation.summary}</h3>
    <div class="path"><span class="method ${method}">${method.toUpperCase()}</span>${route.isOurs ? html`<small>From the daemon to the job's webhook</small>` : html`<code>${path}</code><small>${scopes(operation.security)}</small>`}</div>
    <${Text} text=${operation.description} />
    <${Parameters} of=${operation} />
    <${Request} route=${route} />
    <h4>Answers</h4>
    <${Answers} of=${operation} />
  </section>`;
}

function Problems({ document }) {
  const codes = Object.entries(document.components.responses).filter(([name]) => name.startsWith("Problem"));
  return html`<section class="operation card" id="problems" aria-labelledby="problems-title"><h3 id="problems-title">Problems</h3>
    <p>What a refusal is: <code>application/problem+json</code> with a <code>code</code>.</p>
    <${Members} schema=${document.components.schemas.Problem} />
    <h4>Codes</h4>
    <ul role="list" class="answers">${codes.map(([name, one]) => html`<li key=${name}><span class="code">${name.slice(7)}</span><${Text} text=${one.description} /></li>`)}</ul>
  </section>`;
}

function Reference() {
  const document = useDocument();
  const [words, setWords] = useState("");
  const box = useRef();
  useEffect(() => {
    const pressed = (event) => {
      if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      event.preventDefault();
      box.current?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  // What the address names is only there now.
  useEffect(() => document?.paths && globalThis.document.getElementById(location.hash.slice(1))?.scrollIntoView(), [document]);
  if (!document) return html`<main><p>Reading /openapi.json…</p></main>`;
  if (document.fault) return html`<main><h1>API reference</h1><p class="fault" role="alert">${document.fault}</p></main>`;

  const read = (paths, isOurs) => Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation, isOurs })));
  const routes = [...read(document.paths, false), ...read(document.webhooks, true)];
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = routes.filter(({ path, method, operation }) => {
    const text = `${method} ${path} ${operation.operationId} ${operation.summary} ${operation.description}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const groups = document.tags.map((tag) => ({ tag, routes: shown.filter((route) => route.operation.tags.includes(tag.name)) })).filter((group) => group.routes.length);
  return html`<a class="skip" href="#main">Skip to the operations</a>
    <div class="side" role="complementary" aria-label="Operations">
      <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="22" height="22" />genqd</a>
      <input type="search" ref=${box} aria-label="Search operations" placeholder="Search ( / )" value=${words} onInput=${(e) => setWords(e.target.value)} />
      <p class="hidden" role="status">${shown.length} operations</p>
      <nav aria-label="Operations" tabindex="0">${groups.map(({ tag, routes }) => html`<h2 key=${tag.name}>${tag.name}</h2>
        ${routes.map(({ method, operation }) => html`<a key=${operation.operationId} href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span><span>${operation.summary}</span></a>`)}`)}</nav>
    </div>
    <main id="main" tabindex="-1"><header><h1>API reference</h1><a href="/openapi.json">openapi.json</a></header>
      ${!wanted.length && html`<section aria-label="In general"><${Text} text=${document.info.description} />
        <ul role="list" class="members">${Object.entries(document.components.securitySchemes).map(([name, one]) => html`<li key=${name}><code class="name">${name}</code><${Text} text=${one.description} /></li>`)}</ul>
        <h2>Refusals</h2><${Problems} document=${document} /></section>`}
      ${groups.map(({ tag, routes }) => html`<section key=${tag.name} aria-label=${tag.name}><h2>${tag.name[0].toUpperCase() + tag.name.slice(1)}</h2><${Text} text=${tag.description} />
        ${routes.map((route) => html`<${Operation} key=${route.operation.operationId} route=${route} />`)}</section>`)}
      ${!groups.length && html`<p class="empty">No operation has these words.</p>`}
    </main>`;
}

render(html`<${Reference} />`, document.getElementById("app"));
