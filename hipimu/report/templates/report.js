"use strict";
(() => {
  const PACES = ["easy", "fast", "other"];
  const NAMES = {
    peak_flexion: "flexion", peak_extension: "extension",
    pelvis_tilt: "pelvis tilt", pelvis_tilt_range: "tilt range",
  };
  const points = JSON.parse(document.getElementById("points").textContent);

  const clock = (t) => `${Math.floor(t / 60)}:${String(Math.floor(t % 60)).padStart(2, "0")}`;
  const degrees = (v) => v === null ? "unknown" : `${v.toFixed(1).replace("-", "\u2212")}°`;

  const paceOf = (v) => v > 0.1 ? ` (${clock(1000 / v)} min/km)` : "";

  // The points are in order of time: halve until the neighbours are found.
  const nearest = (times, t) => {
    let low = 0, high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] < t) low = middle; else high = middle;
    }
    return t - times[low] < times[high] - t ? low : high;
  };

  const told = (side, i, value) => {
    const own = points[side];
    const bout = own.bout[i] === null ? "between bouts" : `bout ${own.bout[i]}`;
    const many = own.per_point > 1 ? `, median of up to ${own.per_point}` : "";
    const shown = value.startsWith("pelvis")
      ? ["pelvis_tilt", "pelvis_tilt_range"] : ["peak_flexion", "peak_extension"];
    const numbers = shown.map((name) => `${NAMES[name]} ${degrees(own[name][i])}`).join(", ");
    const Side = side[0].toUpperCase() + side.slice(1);
    return `${Side} stride ${own.stride[i]}${many} at ${clock(own.t[i])}, ` +
      `${PACES[own.pace[i]]} pace${own.speed ? paceOf(own.speed[i]) : ""}, ${bout}: ${numbers}`;
  };

  const element = (name, parent) =>
    parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));

  const crosshair = (svg) => {
    const group = element("g", svg);
    group.setAttribute("class", "cross");
    const line = element("line", group), ring = element("circle", group);
    ring.setAttribute("r", 5);
    return (panel, x, y) => {
      line.setAttribute("x1", x); line.setAttribute("x2", x);
      line.setAttribute("y1", panel.y[0]); line.setAttribute("y2", panel.y[1]);
      ring.setAttribute("cx", x); ring.setAttribute("cy", y);
    };
  };

  const reader = (svg, readout) => {
    const panels = JSON.parse(svg.dataset.panels);
    let move = null, panel = panels[0], index = -1;

    const show = () => {
      const own = points[panel.side];
      move = move || crosshair(svg);
      const x = panel.x[0] + (own.t[index] - panel.t[0]) / (panel.t[1] - panel.t[0]) *
        (panel.x[1] - panel.x[0]);
      const y = panel.y[1] - (own[panel.value][index] - panel.v[0]) /
        (panel.v[1] - panel.v[0]) * (panel.y[1] - panel.y[0]);
      move(panel, x, y);
      readout.classList.add("told");
      readout.textContent = told(panel.side, index, panel.value);
    };
    const point = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY)
        .matrixTransform(svg.getScreenCTM().inverse());
      const hit = panels.find((p) =>
        at.x >= p.x[0] - 4 && at.x <= p.x[1] && at.y >= p.y[0] - 8 && at.y <= p.y[1] + 8);
      if (!hit) return;
      panel = hit;
      const share = (at.x - panel.x[0]) / (panel.x[1] - panel.x[0]);
      index = nearest(points[panel.side].t, panel.t[0] + share * (panel.t[1] - panel.t[0]));
      show();
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    return (step) => {
      const last = points[panel.side].t.length - 1;
      index = Math.max(0, Math.min(last, index < 0 ? 0 : index + step));
      show();
    };
  };

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 25, PageUp: -25 };
  for (const plot of document.querySelectorAll("[data-readable]")) {
    const readout = plot.parentElement.querySelector(".readout");
    readout.hidden = false;
    const steps = [...plot.querySelectorAll("svg")].map((svg) => [svg, reader(svg, readout)]);
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", "Chart: arrow keys read the strides one by one");
    plot.addEventListener("focus", () => readout.setAttribute("aria-live", "polite"));
    plot.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      steps.find(([svg]) => getComputedStyle(svg).display !== "none")[1](step);
    });
  }
})();
