// @ts-check
// Two runs on one clock: their sheets beside each other, their losses and scores in the same charts.

import { get, sheetAddress } from "./api.js";
import { Chart } from "./chart.js";
import { Clock } from "./clock.js";
import { differencesTable } from "./differences.js";
import { el } from "./dom.js";
import { navigation } from "./navigation.js";
import { choosing, scoreSeries, termSeries } from "./series.js";
import { Sheets } from "./sheets.js";
import { texts } from "./texts.js";
import { timeline } from "./timeline.js";

/** @param {any[]} lists  of series, one for each run; each name gets the run's letter, equal names one colour, those of the second run dashes */
function lettered(lists) {
  const names = [...new Set(lists.flat().map((each) => each.name))];
  const all = lists.flatMap((list, at) => list.map((/** @type {any} */ each) => ({ ...each, colour: names.indexOf(each.name), dashed: at > 0, key: names.indexOf(each.name), name: `${"AB"[at]} ${each.name}` })));
  return all.sort((a, b) => a.key - b.key);
}

/**
 * @param {HTMLElement} page
 * @param {string[]} ids
 */
export async function comparePage(page, ids) {
  const runs = await Promise.all(ids.map((id) => get(`runs/${id}`))), clock = new Clock();
  const sheets = runs.map((run, at) => new Sheets(clock, sheetAddress(ids[at]), `${"AB"[at]}  ${run.name}`));
  const losses = new Chart(clock, texts.losses, texts.lossesHint), scores = choosing(clock, texts.scores, texts.scoresHint, true);
  const bar = timeline(clock, () => [...new Set(sheets.flatMap((each) => each.moments))].sort((a, b) => a - b));
  document.title = `${texts.compare} · ${texts.lab}`;
  page.replaceChildren(el("header.top", {}, el("h1", {}, texts.compare), navigation("")), bar.element,
    el("main.compare", {}, ...sheets.map((each) => each.element), losses.element, scores.element,
      el("section.card.full", {}, el("h2", {}, texts.differences.title), differencesTable(runs.map((run, at) => `${"AB"[at]} ${run.name}`), runs.map((run) => run.settings)))));
  sheets[0].offer(sheets[1], "A", "B");
  const ends = runs.map((run) => Math.max(run.terms.samples.at(-1) ?? 0, run.snapshots.at(-1)?.samples ?? 0));
  clock.grow(Math.max(...ends), Math.max(...ends));
  sheets.forEach((each, at) => each.set(runs[at].snapshots, runs[at].cells, "", runs[at].classes));
  losses.set(lettered(runs.map((run) => termSeries(run.terms, (name) => !name.endsWith(".gradient")))));
  scores.set(runs.map((run) => run.scores.filter((/** @type {any} */ each) => each.split === "val").map(scoreSeries)));
  return bar.leave;
}
