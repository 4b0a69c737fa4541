// @ts-check
// Commands to a run in training, where the lab was started with --control.

import { el } from "./dom.js";
import { post } from "./session.js";
import { texts } from "./texts.js";

/** A bar of buttons; `set` is called with the run's state. @param {string} id */
export function controls(id) {
  const said = texts.control, note = el("span.soft", { role: "status" });
  const ask = (/** @type {string} */ what) => post(`runs/${id}/control`, { do: what }).then(() => { note.textContent = said.sent; }).catch((error) => { note.textContent = error.message; });
  const button = (/** @type {string} */ what, /** @type {string} */ text) => el("button", { type: "button", id: `control-${what}`, onclick: () => ask(what) }, text);
  const pause = button("pause", said.pause), resume = button("resume", said.resume);
  const element = el("div.control", { role: "region", "aria-label": said.title }, el("strong", {}, said.title), pause, resume,
    button("snapshot", said.snapshot), button("score", said.score), button("save", said.save), button("stop", said.stop), note);
  let wasPaused = false;
  return { element, set: (/** @type {any} */ run) => {
    element.hidden = run.state !== "training";
    pause.hidden = run.paused;
    resume.hidden = !run.paused;
    if (run.paused !== wasPaused) note.textContent = run.paused ? said.paused : "";
    wasPaused = run.paused;
  } };
}
