// @ts-check
// The table of runs.

import { get } from "./api.js";
import { el, short, whole } from "./dom.js";
import { grouped, groupRow } from "./groups.js";
import { navigation } from "./navigation.js";
import { noteFilter, noteLine } from "./notes.js";
import { texts } from "./texts.js";

const AGAIN_MS = 5000;

/** What a column sorts by. @type {Record<string, (run: any) => string | number>} */
const ORDERS = {
  name: (run) => run.name,
  state: (run) => run.state,
  samples: (run) => run.samples ?? -1,
  score: (run) => run.values?.findLast((/** @type {number | null} */ value) => value !== null) ?? Infinity,
  grade: (run) => ["failed", "poor", "usable", "good"].indexOf(run.grade),
};
/** @param {string | number} a  @param {string | number} b */
const compared = (a, b) => (typeof a === "string" ? a.localeCompare(String(b)) : a === b ? 0 : a < Number(b) ? -1 : 1);

/** @param {(number | null)[]} values */
function sparkline(values) {
  const known = /** @type {number[]} */ (values.filter((value) => value !== null));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  if (known.length > 1) {
    const low = Math.min(...known), high = Math.max(...known);
    const place = (/** @type {number} */ value, /** @type {number} */ at) =>
      `${(at / (known.length - 1)) * 96 + 2},${22 - ((value - low) / (high - low || 1)) * 20}`;
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", known.map(place).join(" "));
    svg.append(line);
  }
  return svg;
}

/** @param {any} run  @param {Set<string>} marked  @param {() => void} onMark  @param {HTMLElement} note  @param {boolean} isMember  of a group */
function row(run, marked, onMark, note, isMember) {
  const mark = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", "aria-label": texts.mark(run.name), onchange: () => {
    mark.checked ? marked.add(run.id) : marked.delete(run.id);
    onMark();
  } }));
  mark.checked = marked.has(run.id);
  const sheet = run.sheet
    ? el("img.thumb", { src: `runs/${run.id}/samples/${run.sheet}`, alt: texts.sheetAlt(whole(run.samples)), loading: "lazy" })
    : el("span.soft", {}, "–");
  const known = run.values?.filter((/** @type {number | null} */ value) => value !== null) ?? [];
  const score = known.length
    ? el("div", {}, `${run.score} ${short(known[known.length - 1])}`, run.error === null ? null : el("span.soft", {}, ` ± ${short(run.error)}`))
    : el("span.soft", {}, "–");
  /** @type {Record<string, string>} */
  const states = texts.states;
  return el(isMember ? "tr.member" : "tr", {},
    el("td", {}, mark), el("td", {}, sheet),
    el("th", { scope: "row" }, el("a", { href: `#${run.id}` }, run.name), isMember ? el("span.soft", {}, ` ${texts.groups.seeds(run.seed)}`) : null, note),
    el("td", {}, el(`span.state.${run.state || "unknown"}`, {}, states[run.state] ?? run.state)),
    el("td.number", {}, run.fault ? texts.unreadable + run.fault : `${whole(run.samples)} / ${whole(run.total)}`),
    el("td", {}, score, sparkline(known)),
    el("td", {}, run.grade ? el(`span.grade.${run.grade}`, {}, run.grade) : el("span.soft", {}, "–")));
}

/**
 * @param {HTMLElement} page
 * @param {any} all
 */
export function runsPage(page, all) {
  document.title = `${texts.runs} · ${texts.lab}`;
  const body = el("tbody"), marked = /** @type {Set<string>} */ (new Set());
  const compare = el("a.compare", { hidden: true }, texts.compare), hint = el("span.soft", {}, texts.compareHint);
  const onMark = () => {
    compare.hidden = marked.size !== 2;
    hint.hidden = marked.size === 2;
    compare.setAttribute("href", `#compare=${[...marked].join(",")}`);
  };
  let found = all, by = "", down = false;
  const heads = Object.entries(texts.columns).map(([name, text]) => {
    const order = ORDERS[name];
    const sort = () => {
      down = by === name ? !down : order !== ORDERS.name && order !== ORDERS.state;
      by = name;
      fill(found);
    };
    return el("th", { scope: "col", "data-column": name }, name in ORDERS ? el("button.sort", { type: "button", onclick: sort }, text) : text);
  });
  const open = /** @type {Set<string>} */ (new Set()), filter = noteFilter(() => fill(found));
  const again = () => get("runs").then(fill).catch(() => {});
  const toggle = (/** @type {string} */ key) => {
    open.has(key) ? open.delete(key) : open.add(key);
    fill(found);
  };
  const lines = (/** @type {any} */ run, isMember = false) => row(run, marked, onMark, noteLine(run, found.controls ? again : null, filter.toggle), isMember);
  const fill = (/** @type {any} */ now) => {
    found = now;
    const focused = document.activeElement?.id;
    const runs = [...filter.apply(found.runs)].sort((a, b) => (b.begun ?? 0) - (a.begun ?? 0)); // the newest first, if nothing was chosen
    if (by) runs.sort((a, b) => compared(ORDERS[by](a), ORDERS[by](b)) * (down ? -1 : 1));
    for (const head of heads) head.setAttribute("aria-sort", head.dataset.column !== by ? "none" : down ? "descending" : "ascending");
    body.replaceChildren(...grouped(runs).flatMap((group) => {
      if (group.runs.length === 1) return [lines(group.runs[0])];
      const isOpen = open.has(group.key);
      return [groupRow(group, isOpen, () => toggle(group.key)), ...(isOpen ? group.runs.map((run) => lines(run, true)) : [])];
    }));
    if (!runs.length) body.append(el("tr", {}, el("td.soft", { colspan: heads.length }, found.runs.length ? texts.notes.none : texts.noRuns)));
    if (focused) document.getElementById(focused)?.focus(); // the table was made again
  };
  fill(all);
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, texts.lab), navigation("runs"), el("span.soft", {}, all.root)),
    el("main", {}, el("section.card", {}, el("p", {}, compare, hint), filter.element, el("div.scroll", {}, el("table.runs", {}, el("thead", {}, el("tr", {}, ...heads)), body)))));
  const timer = setInterval(again, AGAIN_MS);
  return () => clearInterval(timer);
}
