// Draws the tree of markdown.js as DOM. Names of people and places come from the store.

import { h, web } from "./dom.js";
import { highlight } from "./highlight.js";
import { ICONS } from "./icons.js";
import { momentOf, stamp } from "./ids.js";
import { parse, parseInline } from "./markdown.js";
import { iconButton } from "./widgets.js";

/** DOM of a message's text. `big` shows a message of a few emoji alone in large. */
export function rich(source, context, { big = false } = {}) {
  const blocks = parse(source);
  const nodes = blocks.map((one) => block(one, context));
  if (big && onlyEmoji(source)) nodes.forEach((one) => one.classList.add("jumbo"));
  return nodes;
}

/** DOM of a short text without blocks: topics, previews, embed titles. */
export const inline = (source, context) => draw(parseInline(source), context);

const EMOJI = /^(?:<a?:\w+:\d+>|\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u200d\ufe0f\s])+$/u;

function onlyEmoji(source) {
  return source.length <= 80 && source.trim() !== "" && EMOJI.test(source);
}

function block(one, context) {
  switch (one.t) {
    case "pre": return fence(one);
    case "h": return h(`h${one.level + 2}`, { class: `md-h${one.level}` }, draw(one.c, context));
    case "sub": return h("p", { class: "md-sub" }, draw(one.c, context));
    case "quote": return h("blockquote", {}, one.c.map((each) => block(each, context)));
    case "list": return list(one.items, context);
    default: return h("p", {}, draw(one.c, context));
  }
}

/** Flat rows with an indent each: what Discord shows for any mix of marks and depths. */
function list(items, context) {
  return h("ul", { class: "md-list" }, items.map((one) => {
    const ordered = /\d/.test(one.mark);
    return h("li", { class: `md-depth${one.depth}` },
      h("span", { class: ordered ? "md-mark" : "md-mark md-dot" }, ordered ? one.mark : "•"),
      h("span", {}, draw(one.c, context)));
  }));
}

function fence(one) {
  const copy = iconButton(ICONS.copy, "Copy this code", {
    class: "code-copy",
    onclick: async () => {
      await navigator.clipboard.writeText(one.v);
      copy.classList.add("done");
      setTimeout(() => copy.classList.remove("done"), 1500);
    },
  });
  return h("div", { class: "code" },
    h("div", { class: "code-head" }, h("span", {}, one.lang || "text"), copy),
    h("pre", { tabindex: "0" }, h("code", {}, highlight(one.v, one.lang))));
}

const TAGS = { b: "strong", i: "em", u: "u", s: "s" };

function draw(nodes, context) {
  return nodes.map((one) => {
    if (one.t === "text") return one.v;
    if (TAGS[one.t]) return h(TAGS[one.t], {}, draw(one.c, context));
    return SPECIAL[one.t](one, context);
  });
}

const SPECIAL = {
  br: () => h("br"),
  code: (one) => h("code", { class: "md-code" }, one.v),
  spoiler: (one, context) => spoiler(draw(one.c, context)),
  link: (one, context) => link(one, context),
  user: (one, context) => h("span", { class: "mention", data: { user: one.id } },
    `@${context.nameOf(one.id) ?? "unknown-user"}`),
  role: (one, context) => h("span", { class: "mention" },
    `@${context.roleOf(one.id) ?? "deleted-role"}`),
  channel: (one, context) => place(one.id, context),
  emoji,
  time: (one) => h("time", { class: "md-time", title: momentSafe(one.at) }, stamp(one.at, one.style)),
  command: (one) => h("span", { class: "mention" }, `/${one.name}`),
  everyone: (one) => h("span", { class: "mention" }, one.v),
};

/** A server's or an application's own emoji; its name where the picture is not here. */
function emoji(one) {
  const name = `:${one.name}:`;
  return h("img", {
    class: "md-face", src: `/emojis/${one.id}.webp`, alt: name, title: name, loading: "lazy",
    onerror: (event) => event.target.replaceWith(h("span", { class: "md-emoji", title: name }, name)),
  });
}

const momentSafe = (at) => {
  const date = new Date(at * 1000);
  return Number.isNaN(date.getTime()) ? "" : momentOf(date);
};

function place(id, context) {
  const channel = context.channelOf(id);
  if (!channel) return h("span", { class: "mention" }, "#unknown");
  return h("a", { class: "mention", href: `#/${id}` }, `#${channel.name}`);
}

function spoiler(children) {
  const node = h("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-expanded": "false",
    "aria-label": "Spoiler: press to show",
  }, h("span", {}, children));
  const open = () => {
    node.classList.add("open");
    node.setAttribute("aria-expanded", "true");
    node.removeAttribute("aria-label");
  };
  node.addEventListener("click", open);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") open();
  });
  return node;
}

const JUMP = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?$/;

function link(one, context) {
  const jump = JUMP.exec(one.url);
  const channel = jump && context.channelOf(jump[1]);
  if (channel) {
    const words = one.masked ? draw(one.c, context) : [`#${channel.name}`, jump[2] ? " › message" : ""];
    return h("a", { class: one.masked ? "link" : "mention", href: `#/${jump[1]}${jump[2] ? `/${jump[2]}` : ""}` }, words);
  }
  const url = web(one.url);
  if (!url) return one.url;
  return h("a", {
    class: "link", href: url, title: url, target: "_blank", rel: "noopener noreferrer nofollow",
  }, draw(one.c, context));
}
