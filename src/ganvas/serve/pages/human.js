// Shows one picture, or a pair, at a time and sends the answers. Only the server knows which are real.
"use strict";

const READY_MS = 500; // a cross that says where to look, before a timed picture
const FRAME_MS = 8; // half a frame: a timed picture goes with the frame that is nearest to its end
const LARGEST = 480; // CSS pixels
const at = (id) => document.getElementById(id);
const words = {
  "real or fake": {
    title: "Real or fake?",
    task: (n) => `You will see ${n} pictures, one after the other. Half of them are real, half were made by a network, in random order. Decide for each whether it is real or fake.`,
    question: "Is this picture real or fake?",
    answers: ["Fake", "Real"],
    alt: () => "The picture to rate",
    meaning: "At 50 % wrong answers people cannot distinguish the network's pictures from real ones; at 0 % they always can.",
  },
  "pairs": {
    title: "Which picture is more realistic?",
    task: (n) => `You will see ${n} pairs of pictures. Choose in each pair the picture that is more realistic to you, even if both have faults.`,
    question: "Which picture is more realistic?",
    answers: ["Left", "Right"],
    alt: (side) => (side ? "The right picture" : "The left picture"),
    meaning: "At 50 % neither of the two runs is preferred.",
  },
};
const names = {
  human_error: "Wrong answers",
  human_error_on_fakes: "Fakes rated as real",
  human_error_on_reals: "Reals rated as fake",
  win_rate: "The run's picture preferred",
};

let state; // as the server says
let open = false; // whether an answer is awaited
let onset = 0; // when the picture came
let displayed = null; // milliseconds that a timed picture stood

const wait = (ms) => new Promise((go) => setTimeout(go, ms));
const frame = () => new Promise(requestAnimationFrame);

function trouble(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = !text;
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("ganvas was stopped. Your answers are saved. Start another session from the command line.");
  }
  if (!answer.ok && answer.status !== 409) throw new Error(await answer.text());
  return answer;
}

function guarded(work) {
  return async (...all) => {
    try {
      await work(...all);
    } catch (error) {
      trouble(error.message);
    }
  };
}

function show(section) {
  for (const id of ["welcome", "trial", "result"]) at(id).hidden = id !== section;
}

function fit() {
  const [width, height] = state.size;
  const frames = [...document.querySelectorAll(".frame")];
  const room = Math.min(LARGEST, (at("stage").clientWidth - 40 * (frames.length - 1)) / frames.length - 8);
  const scale = Math.min(room / width, Math.min(LARGEST, 0.5 * innerHeight) / height);
  const dots = window.devicePixelRatio || 1;
  const whole = Math.floor(scale * dots) / dots; // each pixel becomes the same number of the screen's
  for (const each of frames) {
    each.style.width = `${width * (whole || scale)}px`;
    each.style.height = `${height * (whole || scale)}px`;
    for (const image of each.children) image.classList.toggle("smooth", !whole);
  }
}

async function image(path, kind, alt) {
  const picture = new Image();
  const url = URL.createObjectURL(await (await ask(path)).blob());
  picture.src = url;
  await picture.decode();
  URL.revokeObjectURL(url);
  picture.className = kind;
  picture.alt = alt;
  picture.draggable = false;
  return picture;
}

async function build() {
  const sides = state.mode === "pairs" ? [0, 1] : [0];
  const frames = [];
  for (const side of sides) {
    const box = document.createElement("div");
    box.className = "frame";
    box.append(await image(`picture/${state.place}/${side}`, "picture", words[state.mode].alt(side)));
    if (state.milliseconds) box.append(await image("mask", "mask", ""));
    frames.push(box);
  }
  at("stage").replaceChildren(...frames);
  fit();
  return frames;
}

async function next() {
  at("count").textContent = `${state.place + 1} of ${state.n}`;
  at("bar").value = state.place / state.n;
  const frames = await build();
  const all = (what) => frames.forEach((each) => { each.dataset.shows = what; });
  displayed = null;
  if (state.milliseconds) {
    all("ready");
    await wait(READY_MS);
    onset = await frame();
    all("picture");
    let now = onset;
    while (now - onset < state.milliseconds - FRAME_MS) now = await frame();
    all("mask");
    displayed = now - onset;
  } else {
    all("picture");
    onset = await frame();
  }
  expect(true);
}

function expect(answer) {
  open = answer;
  for (const side of ["left", "right"]) at(side).setAttribute("aria-disabled", !answer); // focus stays where it is
}

async function choose(side) {
  if (!open) return;
  expect(false);
  const response = { place: state.place, answer: state.choices[side], milliseconds: Math.max(0, performance.now() - onset), displayed };
  try {
    state = await (await ask("answer", { method: "POST", body: JSON.stringify(response) })).json();
  } catch (error) {
    expect(true);
    throw error;
  }
  trouble("");
  if (state.result) return finish();
  await next();
}

function interval(rate) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const add = (kind, attributes, text = "") => {
    const node = document.createElementNS(space, kind);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.textContent = text;
    svg.append(node);
  };
  const x = (share) => `${100 * share}%`;
  svg.setAttribute("aria-hidden", "true");
  add("line", { class: "axis", x1: 0, x2: "100%", y1: 10, y2: 10 });
  add("line", { class: "half", x1: "50%", x2: "50%", y1: 2, y2: 18 });
  add("line", { class: "span", x1: x(rate.low), x2: x(rate.high), y1: 10, y2: 10 });
  add("circle", { class: "dot", cx: x(rate.value), cy: 10, r: 5 });
  add("text", { x: 0, y: 30 }, "0 %");
  add("text", { x: "50%", y: 30, "text-anchor": "middle" }, "50 %");
  add("text", { x: "100%", y: 30, "text-anchor": "end" }, "100 %");
  return svg;
}

function finish() {
  const rates = state.result.flatMap((rate) => {
    const [term, value, number, rest] = ["dt", "dd", "strong", "span"].map((kind) => document.createElement(kind));
    term.textContent = names[rate.name] ?? rate.name;
    number.textContent = `${(100 * rate.value).toFixed(0)} %`;
    rest.textContent = `of ${rate.n}; 95\u00a0% interval ${(100 * rate.low).toFixed(0)} to ${(100 * rate.high).toFixed(0)}\u00a0%`;
    value.append(number, rest, interval(rate));
    return [term, value];
  });
  at("rates").replaceChildren(...rates);
  at("meaning").textContent = words[state.mode].meaning;
  show("result");
  at("done").focus();
}

async function begin() {
  show("trial");
  await next();
}

async function welcome() {
  state = await (await ask("state")).json();
  if (state.result) return finish();
  const text = words[state.mode];
  document.title = `${text.title} · ganvas`;
  at("title").textContent = text.title;
  at("task").textContent = text.task(state.n - state.place);
  at("manner").textContent = state.milliseconds
    ? `Look at the cross: each picture is shown for ${state.milliseconds} milliseconds and is then covered. Answer when it is covered, by click, tap or the arrow keys ←\u00a0→.`
    : "Take the time you need. Answer by click, tap or the arrow keys ←\u00a0→.";
  at("question").textContent = text.question;
  document.querySelectorAll("#answers .word").forEach((word, side) => { word.textContent = text.answers[side]; });
  show("welcome");
  at("start").focus();
}

at("start").addEventListener("click", guarded(begin));
at("left").addEventListener("click", guarded(() => choose(0)));
at("right").addEventListener("click", guarded(() => choose(1)));
addEventListener("keydown", guarded(async (event) => {
  const side = ["ArrowLeft", "ArrowRight"].indexOf(event.key);
  if (side < 0 || event.repeat || event.ctrlKey || event.altKey || event.metaKey || at("trial").hidden) return;
  event.preventDefault();
  await choose(side);
}));
addEventListener("resize", () => { if (state && !at("trial").hidden) fit(); });
expect(false);
guarded(welcome)();
