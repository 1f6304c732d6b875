// Embeds as cards. Pictures of other servers are named, never fetched.

import { h, local, web } from "./dom.js";
import { inline, rich } from "./render.js";

/** One embed. */
export function embed(one, context) {
  const card = h("article", { class: "embed" },
    one.author?.name && h("p", { class: "embed-author" }, linked(one.author.name, one.author.url)),
    one.title && h("p", { class: "embed-title" }, titled(one, context)),
    one.description && h("div", { class: "embed-text" }, rich(one.description, context)),
    one.fields?.length > 0 && h("dl", { class: "embed-fields" }, one.fields.map((field) => fieldOf(field, context))),
    picture(one.image), picture(one.thumbnail, "thumb"),
    foot(one));
  if (one.color) card.style.setProperty("--stripe", `#${one.color.toString(16).padStart(6, "0")}`);
  return card;
}

function fieldOf(field, context) {
  return h("div", { class: field.inline ? "inline" : "" },
    h("dt", {}, inline(field.name, context)), h("dd", {}, rich(field.value, context)));
}

function titled(one, context) {
  const url = one.url && web(one.url);
  const words = inline(one.title, context);
  return url ? h("a", { class: "link", href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, words) : words;
}

function linked(words, address) {
  const url = address && web(address);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, words) : words;
}

/** A picture of this server; for any other address its host, so that nothing leaves the machine. */
export function picture(media, kind = "") {
  if (!media?.url) return null;
  const address = local(media.url);
  if (address) return h("img", { class: `embed-picture ${kind}`, src: address, alt: media.description ?? "", loading: "lazy" });
  const url = web(media.url);
  return url && h("p", { class: "elsewhere" }, "Picture at ", linked(new URL(url).host, url));
}

function foot(one) {
  const parts = [one.footer?.text, one.timestamp && new Date(one.timestamp).toLocaleString()].filter(Boolean);
  return parts.length > 0 && h("p", { class: "embed-foot" }, parts.join(" · "));
}
