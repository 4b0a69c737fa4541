// @ts-check
// What differs between the settings of two runs.

import { el } from "./dom.js";
import { texts } from "./texts.js";

/** @param {string[]} names  of the two runs  @param {Record<string, string>[]} settings  JSON of each value, by its path */
export function differencesTable(names, settings) {
  const paths = [...new Set(settings.flatMap((each) => Object.keys(each)))].filter((path) => settings[0][path] !== settings[1][path]);
  if (!paths.length) return el("p.soft", {}, texts.differences.none);
  return el("div.scroll", {}, el("table.score-table.differences", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, texts.differences.setting), ...names.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...paths.map((path) => el("tr", {}, el("th", { scope: "row" }, path), ...settings.map((each) => el("td", {}, each[path] ?? "–")))))));
}
