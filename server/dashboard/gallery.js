// What was made, newest first: a tile for each picture, film, track and text.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { replace } from "./route.js";
import { kept } from "./kept.js";
import { listing, useModels } from "./filters.js";
import { Preview, nameOf, shownOf } from "./media.js";
import { Empty, Fault } from "./parts.js";

const PAGE = 48;

// The jobs so far, those of the first page always fresh. The cursor is that behind the last of them.
function useMade(filter, entry) {
  const [state, set] = useState(entry.made || { jobs: [], cursor: null, loaded: false, error: null });
  const now = useRef(state);
  const busy = useRef(false);
  const put = (next) => set((now.current = entry.made = { ...now.current, loaded: true, error: null, ...next }));
  const path = `/v1/jobs?${filter}&limit=${PAGE}`;
  useLive(async () => {
    try {
      const page = await get(path);
      const last = page.jobs.at(-1)?.id || "", known = now.current.jobs;
      // More came than a page holds: who reads further down keeps what he reads, who is at the top gets the newest.
      const gap = page.next_cursor && known.length > 0 && known[0].id < last;
      if (gap && entry.top > 0) return put({});
      const behind = page.next_cursor && !gap ? known.filter((job) => job.id < last) : [];
      put(behind.length ? { jobs: [...page.jobs, ...behind] } : { jobs: page.jobs, cursor: page.next_cursor });
    } catch (error) {
      put({ error });
    }
  }, { ms: 10000, wanted: (e) => e.status === "succeeded" });
  const more = async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      const page = await get(`${path}&cursor=${encodeURIComponent(now.current.cursor)}`);
      const last = now.current.jobs.at(-1)?.id;
      put({ jobs: [...now.current.jobs, ...page.jobs.filter((job) => job.id < last)], cursor: page.next_cursor });
    } catch (error) {
      put({ error });
    }
    busy.current = false;
  };
  return [state, more];
}

function Tile({ job, output }) {
  return html`<li><a href="#/jobs/${job.id}"><${Preview} job=${job} output=${output} />
    <span class="what"><b>${nameOf(job, output)}</b><small>${job.model}</small></span></a></li>`;
}

function Tiles({ query }) {
  const [entry] = useState(kept);
  const filter = listing(query);
  filter.set("status", "succeeded");
  const [{ jobs, cursor, loaded, error }, more] = useMade(filter, entry);
  // On a phone the page scrolls, else the part beside the navigation.
  useLayoutEffect(() => {
    const main = document.getElementById("main");
    main.scrollTop = entry.top || 0;
    if (entry.top) scrollTo(0, entry.top);
    const scrolled = () => (entry.top = main.scrollTop || scrollY);
    addEventListener("scroll", scrolled, true);
    return () => removeEventListener("scroll", scrolled, true);
  }, []);
  const tiles = jobs.flatMap((job) => shownOf(job).map((output) => html`<${Tile} key="${job.id} ${output.index}" job=${job} output=${output} />`));
  return html`<${Fault} error=${error} />
    ${loaded && !tiles.length && !error && html`<${Empty} title="Nothing here yet">Outputs of jobs that succeeded appear here.<//>`}
    <ul role="list" class="grid">${tiles}</ul>
    ${cursor && html`<button type="button" onClick=${more}>Older ones</button>`}`;
}

export function Gallery({ query }) {
  const kinds = [...new Set(useModels().map((m) => m.kind))];
  const kind = query.get("kind") || "";
  if (kind && !kinds.includes(kind)) kinds.push(kind);
  return html`<section class="gallery"><header><h1>Gallery</h1>
      <select aria-label="Kind" value=${kind} onChange=${(e) => replace(["gallery"], e.target.value ? { kind: e.target.value } : {})}>
        <option value="">Everything</option>${kinds.map((k) => html`<option value=${k}>${k}</option>`)}</select></header>
    <${Tiles} key=${query.toString()} query=${query} />
  </section>`;
}
