// @ts-check
// The slider that moves every panel, with play, speed, arrow keys and "follow live".

import { placeOf } from "./clock.js";
import { el, whole } from "./dom.js";
import { texts } from "./texts.js";

const SPEEDS = [1, 2, 5, 10, 20]; // sheets a second

/**
 * @param {import("./clock.js").Clock} clock
 * @param {() => number[]} moments  samples of the sheets, rising
 */
export function timeline(clock, moments) {
  const slider = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, step: 1, "aria-label": texts.position }));
  const said = el("output.at", { "aria-live": "off" });
  const live = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "live" }));
  const speed = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": texts.faster }, ...SPEEDS.map((each) => el("option", { value: each }, `${each}/s`))));
  speed.value = "5";
  const loop = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "loop" }));
  const button = el("button.play", { type: "button", onclick: () => (timer ? stop() : play()) }, texts.play);
  let timer = 0;

  function stop() {
    clearTimeout(timer);
    timer = 0;
    button.textContent = texts.play;
  }
  function play() {
    const all = moments();
    if (!all.length) return;
    if (placeOf(all, clock.at) >= all.length - 1) clock.set(all[0]);
    button.textContent = texts.pause;
    const next = () => {
      const all = moments(), after = all[placeOf(all, clock.at) + 1] ?? (loop.checked ? all[0] : undefined);
      if (after === undefined) return stop();
      clock.set(after);
      timer = setTimeout(next, 1000 / Number(speed.value));
    };
    timer = setTimeout(next, 1000 / Number(speed.value));
  }
  /** @param {number} by */
  function jump(by) {
    const all = moments();
    const place = placeOf(all, clock.at);
    const to = by < 0 && all[place] < clock.at ? place : place + by;
    if (all.length) clock.set(all[Math.max(0, Math.min(all.length - 1, to))]);
  }
  /** @param {KeyboardEvent} event */
  function key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target !== slider && ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 });
    if (event.key in steps) jump(steps[event.key]);
    else if (event.key === "Home") clock.set(0);
    else if (event.key === "End") clock.set(clock.last);
    else if (event.key === " " && target.tagName !== "BUTTON") timer ? stop() : play();
    else return;
    event.preventDefault();
  }
  slider.addEventListener("input", () => {
    stop();
    clock.set(Number(slider.value));
  });
  live.addEventListener("change", () => clock.set(live.checked ? clock.last : clock.at, live.checked));
  document.addEventListener("keydown", key);
  clock.listen(() => {
    slider.max = String(clock.last);
    slider.value = String(clock.at);
    said.textContent = `${whole(clock.at)} ${texts.samples}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    live.checked = clock.live;
  });
  const leave = () => {
    stop();
    document.removeEventListener("keydown", key);
  };
  return { element: el("div.timeline", { role: "region", "aria-label": texts.timeline }, button, speed, el("label.live", {}, loop, texts.loop), slider, said, el("label.live", {}, live, texts.follow)), leave };
}
