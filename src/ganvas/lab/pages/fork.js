// @ts-check
// A new run from a checkpoint: a form where the lab was started with --control.

import { el, whole } from "./dom.js";
import { post } from "./session.js";
import { texts } from "./texts.js";

/** @param {any} run  @param {number} samples  of the checkpoint */
function form(run, samples) {
  const said = texts.fork;
  const changes = /** @type {HTMLTextAreaElement} */ (el("textarea", { id: "fork-changes", rows: 5, spellcheck: "false", placeholder: "G.optimiser.lr=1e-4" }));
  const status = el("p", { role: "status" }), trouble = el("p.trouble", { role: "alert", hidden: true });
  const ask = async () => {
    trouble.hidden = true;
    begin.disabled = true;
    status.textContent = said.waiting;
    try {
      const lines = changes.value.split("\n").map((each) => each.trim()).filter((each) => each);
      const made = await (await post(`runs/${run.id}/fork`, { do: "fork", at: samples, changes: lines })).json();
      begin.hidden = true;
      status.replaceChildren(said.begun, " ", made.id ? el("a", { href: `#${made.id}`, onclick: () => dialog.close() }, said.open) : el("code", {}, `ganvas lab ${made.path}`));
    } catch (error) {
      begin.disabled = false;
      status.textContent = "";
      trouble.textContent = String(/** @type {Error} */ (error).message);
      trouble.hidden = false;
    }
  };
  const begin = /** @type {HTMLButtonElement} */ (el("button.play", { type: "button", id: "fork-begin", onclick: ask }, said.begin));
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog.sketch.note", { "aria-labelledby": "fork-title", onclose: () => dialog.remove() },
    el("h2", { id: "fork-title" }, said.title(whole(samples))), el("p.hint", {}, said.hint), el("label", {}, said.changes, changes), trouble, status,
    el("div.buttons", {}, begin, el("button", { type: "button", onclick: () => dialog.close() }, said.close))));
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {any} run  @param {number} samples  of the checkpoint */
export const forkButton = (run, samples) => el("button.copy.fork", { type: "button", onclick: () => form(run, samples) }, texts.fork.button);
