// @ts-check
// The two doors of the lab.

import { el } from "./dom.js";
import { texts } from "./texts.js";

/** @param {"runs" | "sandbox" | ""} here */
export const navigation = (here) => el("nav", { "aria-label": texts.lab },
  el("a", { href: "#runs", "aria-current": here === "runs" ? "page" : null }, texts.runs),
  el("a", { href: "#sandbox", "aria-current": here === "sandbox" ? "page" : null }, texts.sandbox.title));
