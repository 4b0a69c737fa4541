// @ts-check
// The sandbox: a game in the plane that a process of the lab trains while it is watched and changed.

import { Chart } from "./chart.js";
import { Clock } from "./clock.js";
import { el, short, whole } from "./dom.js";
import { gallery } from "./gallery.js";
import { Graph } from "./graph.js";
import { Histogram } from "./histogram.js";
import { navigation } from "./navigation.js";
import { folded, quoted, toCopy } from "./panels.js";
import { Layers, Plane } from "./plane.js";
import { fromLink, remember, remembered, toLink } from "./sandbox_link.js";
import { History } from "./sandbox_state.js";
import { begin, listen, send } from "./session.js";
import { settings } from "./settings.js";
import { chooseCsv, sketchPad } from "./sketch.js";
import { Slow } from "./slow.js";
import { texts } from "./texts.js";

const CHARTS_MS = 300, GRAPH_MS = 120; // between two drawings of curves and of the model while it trains
const SPEEDS = [1, 5, 10, 50, 200]; // rounds from one picture to the next

/**
 * @param {HTMLElement} page
 * @param {string} link  the set-up in the address; empty for that of this tab, or a first one
 */
export async function sandboxPage(page, link) {
  const said = texts.sandbox, history = new History(), clock = new Clock(), slowClock = new Clock(), layers = new Layers();
  let id = "", side = 0, playing = false, drawn = 0, graphed = 0, stop = () => {}, wanted = false, named = "";
  /** @type {any} */ let stage = null;
  const alert = el("p.alert", { role: "alert", hidden: true });
  const planes = ["A", "B"].map((name) => new Plane(layers, name));
  const graph = new Graph(() => planes[side].play());
  const losses = new Chart(slowClock, said.losses, said.lossesHint), scores = new Chart(slowClock, said.scores, said.scoresHint);
  const logits = new Histogram(texts.logits, said.logitsHint);
  const slow = new Slow((which) => command({ do: "slow", side: which }), () => { stage = null; draw(); });
  const numbers = el("div.numbers"), panel = el("section.card.panel"), lessons = el("div"), recipe = el("div.details"), recipes = el("span");
  const act = (/** @type {string} */ label, /** @type {() => void} */ onclick, properties = {}) => el("button", { type: "button", onclick, ...properties }, label);
  const run = act(texts.play, () => toggle(), { class: "play", id: "play" });
  const speed = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": said.speed, onchange: () => command({ do: "speed", rounds: Number(speed.value) }) }, ...SPEEDS.map((each) => el("option", { value: each }, said.rounds(each)))));
  speed.value = "10";
  const slider = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, step: 1, "aria-label": texts.position }));
  const at = el("output.at"), goBack = /** @type {HTMLButtonElement} */ (act(said.back, () => command({ do: "back", samples: clock.at }), { title: said.backHint }));
  const average = check("average", said.average), optimal = check("optimal", said.optimal);

  function check(/** @type {string} */ name, /** @type {string} */ label) {
    const input = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: name, onchange: () => command({ do: "show", average: average.input.checked, optimal: optimal.input.checked }) }));
    return { input, element: el("label.check", {}, input, label) };
  }
  const trouble = (/** @type {string} */ text) => { alert.textContent = text; alert.hidden = !text; };
  function command(/** @type {Record<string, any>} */ what) {
    trouble("");
    return send(id, what).catch((error) => trouble(error.message));
  }
  const up = () => scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const toggle = () => { slow.stop(); command({ do: playing ? "pause" : "play" }); };
  function open(/** @type {any[]} */ sides, play = false) {
    side = 0;
    wanted = play;
    command({ do: "open", sides });
  }
  const change = (/** @type {Record<string, any>} */ changes, /** @type {number} */ which = side) => { const again = playing; command({ do: "change", side: which, changes }).then(() => { if (again) command({ do: "play" }); }); };
  const sidesNow = () => history.setup.sides.map((/** @type {any} */ each) => ({ recipe: each.recipe, changes: each.changes, seed: each.seed }));
  const useData = (/** @type {number[][]} */ points) => change({ source: { kind: "Sketch", points } });

  function draw() {
    const now = history.at(clock.at), { setup } = history;
    if (!now || !setup) return;
    const both = setup.sides.length > 1;
    planes.forEach((plane, place) => {
      plane.element.parentElement?.toggleAttribute("hidden", !setup.sides[place]);
      if (setup.sides[place] && now.sides[place]) plane.set(setup.sides[place], now.sides[place], place === stage?.side && clock.live ? stage : null);
    });
    page.querySelector("main")?.classList.toggle("both", both);
    const time = performance.now(), isDue = (/** @type {number} */ last, /** @type {number} */ ms) => !playing || time - last > ms;
    if (now.sides[side] && isDue(graphed, GRAPH_MS)) {
      graphed = time;
      graph.set(setup.sides[side], now.sides[side], playing, side === stage?.side && clock.live ? stage : null);
      logits.show(now.sides[side].histogram);
    }
    numbers.replaceChildren(...setup.sides.map((/** @type {any} */ each, /** @type {number} */ place) => scoreLine(history.scores(clock.at, place), now.sides[place], both ? "AB"[place] : "")));
    if (isDue(drawn, CHARTS_MS)) {
      drawn = time;
      slowClock.grow(clock.last, clock.end);
      slowClock.set(clock.at, clock.live);
      losses.set(history.curves((each) => each.terms, said.term).filter((each) => !each.name.endsWith("gradient")));
      scores.set(history.curves((each) => each.scores && { sliced: each.scores.sliced, js: each.scores.js }, (name) => said.scoreNames[name]));
    }
  }
  function drawSettings() {
    const { setup } = history, each = setup.sides[side], both = setup.sides.length > 1;
    const tabs = both ? el("div.tabs", {}, ...setup.sides.map((/** @type {any} */ _, /** @type {number} */ place) => act(said.game("AB"[place]), () => { side = place; drawSettings(); draw(); }, { "aria-pressed": String(place === side) }))) : null;
    const seed = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0, max: 999999, value: each.seed, "aria-label": said.seed, onchange: () => { const sides = sidesNow(); sides[side].seed = Number(seed.value) || 0; open(sides); } }));
    panel.replaceChildren(el("h2", {}, said.settings), ...(tabs ? [tabs] : []), settings(each, (changes) => change(changes), (data) => (data === "draw" ? sketchPad(useData) : chooseCsv(useData, trouble))),
      el("label.setting", {}, el("span", {}, said.seed), seed), average.element, optimal.element,
      el("div.buttons", {}, act(both ? said.single : said.compare, () => { const sides = sidesNow(); open(both ? [sides[side]] : [sides[0], sides[0]]); }, { id: "compare" }),
        act(said.copyLink, () => navigator.clipboard.writeText(`${location.href.split("#")[0]}#sandbox=${toLink({ sides: sidesNow() })}`), { title: said.linkHint })));
    const words = each.arguments.map(quoted).join(" ");
    recipe.replaceChildren(folded("as-recipe", said.asRecipe, el("div", {}, el("p.hint", {}, said.asRecipeHint), toCopy(`ganvas train ${each.recipe} ${words}`), el("pre", { tabindex: 0 }, each.yaml))));
  }
  function scoreLine(/** @type {any} */ found, /** @type {any} */ now, /** @type {string} */ name) {
    const parts = [[whole(now?.rounds ?? 0), said.roundsSeen]];
    if (found?.modes !== undefined) parts.push([said.modes(found.modes, found.of), said.modesFound], [`${Math.round(100 * found.quality)} %`, said.quality]);
    if (found) parts.push([short(found.sliced), said.scoreNames.sliced], [short(found.js), said.scoreNames.js]);
    parts.push([short(now?.slope), said.slope]);
    return el("p.score", { "data-modes": found?.modes ?? "" }, name ? el("strong", {}, name) : null, ...parts.map(([value, label]) => el("span", {}, el("b", {}, value), label)));
  }

  /** @type {Record<string, (message: any) => void>} */
  const on = {
    ready: (message) => {
      lessons.replaceChildren(gallery(message.gallery, (sides) => { open(sides, true); up(); }, (cure) => { change(cure, 0); command({ do: "play" }); up(); }));
      const list = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": said.recipe, onchange: () => list.value && open([{ recipe: list.value, changes: {}, seed: 0 }]) }, el("option", { value: "" }, said.recipe), ...message.recipes.map((/** @type {string} */ each) => el("option", { value: each }, each))));
      recipes.replaceChildren(list);
      if (named) open(message.setups[named] ?? [{ recipe: named, changes: {}, seed: 0 }]);
      named = "";
    },
    setup: (message) => {
      history.setup = message;
      for (const each of message.sides) each.window = { x: each.window[0], y: each.window[1], half: each.window[2] };
      if (message.begun) { history.clear(); clock.set(0, true); stage = null; slow.element.hidden = true; }
      side = Math.min(side, message.sides.length - 1);
      slow.games(message.sides.length);
      const now = toLink({ sides: sidesNow() });
      remember(id, now);
      if (location.hash.startsWith("#sandbox")) window.history.replaceState(null, "", `#sandbox=${now}`);
      drawSettings();
    },
    frame: (message) => {
      history.add(message);
      playing = message.playing;
      if (playing) { stage = null; slow.element.hidden = true; }
      clock.grow(history.last, history.last);
      if (wanted) { wanted = false; command({ do: "play" }); }
    },
    stage: (message) => {
      stage = message;
      playing = false;
      if (message.frame) history.add({ sides: history.frames[history.frames.length - 1].sides.with(message.side, message.frame), playing: false });
      slow.show(message);
      clock.set(history.last, true);
      clock.grow(history.last, history.last);
    },
    back: (message) => { history.back(message.samples); stage = null; clock.set(message.samples, true); },
    error: (message) => { playing = false; trouble(message.text); },
    ended: () => trouble(said.ended),
  };
  const hear = (/** @type {any} */ message) => {
    on[message.kind]?.(message);
    run.textContent = playing ? texts.pause : texts.play;
    clock.tell();
  };
  slowClock.listen(() => { // a click into a curve moves the whole page
    if (slowClock.at !== clock.at && !playing) clock.set(slowClock.at, slowClock.live);
  });

  clock.listen(() => {
    slider.max = String(clock.last);
    slider.value = String(clock.at);
    at.textContent = `${whole(clock.at)} ${texts.samples}`;
    slider.setAttribute("aria-valuetext", at.textContent);
    goBack.disabled = clock.live || clock.at >= clock.last;
    draw();
  });
  slider.addEventListener("input", () => clock.set(Number(slider.value), Number(slider.value) >= clock.last));
  const key = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key !== " " || ["INPUT", "SELECT", "BUTTON", "TEXTAREA", "SUMMARY"].includes(target.tagName)) return;
    event.preventDefault();
    toggle();
  };
  document.addEventListener("keydown", key);
  document.title = `${said.title} · ${texts.lab}`;
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, texts.lab), navigation("sandbox"), recipes, el("span.soft", {}, said.lead)),
    el("div.timeline", { role: "region", "aria-label": texts.timeline }, run, el("span.group", {}, el("span.soft", {}, said.step), act("D", () => command({ do: "step", player: "D" }), { title: said.stepHint("D"), id: "step-D" }), act("G", () => command({ do: "step", player: "G" }), { title: said.stepHint("G"), id: "step-G" }), act(said.both, () => command({ do: "step", player: "both" }), { title: said.stepHint("both"), id: "step-both" })),
      act(said.slow, () => command({ do: "slow", side: slow.side }), { id: "slow", title: said.slowHint }), act(said.reset, () => command({ do: "reset" }), { id: "reset" }), speed, el("div.scrub", {}, slider, at, goBack)),
    alert,
    el("main.sandbox", {}, el("div.column", {}, slow.element, graph.element, logits.element),
      el("div.column.wide", {}, el("section.card", {}, numbers, el("div.planes", {}, ...planes.map((plane) => el("figure", {}, plane.title, plane.element))), layers.element, el("p.hint", {}, said.planeHint)), el("div.curves", {}, losses.element, scores.element)),
      el("div.column", {}, panel), el("div.details", {}, lessons, recipe)));

  const before = remembered(link);
  const start = async () => {
    id = await begin("sandbox");
    stop = listen(id, hear, () => trouble(said.ended));
    const found = fromLink(link);
    if (found) await command({ do: "open", sides: found.sides });
    else named = decodeURIComponent(link) || "game"; // opened when the process has said what there is
  };
  if (before) {
    id = before;
    stop = listen(id, hear, () => start().catch((error) => trouble(error.message)));
  } else await start();
  return () => {
    stop();
    slow.stop();
    document.removeEventListener("keydown", key);
    if (playing) command({ do: "pause" });
  };
}
