for (const pair of document.querySelectorAll(".pair")) {
  const input = pair.querySelector("input");
  const show = () => {
    const at = Number(input.value);
    pair.style.setProperty("--at", `${at}%`);
    pair.querySelector(".left").classList.toggle("hidden", at < 20);
    pair.querySelector(".right").classList.toggle("hidden", at > 80);
    input.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
  };
  input.addEventListener("input", show);
  show();
}
