// @ts-check
// The latents of a trained model: a plane to drag in, principal directions, the way between two, neighbours, D's wish.

import { el } from "./dom.js";
import { navigation } from "./navigation.js";
import { begin, listen, send } from "./session.js";
import { texts } from "./texts.js";

const REACH = 1.5, RANGE = 2; // of the plane and of a direction, in lengths of a latent

/** A picture of base64 text. @param {HTMLImageElement} image  @param {string} text */
function show(image, text) {
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const before = image.src;
  image.src = URL.createObjectURL(new Blob([bytes], { type: "image/webp" }));
  if (before) URL.revokeObjectURL(before);
}
/** @param {string} alt */
const picture = (alt) => /** @type {HTMLImageElement} */ (el("img.pixelated", { alt }));

/**
 * @param {HTMLElement} page
 * @param {string} run
 * @param {string} at  samples of the checkpoint, or "auto"
 */
export async function explorerPage(page, run, at) {
  const said = texts.explorer, place = { seed: 0, truncation: 1, across: 0, up: 0, steps: /** @type {number[]} */ ([]), label: /** @type {string | null} */ (null) };
  const main = picture(said.sample), mainLabel = el("label.setting", { hidden: true }), trouble = el("p.alert", { role: "alert", hidden: true }), sliders = el("div.sliders"), facts = el("span.soft", {}, said.loading);
  const seed = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0, max: 999999, value: 0, "aria-label": said.seed, onchange: () => jump(Number(seed.value) || 0) }));
  const end = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0, max: 999999, value: 1, "aria-label": said.end }));
  const label = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": said.label, onchange: () => { place.label = label.value; ask(); } }));
  const dot = el("div.dot"), pad = el("div.latents", { tabindex: 0, role: "application", "aria-label": said.pad }, dot);
  const strip = el("div.strip"), near = el("div.strip"), wish = el("div.strip"), nearText = el("p.hint"), wishButton = action(said.wish, "change"), nearButton = action(said.near, "neighbours");
  let id = "", busy = false, again = false;

  /** @param {string} text  @param {string} what */
  function action(text, what) {
    const button = /** @type {HTMLButtonElement} */ (el("button", { type: "button", id: `ask-${what}`, onclick: () => { button.disabled = true; command({ do: what, place }); } }, text));
    return button;
  }
  const complain = (/** @type {string} */ text) => { trouble.textContent = text; trouble.hidden = !text; };
  const command = (/** @type {Record<string, any>} */ what) => send(id, what).catch((error) => complain(error.message));
  function ask() { // one picture at a time: the next is asked for when the last has come
    if (!id) return;
    if (busy) { again = true; return; }
    busy = true;
    command({ do: "picture", place });
  }
  function move() {
    dot.style.left = `${(place.across / REACH + 1) * 50}%`;
    dot.style.top = `${(1 - place.up / REACH) * 50}%`;
    ask();
  }
  function jump(/** @type {number} */ to) {
    place.seed = to;
    seed.value = String(to);
    [place.across, place.up] = [0, 0];
    place.steps = place.steps.map(() => 0);
    for (const each of /** @type {NodeListOf<HTMLInputElement>} */ (sliders.querySelectorAll("[data-step]"))) each.value = "0";
    move();
  }
  const drag = (/** @type {PointerEvent} */ event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = pad.getBoundingClientRect(), clip = (/** @type {number} */ share) => Math.max(-1, Math.min(1, share));
    place.across = REACH * clip(((event.clientX - box.left) / box.width) * 2 - 1);
    place.up = REACH * clip(1 - ((event.clientY - box.top) / box.height) * 2);
    move();
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); drag(event); });
  pad.addEventListener("pointermove", drag);
  pad.addEventListener("keydown", (event) => {
    const by = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] })[event.key];
    if (!by) return;
    event.preventDefault();
    place.across = Math.max(-REACH, Math.min(REACH, place.across + by[0]));
    place.up = Math.max(-REACH, Math.min(REACH, place.up + by[1]));
    move();
  });
  /** @param {string} text  @param {number} low  @param {number} high  @param {number} value  @param {(value: number) => void} onInput  @param {Record<string, any>} [more] */
  function slider(text, low, high, value, onInput, more = {}) {
    const input = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: low, max: high, step: 0.01, value, oninput: () => { onInput(Number(input.value)); ask(); }, ...more }));
    return el("label.setting", {}, el("span", {}, text), input);
  }
  /** @param {HTMLElement} into  @param {string[]} images  @param {(at: number) => string} alt */
  function fill(into, images, alt) {
    into.replaceChildren(...images.map((text, place) => {
      const image = picture(alt(place));
      show(image, text);
      return el("figure", {}, image, el("figcaption", {}, alt(place)));
    }));
  }

  /** @type {Record<string, (message: any) => void>} */
  const on = {
    model: (message) => {
      facts.textContent = said.facts(message.samples.toLocaleString("en"), message.latent);
      place.steps = message.shares.map(() => 0);
      sliders.replaceChildren(
        slider(said.truncation, 0, 1.5, 1, (value) => { place.truncation = value; }),
        ...message.shares.map((/** @type {number} */ share, /** @type {number} */ at) => slider(said.direction(at + 1, `${Math.round(100 * share)} %`), -RANGE, RANGE, 0, (value) => { place.steps[at] = value; }, { "data-step": at })));
      mainLabel.hidden = !message.classes.length;
      label.replaceChildren(...message.classes.map((/** @type {string} */ each) => el("option", { value: each }, each)));
      place.label = message.classes[0] ?? null;
      wishButton.hidden = !message.discriminator;
      move();
    },
    picture: (message) => {
      busy = false;
      main.hidden = false; // before it there is none to show
      show(main, message.image);
      if (again) { again = false; ask(); }
    },
    walk: (message) => fill(strip, message.images, (at) => said.onTheWay(at + 1, message.images.length)),
    neighbours: (message) => {
      nearButton.disabled = false;
      nearText.textContent = said.nearHint;
      fill(near, message.images, (at) => said.distance(message.distances[at]));
    },
    change: (message) => {
      wishButton.disabled = false;
      fill(wish, [message.before, message.heat, message.after], (at) => said.wishes[at]);
    },
    error: (message) => { busy = false; nearButton.disabled = wishButton.disabled = false; complain(message.text); if (facts.textContent === said.loading) facts.textContent = ""; },
    ended: () => complain(said.ended),
  };
  document.title = `${said.title} · ${texts.lab}`;
  main.hidden = true;
  mainLabel.append(el("span", {}, said.label), label);
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, said.title), navigation(""), el("a", { href: `#${run}` }, said.back), facts), trouble,
    el("main.explorer", {},
      el("section.card", {}, el("figure.main", {}, main), el("label.setting", {}, el("span", {}, said.seed), seed, el("button", { type: "button", id: "another", onclick: () => jump(Math.floor(Math.random() * 1e6)) }, said.another)), mainLabel),
      el("section.card", {}, el("h2", {}, said.pad), el("p.hint", {}, said.padHint), pad),
      el("section.card", {}, el("h2", {}, said.directions), el("p.hint", {}, said.directionsHint), sliders),
      el("section.card.full", {}, el("h2", {}, said.walk), el("div.buttons", {}, el("label.setting", {}, el("span", {}, said.end), end), el("button", { type: "button", id: "ask-walk", onclick: () => command({ do: "walk", place, end: { seed: Number(end.value) || 0, label: place.label } }) }, said.walkShow)), strip),
      el("section.card.full", {}, el("h2", {}, said.near), nearText, el("div.buttons", {}, nearButton), near),
      el("section.card.full", {}, el("h2", {}, said.wish), el("p.hint", {}, said.wishHint), el("div.buttons", {}, wishButton), wish)));
  id = await begin(`runs/${run}/explore?at=${at}`);
  return listen(id, (message) => on[message.kind]?.(message), () => complain(said.ended));
}
