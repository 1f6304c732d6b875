// One message as DOM: its slots are filled anew on each change, and patch() keeps what is equal.

import { componentsOf } from "./components.js";
import { h, patch, svg } from "./dom.js";
import { embed } from "./embeds.js";
import { files } from "./files.js";
import { ICONS } from "./icons.js";
import { madeAt, momentOf, timeOf } from "./ids.js";
import { outcome, pollCard } from "./polls.js";
import { inline, rich } from "./render.js";
import { authorOf, EPHEMERAL, LOADING } from "./store.js";
import { avatar, iconButton } from "./widgets.js";

const TOGETHER = 7 * 60 * 1000;
const SLOTS = ["intro", "face", "head", "text", "extra", "reactions", "foot", "tools"];

/** Whether `message` stands under `before` without a head of its own. */
export function continues(store, message, before) {
  if (!before || message.type === 19 || introduced(message) || isNotice(message) || isNotice(before)) return false;
  if ((message.flags ^ before.flags) & EPHEMERAL) return false;
  const [one, other] = [authorOf(store, message), authorOf(store, before)];
  return one.id === other.id && one.name === other.name && one.url === other.url &&
    madeAt(message.id) - madeAt(before.id) < TOGETHER;
}

const introduced = (message) => Boolean(message.interaction_metadata?.name);

/** System messages: joins, pins, threads. */
export const isNotice = (message) => ![0, 19, 20, 23].includes(message.type);

/** An empty row for `message`; draw() fills it. */
export function row(message) {
  return h("li", { class: "message", id: `m${message.id}`, tabindex: "-1", data: { id: message.id } },
    SLOTS.map((slot) => h("div", { class: `m-${slot}` })));
}

/** Bring a row up to date with its message. */
export function draw(node, message, app, { compact }) {
  const at = Object.fromEntries(SLOTS.map((slot, index) => [slot, node.children[index]]));
  const author = authorOf(app.store, message);
  node.classList.toggle("compact", compact);
  node.classList.toggle("notice", isNotice(message));
  node.classList.toggle("private", Boolean(message.flags & EPHEMERAL));
  node.classList.toggle("rings", rings(app.store, message));
  if (isNotice(message)) {
    drawNotice(at, message, author, app);
    return;
  }
  patch(at.intro, intro(message, app));
  patch(at.face, compact
    ? h("time", { class: "m-when", title: momentOf(madeAt(message.id)) }, timeOf(madeAt(message.id)))
    : avatar(author));
  patch(at.head, compact ? hiddenName(author) : head(message, author));
  patch(at.text, text(message, app));
  patch(at.extra, extra(message, app));
  patch(at.reactions, reactions(message, app));
  patch(at.foot, foot(message, app));
  if (!at.tools.firstChild) patch(at.tools, tools(message, app));
}

function rings(store, message) {
  if (message.author.id === store.me.id) return false;
  return message.mention_everyone || message.mentions.some((one) => one.id === store.me.id);
}

const hiddenName = (author) => h("span", { class: "sr" }, author.name);

function head(message, author) {
  const when = madeAt(message.id);
  return [
    h("span", { class: `m-author hue${author.app ? "-app" : ""}` }, author.name),
    author.app && h("span", { class: "tag" }, "App"),
    h("time", { class: "m-when", datetime: when.toISOString(), title: momentOf(when) }, timeOf(when)),
  ];
}

function intro(message, app) {
  const { interaction_metadata: used, message_reference: reference } = message;
  if (message.type === 19 && reference) return replied(message.referenced_message, reference, app);
  if (!used?.name) return null;
  const name = app.store.nameOf(used.user.id) ?? used.user.username;
  const slash = (used.command_type ?? 1) === 1 ? "/" : "";
  return h("p", { class: "m-used" }, svg(ICONS.apps, 14), h("strong", {}, name), " used ",
    h("span", { class: "mention" }, `${slash}${used.name}`));
}

function replied(target, reference, app) {
  const known = target && (app.store.message(target.channel_id, target.id) ?? target);
  if (!known || target === null) {
    return h("p", { class: "m-reply" }, svg(ICONS.reply, 14), h("em", {}, "The original message is gone"));
  }
  const author = authorOf(app.store, known);
  const words = known.content.replace(/^-# .*$|^#{1,3} |```\w*/gm, "").replace(/\s+/g, " ").trim().slice(0, 160);
  return h("button", {
    type: "button", class: "m-reply", data: { target: known.id },
    "aria-label": `In reply to ${author.name}: ${words.slice(0, 60)}. Show it`,
    onclick: () => app.go(reference.channel_id, known.id),
  }, svg(ICONS.reply, 14), avatar(author, "tiny"), h("strong", {}, author.name),
  h("span", { class: "m-reply-text" }, words ? inline(words, app.store) : "a picture or form"));
}

function text(message, app) {
  if (message.flags & LOADING) {
    return h("p", { class: "m-thinking" }, `${message.author.global_name ?? message.author.username} is thinking`,
      h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
  }
  const nodes = message.content ? rich(message.content, app.store, { big: true }) : [];
  if (!message.edited_timestamp || !nodes.length) return nodes;
  const mark = h("span", { class: "m-edited", title: momentOf(new Date(message.edited_timestamp)) }, "(edited)");
  const last = nodes.at(-1);
  if (last.tagName === "P") last.append(" ", mark);
  else nodes.push(mark);
  return nodes;
}

function extra(message, app) {
  return [
    message.poll && pollCard(message, app),
    ...files(message.attachments ?? []),
    ...(message.embeds ?? []).map((one) => embed(one, app.store)),
    ...componentsOf(message, app),
    message.thread && threadCard(message.thread, app),
  ];
}

function threadCard(thread, app) {
  const known = app.store.channels.get(thread.id) ?? thread;
  return h("a", { class: "thread-card", href: `#/${thread.id}` }, svg(ICONS.thread, 16),
    h("strong", {}, known.name), h("span", {}, "Open thread"));
}

function reactions(message, app) {
  return (message.reactions ?? []).map((one) => {
    const name = one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name;
    return h("button", {
      type: "button", class: one.me ? "reaction mine" : "reaction", "aria-pressed": String(Boolean(one.me)),
      "aria-label": `${name}, ${one.count} ${one.count === 1 ? "reaction" : "reactions"}. ` +
        (one.me ? "Take yours away" : "Add yours"),
      onclick: () => app.react(message, one.emoji, !one.me),
    }, h("span", {}, name), h("b", {}, String(one.count)));
  });
}

function foot(message, app) {
  if (!(message.flags & EPHEMERAL)) return null;
  return h("p", { class: "m-private" }, svg(ICONS.eye, 14), "Only you can see this · ",
    h("button", { type: "button", class: "text-button", onclick: () => app.dismiss(message) }, "Dismiss"));
}

function tools(message, app) {
  if (message.flags & EPHEMERAL) return null;
  const current = () => app.store.message(message.channel_id, message.id) ?? message;
  const button = (icon, label, act) => iconButton(icon, label, {
    class: "small", tabindex: "-1", onclick: (event) => act(current(), event.currentTarget),
  });
  return [
    button(ICONS.smile, "Add a reaction", (one, at) => app.pickReaction(one, at)),
    button(ICONS.reply, "Reply", (one) => app.reply(one)),
    button(ICONS.more, "More", (one, at) => app.menu(one, at)),
  ];
}

function drawNotice(at, message, author, app) {
  patch(at.face, svg(NOTICE_ICONS[message.type] ?? ICONS.info, 18));
  patch(at.head);
  const name = h("strong", {}, author.name);
  const words = NOTICES[message.type]?.(message, name, app) ?? [name, " did something."];
  patch(at.extra, message.thread && threadCard(message.thread, app));
  patch(at.text, h("p", {}, words, " ", h("time", { class: "m-when" }, timeOf(madeAt(message.id)))));
}

const NOTICE_ICONS = { 6: ICONS.pin, 18: ICONS.thread, 21: ICONS.thread, 46: ICONS.poll };

const NOTICES = {
  6: (message, name, app) => [name, " pinned ", h("button", {
    type: "button", class: "text-button",
    onclick: () => app.go(message.channel_id, message.message_reference?.message_id),
  }, "a message"), " to this channel."],
  7: (_message, name) => [name, " is here."],
  18: (message, name) => [name, " started a thread: ",
    h("a", { class: "link", href: `#/${message.message_reference?.channel_id}` }, message.content)],
  21: (_message, name) => [name, " started this thread from a message."],
  46: outcome,
};
