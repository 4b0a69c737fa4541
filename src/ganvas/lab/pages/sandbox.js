// @ts-check
// The sandbox: a game in the plane that a process of the lab trains while it is watched and changed.

import { Chart } from "./chart.js";
import { Clock } from "./clock.js";
import { el, whole } from "./dom.js";
import { failureSide, gallery } from "./gallery.js";
import { explanations, glossary, info } from "./glossary.js";
import { Graph } from "./graph.js";
import { Guide } from "./guide.js";
import { Histogram } from "./histogram.js";
import { Measured } from "./measured.js";
import { navigation } from "./navigation.js";
import { folded, quoted, toCopy } from "./panels.js";
import { Layers, Plane } from "./plane.js";
import { chapterOf, fromLink, lastSession, remember, remembered, toLink } from "./sandbox_link.js";
import { History } from "./sandbox_state.js";
import { begin, listen, send } from "./session.js";
import { differences, markChanged, readSettings, settings } from "./settings.js";
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
  let id = "", side = 0, playing = false, drawn = 0, graphed = 0, followed = 0, stop = () => {}, wanted = false;
  let isReady = false, awaited = ""; // whether a game is shown; the label of a set-up that was asked for
  /** @type {(() => void) | null} */ let wish = null; // what is opened when the process has said what there is
  /** @type {any[]} */ let entries = [];
  /** @type {Record<string, any[]>} */ let setups = {};
  /** @type {any} */ let stage = null;
  const alert = el("p.alert", { role: "alert", hidden: true });
  const planes = ["A", "B"].map((name) => new Plane(layers, name));
  const graph = new Graph(() => planes[side].play());
  const losses = new Chart(slowClock, said.losses, said.lossesHint), scores = new Chart(slowClock, said.scores, said.scoresHint);
  const logits = new Histogram(texts.logits, said.logitsHint);
  const slow = new Slow((which) => { live(); command({ do: "slow", side: which }); }, () => { stage = null; command({ do: "leave" }); });
  const guide = new Guide((entry) => { change(entry.cure, 0); command({ do: "play" }); }, (entry) => open([failureSide(entry), failureSide(entry, true)], `failure-${entry.name}`, true));
  const numbers = new Measured(), starting = el("p.starting", { role: "status" }), past = el("span", { role: "status" }), panel = el("section.card.panel"), lessons = el("div"), recipe = el("div.details"), recipes = el("span");
  const act = (/** @type {string} */ label, /** @type {() => void} */ onclick, properties = {}) => el("button", { type: "button", onclick, ...properties }, label);
  const run = act(texts.play, () => toggle(), { class: "play", id: "play" });
  const undo = /** @type {HTMLButtonElement} */ (act(said.undo, () => command({ do: "undo" }), { id: "undo", disabled: true }));
  const speed = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": said.speed, onchange: () => command({ do: "speed", rounds: Number(speed.value) }) }, ...SPEEDS.map((each) => el("option", { value: each }, `${said.pace}: ${said.rounds(each)}`))));
  speed.value = "10";
  const slider = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, max: 0, value: 0, step: 1, disabled: true, "aria-label": texts.position }));
  const at = el("output.at"), goBack = /** @type {HTMLButtonElement} */ (act(said.back, () => command({ do: "back", samples: history.setup.sides.map((/** @type {any} */ _, /** @type {number} */ place) => (momentNow().sides[place] ?? momentNow().sides[0]).samples) }), { id: "back", title: said.backHint, disabled: true }));
  const behind = el("div.behind", { hidden: true }, past, act(said.toNow, () => live(), { id: "to-now" }), goBack);
  const average = check("average", said.average), optimal = check("optimal", said.optimal);

  function check(/** @type {string} */ name, /** @type {string} */ label) {
    const input = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: name, onchange: () => command({ do: "show", average: average.input.checked, optimal: optimal.input.checked }) }));
    return { input, element: el("div.setting.boxed", {}, el("label.check", {}, input, label), info(name)) };
  }
  const trouble = (/** @type {string} */ text) => { alert.textContent = text; alert.hidden = !text; };
  function command(/** @type {Record<string, any>} */ what) {
    trouble("");
    return send(id, what).catch((error) => trouble(error.message));
  }
  const up = () => scrollTo(0, 0);
  const live = () => clock.set(clock.last, true), momentNow = () => history.at(clock.at);
  /** Train: what is shown is what is trained, and slow motion ends with its round. @param {Record<string, any>} what */
  function train(what) {
    slow.close();
    stage = null;
    live();
    command(what);
  }
  function toggle() {
    if (isReady) return playing ? void command({ do: "pause" }) : train({ do: "play" });
    wanted = !wanted; // remembered until there is a game
    wait();
  }
  /** Controls that need a game wait for it. */
  function wait() {
    starting.hidden = isReady;
    starting.textContent = wanted ? said.startingPlay : said.starting;
    run.textContent = !isReady && wanted ? said.willPlay : playing ? texts.pause : texts.play;
    for (const each of page.querySelectorAll(".needs-game")) /** @type {HTMLButtonElement} */ (each).disabled = !isReady;
    slider.disabled = !isReady;
    undo.disabled = !isReady || !history.setup?.undo.length;
  }
  /** @param {any[]} sides  @param {string} [label]  of a failure or a chapter  @param {boolean} [play] */
  function open(sides, label = "", play = false) {
    side = 0;
    wanted = play;
    isReady = false;
    awaited = `${label}#${Math.random().toString(36).slice(2)}`;
    wait();
    command({ do: "open", sides, label: awaited });
  }
  /** @param {string} name  of an entry of the gallery  @param {boolean} [both]  with its cure beside it */
  function watchFailure(name, both = false) {
    const entry = entries.find((each) => each.name === name);
    if (!entry) { // it is opened when the process has said what there is
      wish = () => watchFailure(name, both);
      wanted = true;
      return wait();
    }
    open(both ? [failureSide(entry), failureSide(entry, true)] : [failureSide(entry)], `failure-${name}`, true);
    up();
  }
  const change = (/** @type {Record<string, any>} */ changes, /** @type {number} */ which = side) => { const again = playing; command({ do: "change", side: which, changes }).then(() => { if (again) command({ do: "play" }); }); };
  const sidesNow = () => history.setup.sides.map((/** @type {any} */ each) => ({ recipe: each.recipe, changes: each.changes, seed: each.seed }));
  const useData = (/** @type {number[][]} */ points) => change({ source: { kind: "Sketch", points } });

  function draw() {
    const shown = momentNow();
    if (!shown) return;
    const { setup } = shown, both = setup.sides.length > 1, isStage = stage && clock.live, place = Math.min(side, setup.sides.length - 1);
    const now = isStage && stage.frame ? { sides: shown.sides.with(stage.side, stage.frame) } : shown;
    planes.forEach((plane, place) => {
      plane.element.parentElement?.toggleAttribute("hidden", !setup.sides[place]);
      if (setup.sides[place] && now.sides[place]) plane.set(setup.sides[place], now.sides[place], isStage && place === stage.side ? stage : null);
    });
    page.querySelector("main")?.classList.toggle("both", both);
    const time = performance.now(), isDue = (/** @type {number} */ last, /** @type {number} */ ms) => !playing || time - last > ms;
    if (now.sides[place] && isDue(graphed, GRAPH_MS)) {
      graphed = time;
      for (const [card, name] of /** @type {const} */ ([[graph, said.model], [logits, texts.logits]])) card.rename(both ? said.ofGame(name, "AB"[place]) : name);
      graph.set(setup.sides[place], now.sides[place], playing, isStage && place === stage.side ? stage : null);
      logits.show(now.sides[place].histogram);
    }
    numbers.show(setup.sides.map((/** @type {any} */ _, /** @type {number} */ at) => history.scores(clock.at, at)), now.sides);
    at.textContent = `${whole(now.sides[0].samples)} ${texts.samples}`;
    slider.setAttribute("aria-valuetext", at.textContent);
    behind.hidden = clock.live;
    past.textContent = clock.live ? "" : said.past(whole(shown.sides[0].rounds), whole(history.frames[history.frames.length - 1].sides[0].rounds), playing);
    if (isDue(drawn, CHARTS_MS)) {
      drawn = time;
      slowClock.grow(clock.last, clock.end);
      slowClock.set(clock.at, clock.live);
      followed = slowClock.at;
      losses.set(history.curves((each) => each.terms, said.term).filter((each) => !each.name.endsWith("gradient")));
      scores.set(history.curves((each) => each.scores && { sliced: each.scores.sliced, js: each.scores.js }, (name) => said.scoreNames[name]));
    }
  }
  /** @param {boolean} [begun]  whether other games are shown: nothing is marked as changed */
  function drawSettings(begun = false) {
    const { setup } = history, each = setup.sides[side], both = setup.sides.length > 1, before = readSettings(panel), was = panel.dataset.side;
    const name = panel.contains(document.activeElement) ? document.activeElement?.getAttribute("name") : null;
    const tabs = both ? el("div.tabs", {}, ...setup.sides.map((/** @type {any} */ _, /** @type {number} */ place) => act(said.game("AB"[place]), () => { side = place; drawSettings(); draw(); }, { "aria-pressed": String(place === side) }))) : null;
    const seed = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0, max: 999999, value: each.seed, "aria-label": said.seed, title: said.seedHint, onchange: () => { const sides = sidesNow(); sides[side].seed = Number(seed.value) || 0; open(sides, setup.label.split("#")[0]); } }));
    const of = (/** @type {any} */ game) => settings(game, (changes) => change(changes), (data) => (data === "draw" ? sketchPad(useData) : chooseCsv(useData, trouble)),
      game === each ? [el("div.setting", {}, el("span", {}, said.seed, info("seed")), seed), average.element] : []);
    const all = setup.sides.map(of);
    panel.replaceChildren(el("h2", {}, said.settings), ...(tabs ? [tabs] : []), all[side],
      el("div.buttons", {}, act(both ? said.single(said.game("AB"[side])) : said.compare, () => { stage = null; slow.close(); command(both ? { do: "single", side } : { do: "copy" }); }, { id: "compare", title: both ? said.singleHint : said.compareHint }),
        act(said.copyLink, () => navigator.clipboard.writeText(`${location.href.split("#")[0]}#sandbox=${toLink({ sides: sidesNow() })}`), { title: said.linkHint })));
    if (name) /** @type {HTMLElement | null} */ (panel.querySelector(`[name="${CSS.escape(name)}"]`))?.focus();
    panel.dataset.side = String(side);
    const changed = begun || was !== String(side) ? [] : markChanged(panel, before);
    guide.show(setup, changed);
    page.querySelector("main")?.classList.toggle("guided", !guide.element.hidden);
    if (both) differences(all.map(readSettings)).forEach((words, place) => { planes[place].title.textContent = `${"AB"[place]}: ${words || said.same}`; });
    const words = each.arguments.map(quoted).join(" ");
    recipe.replaceChildren(folded("as-recipe", said.asRecipe, el("div", {}, el("p.hint", {}, said.asRecipeHint), toCopy(`ganvas train ${each.recipe} ${words}`), el("pre", { tabindex: 0 }, each.yaml))));
  }

  /** @type {Record<string, (message: any) => void>} */
  const on = {
    ready: (message) => {
      entries = guide.entries = message.gallery;
      setups = message.setups;
      lessons.replaceChildren(gallery(entries, (entry, both) => watchFailure(entry.name, both)));
      const list = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": said.recipe, onchange: () => list.value && open([{ recipe: list.value, changes: {}, seed: 0 }]) }, el("option", { value: "" }, said.recipe), ...message.recipes.map((/** @type {string} */ each) => el("option", { value: each }, said.recipes[each] ?? each))));
      recipes.replaceChildren(list, info("recipe"));
      wish?.();
      wish = null;
    },
    setup: (message) => {
      awaited = "";
      for (const each of message.sides) each.window = { x: each.window[0], y: each.window[1], half: each.window[2] };
      if (message.begun) { history.clear(); clock.set(0, true); stage = null; slow.close(); }
      if (message.single !== undefined) history.only(message.single);
      history.setup = message;
      side = Math.min(side, message.sides.length - 1);
      slow.games(message.sides.length);
      undo.title = said.undoHint(message.undo[0]);
      const now = toLink({ sides: sidesNow() });
      remember(id, now);
      if (location.hash.startsWith("#sandbox")) window.history.replaceState(null, "", `#sandbox=${now}`);
      drawSettings(message.begun);
    },
    frame: (message) => {
      history.add(message);
      playing = message.playing;
      average.input.checked = message.shown.average; // what is drawn is known to the process: this page may be a newer one
      optimal.input.checked = message.shown.optimal;
      isReady = true;
      if (playing) { stage = null; slow.close(); }
      clock.grow(history.last, history.last);
      if (wanted) { wanted = false; command({ do: "play" }); }
    },
    stage: (message) => {
      stage = message;
      playing = false;
      slow.show(message, history.setup.sides[message.side].latent[0]);
      clock.set(history.last, true);
      clock.grow(history.last, history.last);
    },
    back: (message) => { history.back(message.samples); stage = null; clock.set(message.samples, true); },
    error: (message) => { playing = wanted = false; awaited = ""; isReady = history.frames.length > 0; trouble(message.text); },
    ended: () => trouble(said.ended),
  };
  const hear = (/** @type {any} */ message) => {
    if (awaited && message.label !== awaited && !["ready", "error", "ended"].includes(message.kind)) return; // of the games before
    on[message.kind]?.(message);
    wait();
    clock.tell();
  };
  slowClock.listen(() => { // a click into a curve moves the whole page; curves that only lag behind do not
    if (slowClock.at !== followed && !playing) clock.set(slowClock.at, slowClock.live);
  });

  clock.listen(() => {
    slider.max = String(clock.last);
    slider.value = String(clock.at);
    goBack.disabled = clock.live;
    draw();
  });
  slider.addEventListener("input", () => clock.set(Number(slider.value), Number(slider.value) >= clock.last));
  const key = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !target.matches("input[type=number], input[type=text], textarea")) {
      event.preventDefault();
      if (!undo.disabled) undo.click();
      return;
    }
    if (event.key !== " " || ["INPUT", "SELECT", "BUTTON", "TEXTAREA", "SUMMARY"].includes(target.tagName)) return;
    event.preventDefault();
    toggle();
  };
  document.addEventListener("keydown", key);
  document.title = `${said.title} · ${texts.lab}`;
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, texts.lab), navigation("sandbox"), recipes, el("p.soft.lead", {}, said.lead, " ", el("a", { href: "#tour" }, said.toTour), " ", act(said.toCollapse, () => watchFailure("mode_collapse"), { class: "link", id: "to-collapse" }))),
    el("div.timeline", { role: "region", "aria-label": texts.timeline }, run, el("span.group", {}, el("span.soft", {}, said.step), ...["D", "G", "both"].map((player) => act(player === "both" ? said.both : player, () => train({ do: "step", player }), { title: said.stepHint(player), id: `step-${player}`, class: "needs-game" }))),
      act(said.slow, () => { live(); command({ do: "slow", side: slow.side }); }, { id: "slow", title: said.slowHint, class: "needs-game" }), act(said.reset, () => command({ do: "reset" }), { id: "reset", title: said.resetHint, class: "needs-game" }), undo,
      speed, el("div.scrub", {}, el("span.soft", { "aria-hidden": "true" }, said.time), slider, at), behind),
    alert,
    el("main.sandbox", {}, guide.element, el("div.column.side", {}, slow.element, graph.element, logits.element),
      el("div.column.wide", {}, el("section.card.picture", {}, starting, numbers.element, el("div.planes", {}, ...planes.map((plane) => plane.figure)), layers.element, optimal.element, el("p.hint", {}, said.planeHint)), el("div.curves", {}, losses.element, scores.element)),
      el("div.column", {}, panel), el("div.details", {}, lessons, recipe, glossary(), explanations())));
  guide.element.addEventListener("close", () => page.querySelector("main")?.classList.remove("guided"));
  wait();

  const { name, chapter } = chapterOf(decodeURIComponent(link)), found = fromLink(link), id0 = remembered(link) ?? lastSession();
  const choose = () => open(found?.sides ?? setups[name || "game"] ?? [{ recipe: name, changes: {}, seed: 0 }], chapter ? `chapter-${chapter}` : "", wanted); // a press of Play is remembered
  const start = async () => {
    wish = choose;
    awaited = "";
    id = await begin("sandbox");
    stop = listen(id, hear, () => trouble(said.ended));
  };
  if (id0) { // the process of this tab goes on; Undo brings back what it had
    id = id0;
    if (!remembered(link)) [wish, awaited] = [choose, "#"];
    stop = listen(id, hear, () => start().catch((error) => trouble(error.message)));
  } else await start();
  return () => {
    stop();
    slow.stop();
    for (const plane of planes) plane.frame = null;
    document.removeEventListener("keydown", key);
    if (playing) command({ do: "pause" });
  };
}
