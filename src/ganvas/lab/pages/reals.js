// @ts-check
// Real pictures of val beside the samples: read from the data by a process that ends when it has answered.

import { el } from "./dom.js";
import { begin, listen, send } from "./session.js";
import { texts } from "./texts.js";

/** A card with a button that shows them. @param {string} run */
export function realsCard(run) {
  const image = /** @type {HTMLImageElement} */ (el("img", { alt: texts.realsAlt, hidden: true })), said = el("p.soft", { role: "status" });
  const ask = /** @type {HTMLButtonElement} */ (el("button", { type: "button", id: "reals", onclick: async () => {
    ask.disabled = true;
    said.textContent = texts.explorer.loading;
    const over = (/** @type {string} */ text) => { said.textContent = text; ask.disabled = false; };
    try {
      const id = await begin(`runs/${run}/explore?at=auto`);
      const stop = listen(id, (message) => {
        if (message.kind === "reals") {
          const bytes = Uint8Array.from(atob(message.image), (each) => each.charCodeAt(0));
          image.src = URL.createObjectURL(new Blob([bytes], { type: "image/webp" }));
          image.hidden = false;
          over("");
        } else if (message.kind === "error") over(message.text);
        if (message.kind === "reals" || message.kind === "error" || message.kind === "ended") {
          stop();
          send(id, { do: "end" }).catch(() => {});
        }
      }, () => over(texts.explorer.ended));
      await send(id, { do: "reals" });
    } catch (error) {
      over(String(/** @type {Error} */ (error).message));
    }
  } }, texts.reals));
  return el("section.card.samples", {}, el("h2", {}, texts.reals), el("p.hint", {}, texts.realsHint), el("div.buttons", {}, ask), said, el("div.sheet.real", {}, image));
}
