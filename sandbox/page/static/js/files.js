// Attachments: pictures inline, texts with their first lines, everything else as a card.

import { h, local, svg } from "./dom.js";
import { ICONS } from "./icons.js";

const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif)$/;
const SOUND = /^audio\//;
const TEXT = /^(?:text\/|application\/(?:json|xml|toml|yaml|javascript))/;
const READ_AT_MOST = 200_000;
const texts = new Map();

/** A node for each attachment. */
export const files = (list) => list.map((one) => {
  const address = local(one.url);
  const kind = one.content_type ?? "";
  if (address && PICTURE.test(kind)) return picture(one, address);
  if (address && SOUND.test(kind)) {
    return h("audio", { controls: true, src: address, preload: "none", "aria-label": one.filename });
  }
  if (address && TEXT.test(kind) && one.size <= READ_AT_MOST) return readable(one, address);
  return card(one, address);
});

function picture(one, address) {
  return h("a", { class: "picture", href: address, target: "_blank", rel: "noopener" },
    h("img", {
      src: address, alt: one.description ?? one.filename, loading: "lazy", width: one.width, height: one.height,
    }));
}

function card(one, address) {
  return h("a", { class: "file", href: address, download: one.filename, target: "_blank", rel: "noopener" },
    svg(ICONS.file, 26), h("span", {}, h("strong", {}, one.filename), h("small", {}, sizeOf(one.size))));
}

/** A card that unfolds. What was read is kept, so that a message drawn anew shows it at once. */
function readable(one, address) {
  const known = texts.get(address);
  const node = h("details", { class: "file-text", open: known?.open },
    h("summary", {}, "Show the text"), h("pre", { tabindex: "0" }, known?.text ?? ""));
  node.addEventListener("toggle", async () => {
    const shown = texts.get(address);
    texts.set(address, { ...shown, open: node.open });
    if (!node.open || shown?.text !== undefined) return;
    const text = await fetch(address).then((answer) => answer.text()).catch(() => "It could not be read.");
    texts.set(address, { open: true, text });
    node.querySelector("pre").textContent = text;
  });
  return h("div", { class: "file-box" }, card(one, address), node);
}

/** `12.3 KB` */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 3);
  return `${(bytes / 1024 ** power).toFixed(1)} ${["", "KB", "MB", "GB"][power]}`;
}
