// @ts-check
// Which page is shown: the table of runs, or the run that the address names after #.

import { get } from "./api.js";
import { el } from "./dom.js";
import { runPage } from "./run.js";
import { runsPage } from "./runs.js";

const page = /** @type {HTMLElement} */ (document.getElementById("page"));
let leave = () => {};

async function show() {
  leave();
  leave = () => {};
  try {
    const all = await get("runs");
    const wanted = location.hash.slice(1) || (all.one && all.runs.length ? all.runs[0].id : "");
    leave = wanted ? await runPage(page, wanted, all.one) : runsPage(page, all);
  } catch (error) {
    page.replaceChildren(el("main.trouble", { role: "alert" }, String(/** @type {Error} */ (error).message)));
  }
}

addEventListener("hashchange", show);
show();
