// Many strides as few points: the median of each side, of the strides of one lap within a stretch of
// time.

import { lapFinder } from "./history.js";

function median(values) {
  if (!values.length) return null;
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/** Usable strides from `begin` on, with their lap and pace, in the order in which they came. */
export function usable(history, laps, outcome, begin) {
  const find = lapFinder(laps);
  const found = [];
  let aside = 0;
  for (let i = 0; i < history.length; i++) {
    if (history.t[i] < begin) continue;
    if (!history.usable[i]) {
      aside += 1;
      continue;
    }
    const [lap, pace] = find(history.t[i]);
    found.push({ side: history.side[i], t: history.t[i], value: history[outcome][i], lap, pace });
  }
  return { found, aside };
}

/** Groups in order of time: {t, lap, pace, left, right, count}. */
export function bins(strides, width) {
  const groups = new Map();
  for (const stride of strides) {
    const key = `${stride.lap} ${Math.floor(stride.t / width)}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { lap: stride.lap, pace: stride.pace, sum: 0, sides: [[], []] }));
    group.sides[stride.side].push(stride.value);
    group.sum += stride.t;
  }
  const points = [...groups.values()].map(({ lap, pace, sum, sides: [left, right] }) => {
    const count = left.length + right.length;
    return { t: sum / count, lap, pace, left: median(left), right: median(right), count };
  });
  return points.sort((a, b) => a.t - b.t);
}
