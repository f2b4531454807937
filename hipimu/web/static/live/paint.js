// The chart's strides and their medians, on uPlot's canvas.

import { colour } from "./dom.js";
import { PACES } from "./history.js";

const SIDES = ["left", "right"];
const FEW = 1200;
const DASH = [6, 4];
/** A line over a longer hole would tell of strides that were not there. */
const HOLE_BINS = 4;
const HOLE_S = 15;

export function paint(plot, { strides, points, width }) {
  const { ctx, bbox } = plot;
  const at = transform(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const pace of PACES) {
    ctx.strokeStyle = ctx.fillStyle = colour(pace);
    dots(ctx, at, strides.filter((stride) => stride.pace === pace), strides.length <= FEW);
    SIDES.forEach((side) => line(ctx, at, runs(points, side, pace, width), side));
  }
  ctx.restore();
}

/** Both scales are straight: two values tell the rest, without a call for each stride. */
function transform(plot) {
  const [x0, x1] = [0, 1].map((v) => plot.valToPos(v, "x", true));
  const [y0, y1] = [0, 1].map((v) => plot.valToPos(v, "y", true));
  return { x: (t) => x0 + t * (x1 - x0), y: (v) => y0 + v * (y1 - y0), px: devicePixelRatio };
}

/** Left filled, right hollow; of very many only a speck each. */
function dots(ctx, { x, y, px }, strides, few) {
  const size = (few ? 3 : 1.5) * px;
  ctx.globalAlpha = few ? 0.4 : 0.25;
  ctx.lineWidth = px;
  for (const { side, t, value } of strides) {
    const [left, top] = [x(t) - size / 2, y(value) - size / 2];
    if (side && few) ctx.strokeRect(left, top, size, size);
    else ctx.fillRect(left, top, size, size);
  }
  ctx.globalAlpha = 1;
}

/** Stretches of one side at one pace that belong together. */
function runs(points, side, pace, width) {
  const found = [];
  let before = null;
  for (const point of points) {
    if (point.pace !== pace || point[side] === null) continue;
    const joins = before && before.lap === point.lap && point.t - before.t <= Math.max(HOLE_S, HOLE_BINS * width);
    if (!joins) found.push([]);
    found.at(-1).push([point.t, point[side]]);
    before = point;
  }
  return found;
}

function line(ctx, { x, y, px }, stretches, side) {
  const path = new Path2D();
  for (const stretch of stretches) {
    stretch.forEach(([t, value], i) => (i ? path.lineTo(x(t), y(value)) : path.moveTo(x(t), y(value))));
  }
  ctx.lineJoin = "round";
  halo(ctx, path, 5 * px);
  ctx.lineWidth = 2.5 * px;
  ctx.setLineDash(side === "right" ? DASH.map((part) => part * px) : []);
  ctx.stroke(path);
  ctx.setLineDash([]);
  ends(ctx, { x, y, px }, stretches, side);
}

/** So that the line stands out from the strides about it. */
function halo(ctx, path, width) {
  ctx.save();
  ctx.strokeStyle = colour("paper");
  ctx.lineWidth = width;
  ctx.stroke(path);
  ctx.restore();
}

/** A marker where each stretch begins and ends: left a disc, right a hollow square. */
function ends(ctx, { x, y, px }, stretches, side) {
  const r = 3.5 * px;
  for (const stretch of stretches) {
    for (const [t, value] of new Set([stretch[0], stretch.at(-1)])) {
      ctx.beginPath();
      if (side === "left") ctx.arc(x(t), y(value), r, 0, 2 * Math.PI);
      else ctx.rect(x(t) - r, y(value) - r, 2 * r, 2 * r);
      side === "left" ? ctx.fill() : ctx.stroke();
    }
  }
}
