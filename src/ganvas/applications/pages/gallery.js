for (const pair of document.querySelectorAll(".pair")) {
  const input = pair.querySelector("input");
  const show = () => {
    const at = Number(input.value);
    pair.style.setProperty("--at", `${at}%`);
    pair.querySelector(".left").classList.toggle("hidden", at < 20);
    pair.querySelector(".right").classList.toggle("hidden", at > 80);
    input.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
  };
  const drag = (event) => {
    const box = pair.getBoundingClientRect();
    input.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
    show();
  };
  input.addEventListener("input", show);
  input.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      event.preventDefault();
      input.focus({ focusVisible: false });
      input.setPointerCapture(event.pointerId);
      drag(event);
    }
  });
  input.addEventListener("pointermove", (event) => {
    if (input.hasPointerCapture(event.pointerId)) drag(event);
  });
  show();
}
