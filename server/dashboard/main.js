// The frame around the views: navigation, token, theme, keys.
import { html, render, useEffect, useRef, useState } from "./preact.js";
import { get, onLocked, setToken, token } from "./session.js";
import { go, useRoute } from "./route.js";
import { useLive } from "./live.js";
import { Dialog } from "./parts.js";
import { Queue } from "./queue.js";
import { JobList } from "./jobs.js";
import { JobPage } from "./job.js";
import { Submit } from "./submit.js";
import { Gallery, Models, Usage } from "./library.js";

const PLACES = [["queue", "Queue"], ["jobs", "Jobs"], ["gallery", "Gallery"], ["submit", "Submit"], ["models", "Models"], ["usage", "Credits"]];
const KEYS = [["/", "Search"], ["j k", "Next, previous job"], ["Enter", "Open"], ["g then q, j, g, s, m, c", "Queue, jobs, gallery, submit, models, credits"], ["n", "New job"], ["?", "This help"]];

function Locked({ onOpen }) {
  const [error, setError] = useState("");
  const box = useRef();
  useEffect(() => box.current.focus(), []);
  const open = async (event) => {
    event.preventDefault();
    setToken(box.current.value.trim());
    try {
      await get("/v1/jobs?limit=1");
      onOpen();
    } catch (fault) {
      setToken("");
      setError(fault.status === 403 ? "This token may not read." : fault.message);
    }
  };
  return html`<main class="locked"><form class="card" onSubmit=${open}><h1>genqd</h1>
    <p>This daemon wants a token. It stays in this tab and is forgotten with it.</p>
    <div class="field"><label for="token">Token</label>
      <input id="token" ref=${box} type="password" autocomplete="off" required aria-describedby="token-fault" /></div>
    <p class="fault" id="token-fault" role="alert">${error}</p>
    <button type="submit" class="primary">Open</button></form></main>`;
}

function theme(next) {
  if (next) localStorage.setItem("genqd_theme", next);
  const wanted = localStorage.getItem("genqd_theme");
  if (wanted) document.documentElement.dataset.theme = wanted;
}

function toggleTheme() {
  const now = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  theme(now === "dark" ? "light" : "dark");
}

function Jobs({ query }) {
  const [depth, setDepth] = useState(null);
  useLive(async () => setDepth((await get("/v1/queue")).depth), { ms: 4000 });
  return html`<h1 class="hidden">Jobs</h1><${JobList} query=${query} depth=${depth} />`;
}

function View({ route }) {
  const [place = "queue", ...rest] = route.path;
  if (place === "jobs" && rest[0]) return html`<${JobPage} key=${rest[0]} id=${rest[0]} />`;
  const views = { queue: Queue, jobs: Jobs, submit: Submit, gallery: Gallery, models: Models, usage: Usage };
  const Found = views[place] || Queue;
  return html`<${Found} query=${route.query} id=${rest.join("/")} />`;
}

function useKeys(setHelp) {
  const before = useRef("");
  useEffect(() => {
    const keys = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
      const first = before.current;
      before.current = event.key;
      const places = { q: "queue", j: "jobs", g: "gallery", s: "submit", m: "models", c: "usage" };
      if (first === "g" && places[event.key]) {
        before.current = "";
        event.stopImmediatePropagation();
        go([places[event.key]]);
      } else if (event.key === "?") setHelp(true);
      else if (event.key === "n") go(["submit"]);
      else if (event.key === "/") {
        event.preventDefault();
        if (!document.querySelector("input[type=search]")) go(["jobs"]);
        setTimeout(() => document.querySelector("input[type=search]")?.focus(), 50);
      }
    };
    addEventListener("keydown", keys, true);
    return () => removeEventListener("keydown", keys, true);
  }, []);
}

function App() {
  const route = useRoute();
  const [state, setState] = useState("asking");
  const [help, setHelp] = useState(false);
  const main = useRef();
  useKeys(setHelp);
  useEffect(() => {
    get("/v1/jobs?limit=1").then(() => setState("open"), (error) => setState([401, 403].includes(error.status) ? "locked" : "open"));
    return onLocked(() => (setToken(""), setState("locked")));
  }, []);
  const place = route.path[0] || "queue";
  const name = PLACES.find(([id]) => id === place)?.[1] || "Queue";
  useEffect(() => void (document.title = `${route.path[1] ? `${name} ${route.path[1]}` : name} · genqd`), [name, route.path[1]]);
  if (state === "asking") return null;
  if (state === "locked") return html`<${Locked} onOpen=${() => setState("open")} />`;
  return html`
    <a class="skip" href="#main" onClick=${(e) => (e.preventDefault(), main.current.focus())}>Skip to content</a>
    <div class="side" role="banner"><a class="brand" href="#/queue"><img src="/assets/icon.svg" alt="" width="24" height="24" />genqd</a>
      <nav aria-label="Views">${PLACES.map(([id, text]) => html`<a href="#/${id}" key=${id} aria-current=${id === place ? "page" : undefined}>${text}</a>`)}</nav>
      <div class="tools"><a class="button quiet" href="/reference">API</a><button type="button" class="quiet" onClick=${toggleTheme} aria-label="Light or dark">◐</button>
        <button type="button" class="quiet" onClick=${() => setHelp(true)} aria-label="Keys" aria-keyshortcuts="?">?</button>
        ${token() && html`<button type="button" class="quiet" onClick=${() => (setToken(""), setState("locked"))}>Lock</button>`}</div></div>
    <main id="main" ref=${main} tabindex="-1"><${View} route=${route} /></main>
    <div id="news" role="status" aria-live="polite"></div>
    ${help && html`<${Dialog} title="Keys" onClose=${() => setHelp(false)}><dl class="keys">${KEYS.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
      <div class="actions"><button type="button" class="primary" onClick=${() => setHelp(false)}>Close</button></div><//>`}`;
}

theme();
render(html`<${App} />`, document.getElementById("app"));
