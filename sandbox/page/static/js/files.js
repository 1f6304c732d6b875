// Attachments: pictures inline, everything else as a card.

import { h, local, svg } from "./dom.js";
import { ICONS } from "./icons.js";

const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif)$/;
const SOUND = /^audio\//;

/** A node for each attachment. */
export const files = (list) => list.map((one) => {
  const address = local(one.url);
  if (address && PICTURE.test(one.content_type ?? "")) return picture(one, address);
  if (address && SOUND.test(one.content_type ?? "")) {
    return h("audio", { controls: true, src: address, preload: "none", "aria-label": one.filename });
  }
  return card(one, address);
});

function picture(one, address) {
  return h("a", { class: "picture", href: address, target: "_blank", rel: "noopener" },
    h("img", { src: address, alt: one.description ?? one.filename, loading: "lazy" }));
}

function card(one, address) {
  return h("a", { class: "file", href: address, download: one.filename, target: "_blank", rel: "noopener" },
    svg(ICONS.file, 26), h("span", {}, h("strong", {}, one.filename), h("small", {}, sizeOf(one.size))));
}

/** `12.3 KB` */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 3);
  return `${(bytes / 1024 ** power).toFixed(1)} ${["", "KB", "MB", "GB"][power]}`;
}
