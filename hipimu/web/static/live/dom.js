// Writes to the page only what differs from what is there.

const written = new WeakMap();

export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

function changed(node, key, value) {
  let known = written.get(node);
  if (!known) written.set(node, (known = {}));
  if (known[key] === value) return false;
  known[key] = value;
  return true;
}

export function put(node, text) {
  if (changed(node, "text", text)) node.textContent = text;
}

export function set(node, attribute, value) {
  if (!changed(node, "@" + attribute, value)) return;
  if (value === null || value === false) node.removeAttribute(attribute);
  else node.setAttribute(attribute, value === true ? "" : value);
}

export function style(node, property, value) {
  if (changed(node, "." + property, value)) node.style.setProperty(property, value);
}

export const show = (node, shown) => set(node, "hidden", !shown);

/** An element with a class, a text and children, to be appended. */
export function make(tag, className = "", text = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

/** As many children as there are items: those that are there stay. */
export function fill(parent, items, makeOne, write) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  items.forEach((item, i) => {
    write(parent.children[i] ?? parent.appendChild(makeOne(item)), item);
  });
}

/** A group of buttons with `aria-pressed`, of which one is chosen. */
export function choose(group, value) {
  for (const button of all("button", group)) {
    set(button, "aria-pressed", String(button.value === value));
  }
}

export function onChoice(group, chosen) {
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) chosen(button.value);
  });
}

/** A colour of the present theme, by the name of its property. */
export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
