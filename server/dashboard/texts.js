// Results that are words: lyrics, a transcript, what is said of a track.
import { html } from "./preact.js";

// What the result says of a file that is a track.
export const trackOf = (job, output) => job.result?.tracks?.find((track) => track.output === output.index);

// The texts of a result, each with its heading: [{ name, text }].
export function textsOf(result) {
  if (result?.lyrics) return result.lyrics.map(({ title, text }, i) => ({ name: title || `Lyrics ${i + 1}`, text }));
  if (result?.transcript) return [{ name: ["Transcript", result.transcript.language_code].filter(Boolean).join(", "), text: result.transcript.text }];
  const text = result?.object?.text;
  return typeof text === "string" ? [{ name: "Text", text }] : [];
}

// The first words of a text, for a tile.
export const excerpt = (job) => (textsOf(job.result)[0]?.text || "").slice(0, 240);

export function Texts({ result }) {
  const texts = textsOf(result);
  return texts.length > 0 && html`<div class="texts">${texts.map(({ name, text }, i) => html`<section key=${i} class="card" aria-labelledby="text-${i}">
    <h2 id="text-${i}">${name}</h2><p class="words">${text}</p></section>`)}</div>`;
}

// All of it, as the API gives it.
export function Result({ result }) {
  return html`<details class="card result"><summary>Result as JSON</summary>
    <pre tabindex="0" role="region" aria-label="The result as JSON">${JSON.stringify(result, null, 2)}</pre></details>`;
}
