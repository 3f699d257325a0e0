// Who asks: the token, kept for this tab only, every request to the daemon, and whether it answers at all.

const KEY = "genqd_token";
const lockers = new Set();
const watchers = new Set();
let away = false;
let answered = Date.now();

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The daemon answered ${status}`);
    this.status = status;
    this.code = body.code;
    this.errors = body.errors || [];
  }
}

// No answer at all. The frame says so for all that only looks; a deed has to say it itself.
export class Unreachable extends Error {
  constructor(method) {
    super("The daemon does not answer. Try again: nobody knows whether it took this.");
    this.looked = method === "GET";
  }
}

export const token = () => sessionStorage.getItem(KEY) || "";

export function setToken(value) {
  if (value) sessionStorage.setItem(KEY, value);
  else sessionStorage.removeItem(KEY);
}

function subscribed(to, listener) {
  to.add(listener);
  return () => to.delete(listener);
}

// Called when the daemon wants another token than it got.
export const onLocked = (listener) => subscribed(lockers, listener);

// Called when the daemon is away, and when it is back; `answered` is when it was heard last.
export const onContact = (listener) => subscribed(watchers, listener);
export const contact = () => ({ away, answered });

export function reached(is) {
  if (is) answered = Date.now();
  if (away !== is) return;
  away = !is;
  for (const watcher of watchers) watcher();
}

export function authorized(headers = {}) {
  return token() ? { ...headers, Authorization: `Bearer ${token()}` } : headers;
}

// A refusal as it is thrown; a token that is no longer taken locks the page.
export function refusal(status, body) {
  if (status === 401) for (const locker of lockers) locker();
  return new Problem(status, body);
}

// The response, or a Problem, or Unreachable. Only a request that was given up passes through as it is.
export async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
  const send = { method, headers: authorized(headers), signal };
  if (body !== undefined) {
    send.body = JSON.stringify(body);
    send.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, send).catch((fault) => {
    if (signal?.aborted) throw fault;
    reached(false);
    throw new Unreachable(method);
  });
  reached(true);
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => ({})));
  return response;
}

export async function get(path, options) {
  return (await ask(path, options)).json();
}

export async function post(path, body = {}, headers) {
  return (await ask(path, { method: "POST", body, headers })).json();
}
