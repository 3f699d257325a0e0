// The jobs of a list, newest first, as pages that are fetched when they are needed.
import { useEffect, useRef, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";

const PAGE = 100;
const CATCH_UP = 30;
const FIRST = { cursor: null, after: "" };
const NOTHING = { jobs: [], pages: [FIRST], cursor: null, loaded: false, behind: false, error: null };

// Where the job of that id is, or would be.
export function place(jobs, id) {
  let low = 0, high = jobs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (jobs[middle].id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The pages so far. Those of which something is in `view` stay fresh, and so does the first, on whose top new jobs come.
// A page is found again by its cursor and by `after`, the id before it; what lies between that and its last is replaced.
// They are left in `entry`, and taken up from there.
export function usePages(filter, view, entry) {
  const [state, set] = useState(entry.pages || NOTHING);
  const [round, setRound] = useState(0);
  const now = useRef(state);
  const busy = useRef(false);
  const put = (next) => {
    now.current = entry.pages = { ...now.current, ...next };
    set(now.current);
  };
  const read = async ({ cursor, after }) => {
    const page = await get(`/v1/jobs?${filter()}&limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    const last = page.jobs.at(-1)?.id || "";
    const before = now.current.jobs.filter((job) => after && job.id >= after);
    const behind = now.current.jobs.filter((job) => page.next_cursor && job.id < last);
    return { jobs: [...before, ...page.jobs, ...behind], last, next: page.next_cursor, ends: !behind.length };
  };
  const renew = async (page) => {
    const found = await read(page);
    put({ jobs: found.jobs, cursor: found.ends ? found.next : now.current.cursor });
  };
  // More may have come on top than a page holds: then on to those known. If they are too far, a reader of the top gets the
  // newest, and one who is further down keeps what he reads, and a word that there are others.
  const renewFirst = async () => {
    if (now.current.behind && !view.current.atTop) return;
    const known = now.current.jobs[0]?.id || "";
    let page = FIRST, gathered = [];
    for (let i = 0; i < CATCH_UP; i++) {
      const found = await read(page);
      const fresh = found.jobs.filter((job) => job.id >= found.last && (!page.after || job.id < page.after));
      gathered = [...gathered, ...fresh];
      if (!known || found.last <= known || !found.next) {
        return put({ jobs: [...gathered, ...now.current.jobs.filter((job) => found.next && job.id < found.last)],
          behind: false, cursor: found.ends ? found.next : now.current.cursor });
      }
      page = { cursor: found.next, after: found.last };
      if (view.current.atTop && i + 1 >= CATCH_UP / 10) break;
    }
    put(view.current.atTop ? { jobs: gathered, pages: [FIRST], cursor: page.cursor, behind: false } : { behind: true });
  };
  useLive(async () => {
    try {
      const { pages, jobs } = now.current;
      const [top, bottom] = [view.current.from, view.current.to].map((index) => jobs[index]?.id || "");
      await renewFirst();
      for (let i = 1; i < pages.length; i++) {
        if (pages[i].after > bottom && (pages[i + 1]?.after || "") <= top) await renew(pages[i]);
      }
      put({ error: null, loaded: true });
    } catch (error) {
      put({ error, loaded: true });
    }
  }, { ms: 4000, key: round });
  const more = async () => {
    if (busy.current || !now.current.cursor) return;
    busy.current = true;
    try {
      const page = { cursor: now.current.cursor, after: now.current.jobs.at(-1)?.id || "" };
      const found = await read(page);
      put({ jobs: found.jobs, cursor: found.next, pages: [...now.current.pages, page] });
    } catch (error) {
      put({ error });
    }
    busy.current = false;
  };
  const restart = () => {
    put({ ...NOTHING, loaded: false });
    setRound((n) => n + 1);
  };
  return [state, more, restart];
}
