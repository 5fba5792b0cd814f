"use strict";
for (const viewer of document.querySelectorAll(".viewer")) {
  const port = viewer.querySelector(".py");
  const split = viewer.querySelector(".split input");
  const blinker = viewer.querySelector(".blinker");
  const which = viewer.querySelector(".which");
  let timer = 0;
  viewer.querySelector(".controls").hidden = false;

  const slide = () => {
    const on = viewer.dataset.mode === "slide";
    port.querySelector("img").style.clipPath = on ? `inset(0 0 0 ${split.value}%)` : "";
    viewer.querySelector(".frames").style.setProperty("--split", `${split.value}%`);
    split.setAttribute("aria-valuetext", `C program up to ${split.value} percent of the width`);
  };
  const show = (hidden) => {
    port.classList.toggle("away", hidden);
    which.textContent = viewer.dataset.mode !== "blink" ? ""
      : hidden ? "C program" : "PyTorch port";
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    blinker.setAttribute("aria-pressed", "false");
    blinker.textContent = "Start blinking";
  };
  blinker.addEventListener("click", () => {
    if (timer) { stop(); return; }
    timer = setInterval(() => show(!port.classList.contains("away")), 600);
    blinker.setAttribute("aria-pressed", "true");
    blinker.textContent = "Stop blinking";
  });
  split.addEventListener("input", slide);
  for (const choice of viewer.querySelectorAll("input[type=radio]")) {
    choice.addEventListener("change", () => {
      viewer.dataset.mode = choice.value;
      stop();
      show(false);
      slide();
    });
  }
}
