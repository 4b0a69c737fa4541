// @ts-check
// The page of one run, live or finished: one clock drives all panels.

import { follow, get, held, sheetAddress } from "./api.js";
import { Chart } from "./chart.js";
import { Clock, placeOf } from "./clock.js";
import { controls } from "./control.js";
import { differencesTable } from "./differences.js";
import { el } from "./dom.js";
import { Histogram } from "./histogram.js";
import { navigation } from "./navigation.js";
import { noteLine } from "./notes.js";
import { findingsCard, factsCards, folded, headline } from "./panels.js";
import { realsCard } from "./reals.js";
import { choosing, scoreSeries, seriesOf, termSeries } from "./series.js";
import { Sheets } from "./sheets.js";
import { texts } from "./texts.js";
import { timeline } from "./timeline.js";
import { usageCharts } from "./usage.js";

const REFRESH_MS = 1000; // from an event to the read of scores, findings and state

/** @param {{samples: number[], values: Record<string, (number | null)[]>}} curve  @param {number} at  @param {Record<string, number | null>} named */
function push(curve, at, named) {
  for (const name of Object.keys(named)) curve.values[name] ??= curve.samples.map(() => null);
  curve.samples.push(at);
  for (const name of Object.keys(curve.values)) curve.values[name].push(named[name] ?? null);
}

/**
 * @param {HTMLElement} page
 * @param {string} id
 * @param {boolean} [controlled]  whether the page may send commands
 */
export async function runPage(page, id, controlled = false) {
  let run = await get(`runs/${id}?curves=0`); // the curves of a long run take a second to read: they come later
  let hasCurves = Boolean(held);
  const clock = new Clock();
  const sheets = new Sheets(clock, sheetAddress(id));
  const losses = new Chart(clock, texts.losses, texts.lossesHint);
  const gradients = new Chart(clock, texts.gradients, texts.gradientsHint);
  const speed = new Chart(clock, texts.speedTitle, texts.speedHint);
  const usage = usageCharts(clock);
  const logits = new Histogram(texts.logits, texts.logitsHint);
  const scores = choosing(clock, texts.scores, texts.scoresHint);
  const signals = choosing(clock, texts.signals, texts.signalsHint);
  const bar = timeline(clock, () => sheets.moments);
  const explore = el("a.explore", { href: `#explore=${id}`, hidden: true }, texts.explorer.open);
  const bars = controlled ? controls(id) : null;
  const reals = held ? null : realsCard(id);
  const parent = el("div.details"), head = el("div"), noted = el("div"), found = el("div"), details = el("div.details");
  let stopFollowing = () => {};
  let timer = 0, isOver = false;

  /** @param {boolean} [facts]  whether what changes rarely is drawn again too */
  function draw(facts = true) {
    const newest = run.terms.samples[run.terms.samples.length - 1] ?? 0;
    clock.grow(Math.max(newest, ...run.snapshots.slice(-1).map((/** @type {any} */ each) => each.samples), 0), run.total);
    sheets.set(run.snapshots, run.cells, held ? "" : `runs/${id}/film`, run.classes, run.video);
    if (hasCurves) {
      losses.set(termSeries(run.terms, (name) => !name.endsWith(".gradient")));
      gradients.set(termSeries(run.terms, (name) => name.endsWith(".gradient")));
      speed.set(seriesOf(run.speed));
      usage.set(run.usage);
    }
    head.replaceChildren(headline(run, clock.last));
    if (facts && !held) noted.replaceChildren(noteLine(run, controlled ? () => reload().catch(() => {}) : null));
    bars?.set(run);
    if (reals) reals.hidden = !run.checkpoints.length || !run.cells;
    explore.hidden = Boolean(held) || !run.checkpoints.length;
    if (!facts) return;
    scores.set(run.scores.filter((/** @type {any} */ each) => each.split === "val").map(scoreSeries));
    signals.set(seriesOf(run.signals));
    found.replaceChildren(findingsCard(run, clock));
    const open = new Set([...details.querySelectorAll("details[open]")].map((each) => each.id));
    details.replaceChildren(...factsCards(run, clock, controlled));
    for (const each of details.querySelectorAll("details")) each.open = open.has(each.id);
  }

  async function reload() {
    run = await get(`runs/${id}`);
    hasCurves = true;
    draw();
    listen();
  }
  function later() { // scores, findings and checkpoints are read again together, a little after an event
    timer ||= setTimeout(() => {
      timer = 0;
      get(`runs/${id}?curves=0`).then((now) => {
        for (const name of ["scores", "findings", "checkpoints", "state", "grade", "chosen", "paused", "signals", "logits", "log", "total"]) run[name] = now[name];
        draw();
        if (isOver && run.state === "training") later(); // its process is about to end
      }).catch(() => {});
    }, REFRESH_MS);
  }
  function listen() {
    stopFollowing();
    if (run.state !== "training") return;
    stopFollowing = follow(id, run.offset, (event) => {
      if (event.kind === "progress" && event.samples > (run.terms.samples[run.terms.samples.length - 1] ?? -1)) {
        push(run.terms, event.samples, event.terms);
        push(run.usage, event.samples, event.usage);
        push(run.speed, event.samples, { samples_per_second: event.samples_per_second });
        draw(false);
      } else if (event.kind === "snapshot" && !run.snapshots.some((/** @type {any} */ each) => each.file === event.file)) {
        run.snapshots = [...run.snapshots, { samples: event.samples, file: event.file, raw: event.raw }];
        run.classes = event.classes;
        draw(false);
      } else if (event.kind === "rewound" || event.kind === "started" || event.kind === "remedied") reload().catch(() => {});
      else if (event.kind !== "progress") later();
      if (event.kind === "stopped") {
        isOver = true;
        stopFollowing();
      }
    }, () => reload().catch(() => {}));
  }

  clock.listen(() => logits.show(run.logits[Math.max(0, placeOf(run.logits.map((/** @type {any} */ each) => each.samples), clock.at))]));

  document.title = `${run.name} · ${texts.lab}`;
  page.replaceChildren(...[
    el("header.top", {}, el("h1", {}, run.name), held ? null : navigation(""), explore, held ? null : el("a", { href: `runs/${id}/page.html`, download: true }, texts.saveFile), head, noted),
    bar.element, bars ? bars.element : null,
    el("main.run", {}, el("div.panels", {}, el("div.column", {}, sheets.element, reals, found), el("div.column", {}, losses.element, scores.element, logits.element, signals.element, gradients.element, speed.element, ...usage.elements)), details, parent)].filter((each) => each !== null));
  draw();
  if (!held && run.environment?.init_from) get(`runs/${id}/parent`).then((found) => {
    if (found.id) parent.replaceChildren(folded("parent", texts.differences.parent, el("div", {}, el("p", {}, el("a", { href: `#${found.id}` }, found.name)), differencesTable([texts.differences.there, texts.differences.here], [found.settings, run.settings]))));
  }).catch(() => {}); // a run without its parent is shown without it
  if (run.state !== "training") clock.set(run.chosen?.samples ?? clock.last, false);
  if (!held) reload().catch(listen);
  return () => {
    stopFollowing();
    clearTimeout(timer);
    bar.leave();
  };
}
