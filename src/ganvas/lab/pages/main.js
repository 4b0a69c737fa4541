// @ts-check
// Which page is shown: the table of runs, the sandbox, or the run that the address names after #.

import { get, held } from "./api.js";
import { comparePage } from "./compare.js";
import { el } from "./dom.js";
import { explorerPage } from "./explorer.js";
import { runPage } from "./run.js";
import { runsPage } from "./runs.js";
import { sandboxPage } from "./sandbox.js";
import { language } from "./texts.js";
import { tourPage } from "./tour.js";

const page = /** @type {HTMLElement} */ (document.getElementById("page"));
let leave = () => {};
document.documentElement.lang = language;

async function show() {
  leave();
  leave = () => {};
  scrollTo(0, 0);
  try {
    if (held) {
      leave = await runPage(page, held.run.id);
      return;
    }
    const [hash, link = ""] = location.hash.slice(1).split("=");
    if (hash === "sandbox") {
      leave = await sandboxPage(page, link);
      return;
    }
    if (hash === "explore") {
      const [run, at = "auto"] = link.split(".");
      leave = await explorerPage(page, run, at);
      return;
    }
    if (hash === "tour") {
      leave = tourPage(page);
      return;
    }
    if (hash === "compare") {
      leave = await comparePage(page, link.split(",").slice(0, 2));
      return;
    }
    const all = await get("runs");
    const wanted = hash === "runs" ? "" : hash || (all.one && all.runs.length ? all.runs[0].id : "");
    leave = wanted ? await runPage(page, wanted, all.controls) : runsPage(page, all);
  } catch (error) {
    page.replaceChildren(el("main.trouble", { role: "alert" }, String(/** @type {Error} */ (error).message)));
  }
}

addEventListener("hashchange", show);
show();
