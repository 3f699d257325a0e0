// What changes: the daemon's stream of events, and a clock that says "look again" where there is no stream.
import { useEffect, useRef } from "./preact.js";
import { authorized } from "./session.js";

const listeners = new Set();
let lastId = "";
let running = null;
let frame = 0;
let gathered = [];

// All that arrived since the last frame goes out as one, however fast the queue is.
function tell(event) {
  gathered.push(event);
  frame ||= setTimeout(() => {
    const events = gathered;
    gathered = [];
    frame = 0;
    for (const listener of listeners) listener(events);
  }, 150);
}

// Server-sent events (WHATWG HTML §9.2.6) out of a fetch, since EventSource can't send the token. One without data only
// tells an id: where to go on, though nothing came that this page wants.
export async function readEvents(body, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value;
    const blocks = buffer.split(/\r?\n\r?\n/);
    buffer = blocks.pop();
    for (const block of blocks) {
      const event = { id: "", event: "message", data: "" };
      for (const line of block.split(/\r?\n/)) {
        const [, name, text] = /^([^:]*):? ?(.*)$/.exec(line);
        if (name === "data") event.data += (event.data && "\n") + text;
        else if (name in event) event[name] = text;
      }
      if (event.id || event.data) take(event);
    }
  }
}

const wait = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
  });

async function run(signal) {
  while (!signal.aborted) {
    try {
      const headers = authorized({ Accept: "text/event-stream" });
      if (lastId) headers["Last-Event-ID"] = lastId;
      const response = await fetch("/v1/events", { headers, signal });
      if (response.ok && response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        tell({ status: "connected" });
        await readEvents(response.body, (event) => {
          if (event.id) lastId = event.id;
          if (event.event === "reset") tell({ status: "reset" });
          else if (event.data) tell(JSON.parse(event.data));
        });
      } else {
        await response.body?.cancel();
      }
    } catch {
      // Broken off or unreachable: the next round asks again.
    }
    if (!signal.aborted) await wait(2000, signal);
    tell({ status: "again" });
  }
}

// There while somebody listens and the tab is seen. A browser has six connections for a host, and a stream keeps one:
// seven tabs of which six are hidden would else be one too many. What a hidden tab missed it looks at when it is
// connected again, so that nothing needs to be sent once more.
function follow() {
  const wanted = listeners.size > 0 && !document.hidden;
  if (wanted && !running) {
    lastId = "";
    running = new AbortController();
    run(running.signal);
  } else if (!wanted && running) {
    running.abort();
    running = null;
  }
}
document.addEventListener("visibilitychange", follow);

export function listen(listener) {
  listeners.add(listener);
  follow();
  return () => {
    listeners.delete(listener);
    follow();
  };
}

// Runs `look` at once, after events that `wanted` takes, and every `ms`; never two at a time, and not in a hidden tab.
export function useLive(look, { ms = 5000, wanted = () => true, key = "" } = {}) {
  const current = useRef(look);
  current.current = look;
  useEffect(() => {
    let busy = false, again = false, ended = false;
    const now = async () => {
      if (ended || document.hidden) return;
      if (busy) return void (again = true);
      busy = true;
      try {
        await current.current();
      } catch {
        // What the look wants to say of it, it has said.
      }
      busy = false;
      if (again) {
        again = false;
        setTimeout(now, 250);
      }
    };
    now();
    const timer = setInterval(now, ms);
    const stop = listen((events) => events.some((e) => !e.job_id || wanted(e)) && now());
    document.addEventListener("visibilitychange", now);
    return () => {
      ended = true;
      clearInterval(timer);
      stop();
      document.removeEventListener("visibilitychange", now);
    };
  }, [ms, key]);
}
