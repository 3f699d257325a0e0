// What stands beside the queue: the models. The gallery and the credits have files of their own.
import { html } from "./preact.js";
import { replace } from "./route.js";
import { useModels } from "./filters.js";
import { Empty } from "./parts.js";
import { number } from "./format.js";

export { Gallery } from "./gallery.js";
export { Usage } from "./usage.js";

export function Models({ query, id }) {
  const models = useModels();
  const words = (query.get("q") || "").toLowerCase();
  const shown = models.filter((m) => (!id || m.id === id) && (!words || `${m.id} ${m.name} ${m.good_for} ${m.kind}`.toLowerCase().includes(words)));
  const kinds = [...new Set(shown.map((m) => m.kind))];
  return html`<section class="models"><header><h1>Models</h1>
      <input type="search" aria-label="Search models" placeholder="Search models" value=${query.get("q") || ""}
        onInput=${(e) => replace(["models"], e.target.value ? { q: e.target.value } : {})} /></header>
    ${id && html`<p class="crumbs"><a href="#/models">All models</a></p>`}
    ${models.length > 0 && !shown.length && html`<${Empty} title="No such model" />`}
    ${kinds.map((kind) => html`<section key=${kind} aria-label=${kind}><h2>${kind}</h2><ul role="list" class="grid wide">
      ${shown.filter((m) => m.kind === kind).map((m) => html`<li key=${m.id} class="card"><h3><a href="#/models/${encodeURIComponent(m.id)}">${m.name}</a></h3>
        <code>${m.id}</code><p>${m.good_for || m.note || ""}</p>
        <p class="hint">${m.measured_s ? `${number(m.measured_s.median)} s here` : m.typical_s ? `${m.typical_s.from}–${m.typical_s.to} s` : ""}${m.credits ? ` · ${m.credits} credits` : ""}</p>
        <div class="actions"><a class="button" href="#/submit?model=${encodeURIComponent(m.id)}" aria-label="Try it: ${m.name}">Try it</a>
          <a class="button quiet" href="#/jobs?model=${encodeURIComponent(m.id)}" aria-label="Jobs of ${m.name}">Jobs</a></div></li>`)}
    </ul></section>`)}
  </section>`;
}
