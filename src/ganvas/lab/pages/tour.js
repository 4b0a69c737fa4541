// @ts-check
// The tour: eight short chapters from the game to one's own data, each with something to do and something to see.

import { el } from "./dom.js";
import { navigation } from "./navigation.js";
import { toCopy } from "./panels.js";
import { texts } from "./texts.js";

/** Of each chapter: the set-up of the sandbox that it opens, or none, and its command. */
const CHAPTERS = [
  { setup: "game", command: "ganvas lab --sandbox game" },
  { setup: "optimal-discriminator", command: "ganvas lab --sandbox optimal-discriminator" },
  { setup: "vanishing-gradient", command: "ganvas lab --sandbox vanishing-gradient" },
  { setup: "mode-collapse", command: "ganvas lab --sandbox mode-collapse" },
  { setup: "mode-collapse-both", command: "ganvas lab --sandbox mode-collapse-both" },
  { setup: "", command: "ganvas train cgan --lab" },
  { setup: "oscillation-both", command: "ganvas eval runs/cgan" },
  { setup: "", command: "ganvas train --data my-pictures --minutes 10 --lab" },
];

/** @param {HTMLElement} page */
export function tourPage(page) {
  const said = texts.tour;
  document.title = `${said.title} · ${texts.lab}`;
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, texts.lab), navigation("tour"), el("span.soft", {}, said.lead)),
    el("main.tour", {}, ...CHAPTERS.map(({ setup, command }, at) => {
      const chapter = said.chapters[at];
      return el("article.card", { id: `chapter-${at + 1}` }, el("h2", {}, `${at + 1}. ${chapter.title}`), ...chapter.text.map((each) => el("p", {}, each)),
        el("p", {}, el("strong", {}, `${said.try} `), chapter.try), el("p", {}, el("strong", {}, `${said.see} `), chapter.see),
        el("div.buttons", {}, setup ? el("a.button", { href: `#sandbox=${setup}` }, said.open) : null, toCopy(command)));
    })));
  return () => {};
}
