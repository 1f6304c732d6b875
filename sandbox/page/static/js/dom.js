// Builds DOM nodes. Text from outside only ever becomes text here: nothing parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** A node: `h("p", { class: "a", onclick: f, "aria-label": "b" }, "text", node)`. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) assign(node, key, value);
  node.append(...solid(children));
  return node;
}

function assign(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function" && key.startsWith("on")) {
    node.addEventListener(key.slice(2), value);
  } else if (key === "class") node.className = value;
  else if (key === "data") Object.assign(node.dataset, value);
  else if (key === "value" || key === "checked") node[key] = value;
  else node.setAttribute(key, value === true ? "" : String(value));
}

/** Children without the empty ones, nested lists flattened. */
export function solid(children) {
  return children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false);
}

/** A line icon drawn from the path data in icons.js. */
export function svg(path, size = 20) {
  const node = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", focusable: "false",
  })) node.setAttribute(key, value);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  node.append(line);
  return node;
}

/**
 * Make `parent` hold `wanted`, keeping each node that is already equal.
 * A message that is edited every second so changes only where its text did.
 */
export function patch(parent, ...wanted) {
  const nodes = solid(wanted).map((one) =>
    typeof one === "string" ? document.createTextNode(one) : one);
  nodes.forEach((node, index) => {
    const old = parent.childNodes[index];
    if (!old) parent.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}

/** `url` as an address of this very server; null when it points elsewhere. */
export function local(url) {
  try {
    const found = new URL(url, location.href);
    const loopback = ["127.0.0.1", "localhost", "[::1]"];
    const same = found.host === location.host ||
      (found.port === location.port && loopback.includes(found.hostname));
    return same && /^https?:$/.test(found.protocol) ? found.pathname + found.search : null;
  } catch {
    return null;
  }
}

/** `url` when it is a web address; null for `javascript:` and everything else. */
export function web(url) {
  try {
    const found = new URL(url);
    return /^https?:$/.test(found.protocol) ? found.href : null;
  } catch {
    return null;
  }
}

/** The first node in the page with this id; it must be there. */
export const byId = (id) => document.getElementById(id);
