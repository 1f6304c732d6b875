// The menu of one message: what a person can do with it, the applications' own entries too.

import { h, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { BIT } from "./permissions.js";
import { turnPin } from "./pins.js";
import { popup } from "./popup.js";
import { EPHEMERAL } from "./store.js";
import { attempt, toast } from "./widgets.js";

/** Open the menu beside `anchor` (a node or a point). */
export async function messageMenu(app, message, anchor) {
  const channel = app.store.channels.get(message.channel_id);
  const apps = await app.commands.menus(channel, 3).catch(() => []);
  const box = h("div", { class: "menu" });
  const close = popup(anchor, box, { label: "Message menu", role: "menu" });
  const entry = (icon, words, act, tone = "") => h("button", {
    type: "button", role: "menuitem", class: `menu-entry ${tone}`,
    onclick: () => { close(); act(); },
  }, svg(icon, 18), words);
  box.append(...entries(app, message, channel, entry, anchor));
  if (apps.length && !(message.flags & EPHEMERAL)) {
    box.append(h("p", { class: "menu-title" }, "Apps"), ...apps.map((command) =>
      entry(ICONS.apps, command.name, () =>
        attempt(() => app.interactions.command(command, channel, { target: message.id })))));
  }
  close.place();
  box.addEventListener("keydown", (event) => roam(event, box));
  box.querySelector("button")?.focus({ preventScroll: true });
}

function entries(app, message, channel, entry, anchor) {
  const mine = message.author.id === app.store.me.id;
  const hidden = message.flags & EPHEMERAL;
  const list = [];
  if (!hidden && app.store.maySpeak(channel)) {
    list.push(entry(ICONS.reply, "Reply", () => app.reply(message)));
  }
  if (!hidden && app.store.may(channel, BIT.ADD_REACTIONS)) {
    list.push(entry(ICONS.smile, "Add a reaction", () => app.pickReaction(message, anchor)));
  }
  if (!hidden && (channel.type === 0 || channel.type === 5) && !message.thread) {
    list.push(entry(ICONS.thread, "Start a thread", () => app.startThread(message)));
  }
  if (message.content) list.push(entry(ICONS.copy, "Copy text", () => copy(message.content)));
  if (!hidden && (app.store.may(channel, BIT.PIN) || app.store.may(channel, BIT.MANAGE_MESSAGES))) {
    list.push(entry(ICONS.pin, message.pinned ? "Unpin" : "Pin", () => turnPin(app, message)));
  }
  if (mine && !hidden) list.push(entry(ICONS.pencil, "Edit", () => app.edit(message)));
  const rules = channel.guild_id && app.store.may(channel, BIT.MANAGE_MESSAGES);
  if (!hidden && (mine || rules)) {
    list.push(entry(ICONS.trash, "Delete", () => app.remove(message), "danger"));
  }
  if (hidden) list.push(entry(ICONS.close, "Dismiss", () => app.dismiss(message)));
  return list;
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast("Copied.", "calm");
}

function roam(event, box) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...box.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  all[(at + step + all.length) % all.length].focus();
}
