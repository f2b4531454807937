// After the run: the sentence, the report, and what was kept.

import { $, put, set, show } from "./dom.js";
import { clock, whole } from "./words.js";

const WORDS = { finishing: "Saving and analysing …", done: "The run is saved", failed: "Something went wrong" };
const SAID = { finishing: "Every packet is on the computer's disk already. This takes a moment.", done: "", failed: "" };

const said = ({ phase, ended, so_far: soFar }) => ended || SAID[phase] || soFar;

export function drawEnd(state, up) {
  put($("#end-word"), WORDS[state.phase]);
  set($("#end"), "data-phase", state.phase);
  put($("#end-said"), said(state));
  show($("#end-busy"), state.phase === "finishing");
  show($("#report"), state.report && up);
  put($("#saved-name"), state.run_name);
  put($("#saved-time"), clock(state.t_s));
  put($("#saved-strides"), whole(state.running_strides));
  put($("#saved-laps"), String(state.laps.length));
}
