// The frame around the views: navigation, lock, contact with the daemon, and what holds when a view breaks.
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./preact.js";
import { ask, contact, get, onContact, onLocked, setToken, token } from "./session.js";
import { go, useRoute } from "./route.js";
import { useLive } from "./live.js";
import { clock } from "./format.js";
import { Help, useKeys } from "./keys.js";
import { Locked, NO_READ } from "./lock.js";
import { ThemeButton, showTheme } from "./theme.js";
import { Queue } from "./queue.js";
import { JobList } from "./jobs.js";
import { JobPage } from "./job.js";
import { Submit } from "./submit.js";
import { Gallery, Models, Usage } from "./library.js";

const PLACES = [["queue", "Queue"], ["jobs", "Jobs"], ["gallery", "Gallery"], ["submit", "Submit"], ["models", "Models"], ["usage", "Credits"]];

function Jobs({ query }) {
  const [depth, setDepth] = useState(null);
  useLive(async () => setDepth((await get("/v1/queue")).depth), { ms: 4000 });
  return html`<h1 class="hidden">Jobs</h1><${JobList} query=${query} depth=${depth} />`;
}

function useContact() {
  const [state, set] = useState(contact);
  useEffect(() => onContact(() => set(contact())), []);
  return state;
}

// For every view, as each would have to say the same: the daemon is away, and how old is what is shown.
function Away({ away, answered }) {
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => ask("/healthz").catch(() => {}), 2000);
    return () => clearInterval(timer);
  }, [away]);
  return html`<div role="status" class="away">${away && html`<p>The daemon does not answer; trying again. What is shown is of ${clock(answered)}.</p>`}</div>`;
}

function View({ route, away }) {
  const [broken, mend] = useErrorBoundary();
  const [place = "queue", ...rest] = route.path;
  if (broken) {
    return html`<section class="card trouble"><h1>This view broke</h1><p class="fault" role="alert">${String(broken.message ?? broken)}</p>
      <div class="actions"><button type="button" onClick=${mend}>Show it again</button></div></section>`;
  }
  if (place === "jobs" && rest[0]) return html`<${JobPage} key=${rest[0]} id=${rest[0]} />`;
  const views = { queue: Queue, jobs: Jobs, submit: Submit, gallery: Gallery, models: Models, usage: Usage };
  const Found = views[place] || Queue;
  // The models are read once: if the daemon was away then, they are when it is back.
  return html`<${Found} key=${place === "models" ? `models ${away}` : place} query=${route.query} id=${rest.join("/")} />`;
}

// What is dropped beside a place for files would open in place of this page.
function useNoStrayDrops() {
  useEffect(() => {
    const stray = (event) => {
      if (event.target.closest?.("[data-drop]") || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    for (const type of ["dragover", "drop"]) addEventListener(type, stray);
    return () => ["dragover", "drop"].forEach((type) => removeEventListener(type, stray));
  }, []);
}

// Another view is told, and the focus goes with it instead of falling to the body; a search box may be what was wanted.
function usePlace(main, title) {
  const [said, say] = useState("");
  const before = useRef("");
  const wanted = useRef("main");
  useEffect(() => {
    document.title = `${title} · genqd`;
    if (before.current && before.current !== title) {
      say(title);
      const box = wanted.current === "search" && document.querySelector("input[type=search]");
      (box || main.current)?.focus({ preventScroll: true });
    }
    wanted.current = "main";
    before.current = title;
  }, [title]);
  const search = () => {
    const box = document.querySelector("input[type=search]");
    if (box) return box.focus();
    wanted.current = "search";
    go(["jobs"]);
  };
  return [said, search];
}

function Frame({ unlocked, onLock }) {
  const route = useRoute();
  const { away, answered } = useContact();
  const [help, setHelp] = useState(false);
  const main = useRef();
  const place = route.path[0] || "queue";
  const name = PLACES.find(([id]) => id === place)?.[1] || "Queue";
  const [said, search] = usePlace(main, [name, ...route.path.slice(1)].join(" "));
  useKeys({ onHelp: () => setHelp(true), onSearch: search });
  useNoStrayDrops();
  useEffect(() => void (unlocked && main.current.focus()), []);
  return html`
    <a class="skip" href="#main" onClick=${(e) => (e.preventDefault(), main.current.focus())}>Skip to content</a>
    <div class="side" role="banner"><a class="brand" href="#/queue"><img src="/assets/icon.svg" alt="" width="24" height="24" />genqd</a>
      <nav aria-label="Views">${PLACES.map(([id, text]) => html`<a href="#/${id}" key=${id} aria-current=${id === place ? "page" : undefined}>${text}</a>`)}</nav>
      <div class="tools"><a class="button quiet" href="/reference">API</a><${ThemeButton} />
        <button type="button" class="quiet" onClick=${() => setHelp(true)} aria-label="Keys" aria-keyshortcuts="?">?</button>
        ${token() && html`<button type="button" class="quiet" onClick=${onLock}>Lock</button>`}</div></div>
    <main id="main" ref=${main} tabindex="-1"><${Away} away=${away} answered=${answered} /><${View} key=${route.path.join("/")} route=${route} away=${away} /></main>
    <p class="hidden" role="status">${said}</p>
    <div id="news" role="status" aria-live="polite"></div>
    ${help && html`<${Help} onClose=${() => setHelp(false)} />`}`;
}

function App() {
  const [state, setState] = useState("asking");
  const [reason, setReason] = useState("");
  const lock = (why) => {
    setToken("");
    setReason(why);
    setState("locked");
  };
  useEffect(() => {
    get("/v1/queue").then(() => setState("open"), ({ status }) => {
      if (status === 403) lock(NO_READ);
      else setState((before) => (before === "locked" ? before : "open"));
    });
    return onLocked(() => lock(token() ? "The daemon no longer takes this token." : ""));
  }, []);
  if (state === "asking") return null;
  if (state === "locked") return html`<${Locked} reason=${reason} onOpen=${() => setState("unlocked")} />`;
  return html`<${Frame} unlocked=${state === "unlocked"} onLock=${() => lock("")} />`;
}

showTheme();
render(html`<${App} />`, document.getElementById("app"));
