// Makes samples of model.onnx in the browser, by onnxruntime-web in the folder runtime. Nothing leaves the page.
const SHOWN = 36;
const byId = (id) => document.getElementById(id);
const state = { classes: null, chosen: 0, z: [], y: [], busy: null, again: false };

// Numbers in [0, 1) from a seed: splitmix32.
function uniform(seed) {
  let a = seed | 0;
  return () => {
    a = (a + 0x9e3779b9) | 0;
    let t = a ^ (a >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    t ^= t >>> 15;
    return (t >>> 0) / 4294967296;
  };
}

// Standard normal numbers: Box and Muller 1958.
function normal(seed, count) {
  const draw = uniform(seed);
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()));
}

async function start() {
  const [ort, facts] = await Promise.all([import("./runtime/ort.wasm.min.mjs"), fetch("facts.json").then((file) => file.json())]);
  ort.env.wasm.numThreads = 1; // more need headers that few servers send
  ort.env.wasm.wasmPaths = new URL("./runtime/", location.href).href;
  const session = await ort.InferenceSession.create("model.onnx", { executionProviders: ["wasm"] });
  Object.assign(state, { ort, facts, session });
  byId("name").textContent = facts.name;
  document.title = facts.name;
  controls();
  document.querySelector("main").hidden = false;
  await fresh();
}

function controls() {
  const { facts } = state;
  byId("far").hidden = !facts.inputs.includes("truncation");
  const names = facts.classes.length ? ["all", ...facts.classes] : [];
  names.forEach((name, place) => {
    const button = Object.assign(document.createElement("button"), { textContent: name });
    button.setAttribute("aria-pressed", String(place === 0));
    button.onclick = () => {
      for (const other of byId("classes").children) other.setAttribute("aria-pressed", String(other === button));
      state.classes = place ? place - 1 : null;
      fresh();
    };
    byId("classes").append(button);
  });
  facts.directions.forEach((direction, number) => {
    const label = document.createElement("label");
    const slider = Object.assign(document.createElement("input"), { type: "range", min: -3, max: 3, step: 0.05, value: 0 });
    slider.oninput = () => redraw();
    label.append(`Direction ${number + 1}`, slider);
    byId("sliders").append(label);
  });
  for (let number = 0; number < SHOWN; number += 1) {
    const button = document.createElement("button");
    button.setAttribute("aria-label", `Sample ${number + 1}`);
    button.append(document.createElement("canvas"));
    button.onclick = () => { state.chosen = number; zero(); redraw(); };
    byId("grid").append(button);
  }
  byId("seed").onchange = fresh;
  byId("truncation").oninput = () => redraw(true);
  byId("again").onclick = () => { byId("seed").value = (Number(byId("seed").value) + 1) % 4294967296; fresh(); };
  byId("zero").onclick = () => { zero(); redraw(); };
}

function zero() {
  for (const slider of byId("sliders").querySelectorAll("input")) slider.value = 0;
}

async function fresh() {
  const { facts } = state;
  const size = facts.latent.reduce((a, b) => a * b, 1);
  state.z = normal(Number(byId("seed").value), SHOWN * size);
  state.y = Array.from({ length: SHOWN }, (_, i) => state.classes ?? i % Math.max(1, facts.classes.length));
  state.chosen = Math.min(state.chosen, SHOWN - 1);
  zero();
  await redraw(true);
}

// One computation at a time; what changes meanwhile is computed once more at its end.
async function redraw(all = false) {
  state.all = state.all || all;
  if (state.busy) { state.again = true; return state.busy; }
  state.busy = (async () => {
    do {
      state.again = false;
      const everything = state.all;
      state.all = false;
      if (everything) await grid();
      await one();
    } while (state.again);
  })().finally(() => { state.busy = null; });
  return state.busy;
}

async function made(z, y) {
  const { ort, facts, session } = state;
  const feeds = { z: new ort.Tensor("float32", z, [y.length, ...facts.latent]) };
  if (facts.inputs.includes("y")) feeds.y = new ort.Tensor("int64", BigInt64Array.from(y.map(BigInt)), [y.length]);
  if (facts.inputs.includes("truncation")) feeds.truncation = new ort.Tensor("float32", Float32Array.of(Number(byId("truncation").value)), [1]);
  return (await session.run(feeds, ["samples"])).samples;
}

async function grid() {
  const started = performance.now();
  const samples = await made(state.z, state.y);
  const seconds = (performance.now() - started) / 1000;
  [...byId("grid").children].forEach((button, number) => draw(button.firstChild, samples, number));
  byId("far").querySelector("output").textContent = byId("truncation").value;
  byId("about").textContent = `${SHOWN} samples in ${seconds.toFixed(2)} s, in this browser. Choose one to change it.`;
  document.body.dataset.made = String(Number(document.body.dataset.made ?? 0) + 1);
}

async function one() {
  const size = state.z.length / SHOWN;
  const z = state.z.slice(state.chosen * size, (state.chosen + 1) * size);
  [...byId("sliders").querySelectorAll("input")].forEach((slider, number) => {
    state.facts.directions[number].forEach((step, place) => { z[place] += step * Number(slider.value); });
  });
  draw(byId("one"), await made(z, [state.y[state.chosen]]), 0);
  [...byId("grid").children].forEach((button, number) => button.setAttribute("aria-pressed", String(number === state.chosen)));
}

// Sample `number` of a tensor [B, H, W, C] of bytes, or of numbers from facts.low to facts.high.
function draw(canvas, tensor, number) {
  const [, height, width, channels] = tensor.dims;
  const { low, high } = state.facts;
  const bytes = new ImageData(width, height);
  const from = number * height * width * channels;
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    for (let channel = 0; channel < 4; channel += 1) {
      const taken = channels >= 3 ? channel : 0;
      const opaque = channel === 3 && channels !== 4;
      const value = tensor.data[from + pixel * channels + taken];
      bytes.data[4 * pixel + channel] = opaque ? 255 : (255 * (value - low)) / (high - low);
    }
  }
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(bytes, 0, 0);
}

start().catch((error) => {
  byId("name").textContent = "The model cannot be loaded";
  const files = location.protocol === "file:" ? " Browsers load it from a server only: python3 -m http.server in this folder." : "";
  byId("about").textContent = `${error.message}.${files}`;
  byId("about").className = "trouble";
});
