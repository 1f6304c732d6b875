// Small shared pieces: icon buttons, avatars, toasts, a dialog frame.

import { h, local, svg } from "./dom.js";
import { ICONS } from "./icons.js";

/** A button that shows only an icon; `label` is read out and shown on hover. */
export function iconButton(path, label, props = {}) {
  const { class: extra = "", ...rest } = props;
  return h("button", {
    type: "button", class: `icon-button ${extra}`.trim(), "aria-label": label, title: label, ...rest,
  }, svg(path));
}

/** A face: the picture when this server has it, else initials on a colour of its own. */
export function avatar({ name, seed, url }, size = "") {
  const node = h("span", {
    class: `avatar ${size} hue${hue(seed ?? name)}`.replace("  ", " "), "aria-hidden": "true",
  }, initials(name));
  const address = url && local(url);
  if (address) {
    const picture = h("img", { src: address, alt: "", loading: "lazy", draggable: "false" });
    picture.addEventListener("error", () => picture.remove());
    node.append(picture);
  }
  return node;
}

function hue(seed) {
  let sum = 7;
  for (const letter of String(seed)) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return sum % 8;
}

function initials(name) {
  const words = String(name).trim().split(/\s+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0]);
  return letters.join("").toUpperCase() || "?";
}

/** A short notice in the corner. `tone`: "error" or "calm". */
export function toast(text, tone = "error") {
  const shelf = document.getElementById("toasts");
  const close = iconButton(ICONS.close, "Dismiss", { class: "small", onclick: () => note.remove() });
  const note = h("div", { class: `toast ${tone}`, role: tone === "error" ? "alert" : "status" },
    h("p", {}, text), close);
  shelf.append(note);
  while (shelf.children.length > 4) shelf.firstChild.remove();
  setTimeout(() => note.remove(), 8000);
}

/** Run `work`; a failure becomes a toast. Answers whether it went well. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(error.message ?? String(error));
    return false;
  }
}

/** A modal dialog with a title and a way out; `onclose` runs however it is left. */
export function dialog(title, body, { class: extra = "", onclose } = {}) {
  const frame = h("dialog", { class: `dialog ${extra}`.trim(), "aria-label": title },
    h("header", {}, h("h2", {}, title),
      iconButton(ICONS.close, "Close", { onclick: () => frame.close() })),
    body);
  frame.addEventListener("click", (event) => event.target === frame && frame.close());
  frame.addEventListener("close", () => {
    frame.remove();
    onclose?.();
  });
  document.body.append(frame);
  frame.showModal();
  return frame;
}

/** What avatar() needs, from an account. */
export const avatarOf = (user) => ({
  name: user.global_name ?? user.username, seed: user.id,
  url: user.avatar ? `/avatars/${user.id}/${user.avatar}.png` : null,
});
