// A job's webhooks: what became of each, every try of it, and the button that sends it again.
import { html, useState } from "./preact.js";
import { get, post } from "./session.js";
import { useLive } from "./live.js";
import { Fault, announce } from "./parts.js";
import { clock, count, duration, moment } from "./format.js";

const STATES = { pending: "queued", delivered: "succeeded", failed: "failed" };

const answer = ({ status, error, duration_ms }) => `${status ?? error}, ${duration(duration_ms)}`;

function Delivery({ job, delivery, onChange, onFault }) {
  const { id, event, state, attempts, next_attempt_at } = delivery;
  const again = async () => {
    try {
      onChange(await post(`/v1/jobs/${job}/deliveries/${id}/redeliver`));
      announce("It is sent again");
    } catch (fault) {
      onFault(fault);
    }
  };
  const last = attempts.at(-1);
  return html`<tr><th scope="row"><code>${event}</code></th>
    <td><span class="status ${STATES[state]}"><i aria-hidden="true"></i>${state}</span></td>
    <td class="answer">${attempts.length > 1 ? html`<details><summary>${count(attempts.length)} tries</summary><ol class="tries">${attempts.map((one) => html`<li>
        <time dateTime=${one.at} title=${moment(one.at)}>${clock(one.at)}</time> ${answer(one)}</li>`)}</ol></details>` : null}
      ${last ? html`<span>${clock(last.at)} ${answer(last)}</span>` : "not tried yet"}${next_attempt_at && html` <small>next try ${clock(next_attempt_at)}</small>`}</td>
    <td><button type="button" aria-label="Send again: ${event}" onClick=${again}>Send again</button></td></tr>`;
}

export function Deliveries({ job }) {
  const [list, setList] = useState([]);
  const [error, setError] = useState(null);
  useLive(async () => setList((await get(`/v1/jobs/${job}/deliveries`)).deliveries), { ms: 5000, key: job, wanted: (event) => event.job_id === job });
  const changed = (delivery) => {
    setError(null);
    setList((before) => before.map((one) => (one.id === delivery.id ? delivery : one)));
  };
  return list.length > 0 && html`<section class="card" aria-labelledby="deliveries"><h2 id="deliveries">Webhooks</h2>
    <${Fault} error=${error} />
    <div class="scroll" tabindex="0" role="region" aria-label="Table of webhooks"><table>
      <thead><tr><th scope="col">Event</th><th scope="col">State</th><th scope="col">Answer</th><th scope="col"><span class="hidden">Deeds</span></th></tr></thead>
      <tbody>${list.map((delivery) => html`<${Delivery} key=${delivery.id} job=${job} delivery=${delivery} onChange=${changed} onFault=${setError} />`)}</tbody>
    </table></div></section>`;
}
