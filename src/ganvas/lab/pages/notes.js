// @ts-check
// What a person writes about a run: tags and a note, shown everywhere, changed where the lab was started with --control.

import { el } from "./dom.js";
import { post } from "./session.js";
import { texts } from "./texts.js";

/** @param {string} text  of tags between commas */
const tagsOf = (text) => text.split(",").map((each) => each.trim()).filter((each) => each);

/** A form for the tags and the note of a run. @param {any} run  @param {() => void} onSaved */
function edit(run, onSaved) {
  const said = texts.notes;
  const tags = /** @type {HTMLInputElement} */ (el("input", { type: "text", id: "note-tags", value: run.tags.join(", "), autocomplete: "off" }));
  const note = /** @type {HTMLTextAreaElement} */ (el("textarea", { id: "note-text", rows: 6, maxlength: 2000 }));
  const trouble = el("p.trouble", { role: "alert", hidden: true });
  note.value = run.note;
  const save = async () => {
    try {
      await post(`runs/${run.id}/note`, { do: "note", text: note.value, tags: tagsOf(tags.value) });
      dialog.close();
      onSaved();
    } catch (error) {
      trouble.textContent = String(/** @type {Error} */ (error).message);
      trouble.hidden = false;
    }
  };
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog.sketch.note", { "aria-labelledby": "note-title", onclose: () => dialog.remove() },
    el("h2", { id: "note-title" }, said.title(run.name)), el("label", {}, said.tags, tags), el("label", {}, said.note, note), trouble,
    el("div.buttons", {}, el("button.play", { type: "button", id: "note-save", onclick: save }, said.save), el("button", { type: "button", onclick: () => dialog.close() }, said.cancel))));
  document.body.append(dialog);
  dialog.showModal();
}

/** Tags and note of a run, with a button to change them where the page may.
 * @param {any} run
 * @param {(() => void) | null} onSaved  null where it may not
 * @param {((tag: string) => void) | null} [onTag]  called with a tag that was clicked
 */
export function noteLine(run, onSaved, onTag = null) {
  const said = texts.notes;
  const tag = (/** @type {string} */ name) => (onTag ? el("button.tag", { type: "button", title: said.only(name), onclick: () => onTag(name) }, name) : el("span.tag", {}, name));
  const button = onSaved && run.tags ? el("button.link", { type: "button", id: `edit-${run.id}`, onclick: () => edit(run, onSaved) }, run.note || run.tags.length ? said.edit : said.add) : null;
  return el("div.noted", {}, ...(run.tags ?? []).map(tag), run.note ? el("p.said", {}, run.note) : null, button);
}

/** A field and tags to filter runs by. @param {() => void} onChange */
export function noteFilter(onChange) {
  const said = texts.notes, chosen = /** @type {Set<string>} */ (new Set());
  const field = /** @type {HTMLInputElement} */ (el("input", { type: "search", id: "filter", placeholder: said.filter, "aria-label": said.filter, oninput: onChange }));
  const tags = el("span.tags"), count = el("span.soft", { role: "status" });
  let shown = "";
  const toggle = (/** @type {string} */ name) => {
    chosen.has(name) ? chosen.delete(name) : chosen.add(name);
    onChange();
  };
  /** @param {any[]} runs  @returns {any[]} those that have the chosen tags and every word */
  const apply = (runs) => {
    const known = [...new Set([...runs.flatMap((run) => run.tags ?? []), ...chosen])].sort();
    const now = JSON.stringify([known, [...chosen]]);
    if (now !== shown) tags.replaceChildren(...known.map((name) => el("button.tag", { type: "button", "aria-pressed": String(chosen.has(name)), onclick: () => toggle(name) }, name)));
    shown = now;
    const wanted = field.value.toLowerCase().split(/\s+/).filter((word) => word);
    const found = runs.filter((run) => {
      const text = [run.name, run.note, ...(run.tags ?? [])].join(" ").toLowerCase();
      return [...chosen].every((name) => run.tags?.includes(name)) && wanted.every((word) => text.includes(word));
    });
    count.textContent = found.length === runs.length ? "" : said.found(found.length, runs.length);
    return found;
  };
  return { element: el("div.filter", { role: "search" }, field, tags, count), apply, toggle };
}
