// @ts-check
// Slow motion: the numbered stages of the discriminator's and the generator's turn, with what each one found.

import { el, short } from "./dom.js";
import { texts } from "./texts.js";

const STAGES = ["noise", "samples", "verdicts", "loss", "update"], AUTO_MS = 2500;

export class Slow {
  /** @param {(side: number) => void} onStage  asks for the next stage of a game  @param {() => void} onLeave  finishes the round */
  constructor(onStage, onLeave) {
    const onNext = () => onStage(this.side);
    this.onNext = onNext;
    this.side = 0; // of the game that is shown
    this.tabs = el("div.tabs", { role: "group", "aria-label": texts.sandbox.slowWhich, hidden: true }, ...["A", "B"].map((name, place) => el("button", { type: "button", id: `slow-${name}`, onclick: () => {
      this.side = place;
      onNext();
    } }, texts.sandbox.game(name))));
    this.timer = 0;
    this.list = el("div.stages", { "aria-live": "polite" });
    this.auto = el("button", { type: "button", onclick: () => (this.timer ? this.stop() : this.run()) }, texts.sandbox.auto);
    this.element = el("section.card.slow", { hidden: true }, el("h2", {}, texts.sandbox.slow),
      el("div.buttons", {}, el("button.play", { type: "button", id: "next-stage", onclick: onNext }, texts.sandbox.next), this.auto,
        el("button", { type: "button", id: "leave-slow", onclick: () => { this.close(); onLeave(); } }, texts.sandbox.leaveSlow)),
      el("p.hint", {}, texts.sandbox.slowHint), this.tabs, this.list);
  }

  run() {
    this.auto.textContent = texts.pause;
    this.timer = setInterval(this.onNext, AUTO_MS);
    this.onNext();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.auto.textContent = texts.sandbox.auto;
  }

  close() {
    this.stop();
    this.element.hidden = true;
  }

  /** How many games there are. @param {number} count */
  games(count) {
    this.tabs.hidden = count < 2;
    if (this.side >= count) this.side = 0;
  }

  /** @param {any} stage  @param {number} latent  numbers of one point of the noise */
  show(stage, latent) {
    this.element.hidden = false;
    this.side = stage.side;
    [...this.tabs.children].forEach((each, place) => each.setAttribute("aria-pressed", String(place === this.side)));
    const who = stage.players.length > 1 ? "both" : stage.players[0];
    const numbers = {
      noise: () => texts.sandbox.found.noise(stage.noise.length / latent, latent),
      samples: () => texts.sandbox.found.samples(stage.fake.length / 2),
      verdicts: () => texts.sandbox.found.verdicts(short(stage.real_logit), short(stage.fake_logit)),
      loss: () => texts.sandbox.found.loss(short(stage.value)),
      update: () => texts.sandbox.found.update(short(stage.gradient)),
    };
    const turns = ["D", "G"].map((player) => el("div", {}, el("h3", {}, texts.sandbox.turnOf(player)),
      who !== player && who !== "both" ? null : el("ol", {}, ...STAGES.map((name) => {
        const isNow = name === stage.stage && (who === player || who === "both");
        return el(isNow ? "li.now" : "li", isNow ? { "aria-current": "step", "data-stage": `${player}.${name}` } : {},
          texts.sandbox.stages[player][name], isNow ? el("strong.found", {}, numbers[/** @type {keyof typeof numbers} */ (name)]()) : null);
      }))));
    this.list.replaceChildren(...turns);
  }
}
