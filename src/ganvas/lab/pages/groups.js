// @ts-check
// Runs whose configuration differs in the seed alone are one row of the table, which opens.

import { el, short } from "./dom.js";
import { texts } from "./texts.js";

/** @typedef {{key: string, runs: any[]}} Group  of one run, or of several with different seeds */

/** Groups in the order of their first runs. @param {any[]} runs  @returns {Group[]} */
export function grouped(runs) {
  /** @type {Map<string, any[]>} */
  const byKey = new Map();
  for (const run of runs) byKey.set(run.group ?? run.id, [...(byKey.get(run.group ?? run.id) ?? []), run]);
  return [...byKey].flatMap(([key, list]) => {
    const isGroup = new Set(list.map((each) => each.seed)).size > 1;
    return isGroup ? [{ key, runs: list }] : list.map((run) => ({ key: run.id, runs: [run] }));
  });
}

/** Mean and standard deviation (of n - 1) of the best scores of finished runs; null below two. @param {any[]} runs */
export function spread(runs) {
  const values = /** @type {number[]} */ (runs.filter((run) => run.state === "finished" && (run.best ?? null) !== null).map((run) => run.best));
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)), n: values.length };
}

/** The row of a group. @param {Group} group  @param {boolean} isOpen  @param {() => void} onToggle */
export function groupRow(group, isOpen, onToggle) {
  const said = texts.groups, found = spread(group.runs);
  const seeds = group.runs.map((run) => run.seed).sort((a, b) => Number(a) - Number(b)).join(", ");
  const counts = (/** @type {string} */ field, /** @type {(name: string) => string} */ name) => {
    const values = group.runs.map((run) => run[field]).filter((value) => value);
    return [...new Set(values)].map((value) => `${values.filter((each) => each === value).length} × ${name(value)}`).join(", ") || "–";
  };
  /** @type {Record<string, string>} */
  const states = texts.states;
  return el("tr.seeds", {},
    el("td"), el("td.soft.number", {}, said.runs(group.runs.length)),
    el("th", { scope: "row" }, el("button.expand", { type: "button", id: `group-${group.key}`, "aria-expanded": String(isOpen), onclick: onToggle }, said.title(group.runs[0].name)), el("div.soft", {}, said.seeds(seeds))),
    el("td.soft", {}, counts("state", (name) => states[name] ?? name)), el("td"),
    el("td", {}, found ? el("div.mean", {}, `${group.runs[0].score} ${short(found.mean)} ± ${short(found.deviation)}`) : el("span.soft", {}, "–"), found ? el("div.soft", {}, said.mean(found.n)) : null),
    el("td.soft", {}, counts("grade", (name) => name)));
}
