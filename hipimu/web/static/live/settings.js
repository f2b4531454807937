// What this phone's owner likes; it survives a reload. Where storage is forbidden, it does not.

const KEY = "hipimu.live";
const BASE = { theme: "auto", units: "km", screen: true, outcome: "peak_flexion", view: "now", span: "all" };

function read(storage) {
  try {
    return JSON.parse(storage().getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(storage, values) {
  try {
    storage().setItem(KEY, JSON.stringify(values));
  } catch {
    // Private windows may forbid it.
  }
}

const lasting = () => window.localStorage;
const passing = () => window.sessionStorage;

export const settings = { ...BASE, ...read(lasting) };

export function change(name, value) {
  settings[name] = value;
  write(lasting, settings);
  document.dispatchEvent(new CustomEvent("setting", { detail: name }));
}

/** What only holds while this tab is open: sound, the last cue heard. */
export const tab = read(passing);

export function remember(name, value) {
  tab[name] = value;
  write(passing, tab);
}
