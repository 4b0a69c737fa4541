// @ts-check
// What a run page says in words: state, findings, checkpoints, configuration, log.

import { held } from "./api.js";
import { el, short, whole } from "./dom.js";
import { forkButton } from "./fork.js";
import { texts } from "./texts.js";

/** @param {number} seconds */
function duration(seconds) {
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${String(rounded % 60).padStart(2, "0")} s`;
  return `${Math.floor(rounded / 3600)} h ${String(Math.floor((rounded % 3600) / 60)).padStart(2, "0")} min`;
}

/** @param {string} text */
function copyButton(text) {
  const button = el("button.copy", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = texts.copied;
    setTimeout(() => { button.textContent = texts.copy; }, 1500);
  } }, texts.copy);
  return button;
}

/** @param {string} command */
export const toCopy = (command) => el("div.command", {}, el("code", {}, command), copyButton(command));

/** The state, the progress and the grade of a run.
 * @param {any} run
 * @param {number} seen
 */
export function headline(run, seen) {
  /** @type {Record<string, string>} */
  const states = texts.states;
  const rate = run.speed.values.samples_per_second?.at(-1) ?? null;
  const words = [texts.of(whole(seen), whole(run.total))];
  if (run.state === "training" && rate) {
    words.push(texts.speed(short(rate)), texts.left(duration((run.total - seen) / rate)));
  }
  const progress = el("progress", { max: Math.max(1, run.total), value: seen, "aria-label": words[0] });
  return el("div.headline", {},
    el(`span.state.${run.state || "unknown"}`, {}, states[run.state] ?? run.state), progress, el("span", {}, words.join(" · ")),
    run.grade ? el("span", {}, el(`span.grade.${run.grade.name}`, {}, run.grade.name), ` ${run.grade.text}`) : null);
}

/** The doctor's findings up to now; the last one is first.
 * @param {any} run
 * @param {import("./clock.js").Clock} clock
 */
export function findingsCard(run, clock) {
  const items = [...run.findings].reverse().map((/** @type {any} */ each) => el(each.passed === null ? "li" : "li.soft", {},
    el("button.link", { type: "button", onclick: () => clock.set(each.samples) }, whole(each.samples)), " ",
    el("strong", {}, each.name), ` ${each.message} `,
    each.passed === null ? null : el("em", {}, texts.passed(whole(each.passed))),
    each.remedy ? el("div.remedy", {}, `${texts.try} `, el("code", {}, each.remedy), copyButton(each.remedy)) : null));
  return el("section.card", {}, el("h2", {}, texts.findings), items.length ? el("ul.findings", {}, ...items) : el("p.soft", {}, texts.healthy));
}

/** @param {string} id  @param {string} title  @param {Node} content */
export const folded = (id, title, content) => el("details.card", { id }, el("summary", {}, title), content);

/** A word of a command, quoted where a shell needs it. @param {string} text */
export const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** @param {any} run  @param {import("./clock.js").Clock} clock  @param {boolean} [controlled]  whether the page may begin runs */
export function factsCards(run, clock, controlled = false) {
  const checkpoints = [...run.checkpoints].reverse().map((/** @type {number} */ samples) => el("li", {},
    el("button.link", { type: "button", onclick: () => clock.set(samples) }, whole(samples)), ` ${texts.sampleHere} `,
    held ? null : el("a", { href: `#explore=${run.id}.${samples}` }, texts.explorer.here), " ", controlled ? forkButton(run, samples) : null, toCopy(`ganvas sample ${quoted(run.path)} --at ${samples} -o grid.png`)));
  return [
    folded("checkpoints", texts.checkpoints, el("div", {}, run.chosen ? el("p", {}, run.chosen.reason) : null,
      run.checkpoints.length ? el("div.from", {}, texts.fork.command, toCopy(`ganvas train --init-from ${quoted(run.path)} --init-at ${run.chosen?.samples ?? run.checkpoints.at(-1)}`)) : null, el("ul.plain", {}, ...checkpoints))),
    folded("config", texts.config, el("pre", { tabindex: 0 }, run.config ?? "")),
    folded("environment", texts.environment, el("pre", { tabindex: 0 }, JSON.stringify(run.environment, null, 1) ?? "")),
    folded("log", texts.log, el("pre", { tabindex: 0 }, run.log.join("\n"))),
  ];
}
