// The batch that a job came with: how far it is, and the way to all its jobs.
import { html, useState } from "./preact.js";
import { get } from "./session.js";
import { useLive } from "./live.js";
import { STATUSES, count, isOver, moment } from "./format.js";

export function Batch({ id }) {
  const [batch, setBatch] = useState(null);
  useLive(async () => setBatch(await get(`/v1/batches/${id}`)), { ms: 4000, key: id });
  if (!batch) return null;
  const { counts, total, finished_at } = batch;
  const all = `#/jobs?batch_id=${id}`;
  const there = STATUSES.filter((status) => counts[status] > 0);
  const over = STATUSES.filter(isOver).reduce((sum, status) => sum + counts[status], 0);
  return html`<section class="card" aria-labelledby="batch">
    <header class="over"><h2 id="batch">Batch <small>${count(over)} of ${count(total)} done${finished_at ? `, ${moment(finished_at)}` : ""}</small></h2>
      <a href=${all}>All its jobs</a></header>
    <div class="bar" role="img" aria-label="${count(over)} of ${count(total)} jobs of the batch are done">
      ${there.map((status) => html`<i key=${status} class="of ${status}" style=${{ flexGrow: counts[status] }}></i>`)}</div>
    <dl class="legend">${there.map((status) => html`<div key=${status}><dt><i class="of ${status}" aria-hidden="true"></i>${status}</dt>
      <dd><a href="${all}&status=${status}">${count(counts[status])}</a></dd></div>`)}</dl>
  </section>`;
}
