// What a view keeps for an entry of the browser's history: who goes back finds it as it was left. Gone with a reload.
const MOST = 8;
const entries = new Map();
let last = 0;
const page = Date.now();

// The notes of the present entry, empty at first. `replace` makes another entry of it.
export function kept() {
  let mark = history.state?.kept;
  if (!entries.has(mark)) {
    mark = `${page}-${++last}`;
    history.replaceState({ kept: mark }, "");
    entries.set(mark, {});
    if (entries.size > MOST) entries.delete(entries.keys().next().value);
  }
  return entries.get(mark);
}
