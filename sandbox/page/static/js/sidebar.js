// The list of places at the left: channels with their threads, forums, direct messages.

import { byId, h, patch, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { BIT } from "./permissions.js";
import { FORUMS, KIND } from "./store.js";
import { avatar, avatarOf } from "./widgets.js";

const SYMBOL = {
  [KIND.TEXT]: ICONS.hash, [KIND.VOICE]: ICONS.sound, [KIND.NEWS]: ICONS.horn, [KIND.FORUM]: ICONS.forum, [KIND.MEDIA]: ICONS.forum,
  [KIND.DM]: ICONS.at, 10: ICONS.thread, 11: ICONS.thread, 12: ICONS.thread,
};

/** The icon of a channel's kind. */
export const symbolOf = (channel) => SYMBOL[channel.type] ?? ICONS.hash;

/** Keeps the list in step with the store. */
export function sidebar(app) {
  const { store } = app;
  const redraw = () => {
    const sections = [...store.guilds.values()].map((guild) => guildSection(guild, store));
    patch(byId("places"), sections, directSection(store));
    drawTitle(store);
  };
  byId("places").addEventListener("click", (event) => event.target.closest("a") && app.nav(false));
  for (const topic of ["places", "unread", "view", "people"]) store.on(topic, redraw);
  redraw();
}

function guildSection(guild, store) {
  const visible = store.channelsOf(guild.id).filter((one) => store.may(one, BIT.VIEW));
  const top = visible.filter((one) => !one.parent_id && one.type !== KIND.CATEGORY);
  const groups = visible.filter((one) => one.type === KIND.CATEGORY);
  return h("section", { "aria-label": guild.name },
    h("h2", { class: "guild" }, guild.name),
    rows(top, store),
    groups.map((group) => [
      h("h3", { class: "group" }, group.name),
      rows(visible.filter((one) => one.parent_id === group.id), store),
    ]));
}

const rows = (channels, store) => h("ul", {}, channels.map((one) => h("li", {}, entry(one, store),
  threads(one, store))));

function threads(parent, store) {
  const found = store.threadsOf(parent.id);
  return found.length > 0 && h("ul", { class: "threads" }, found.map((one) => h("li", {}, entry(one, store))));
}

function directSection(store) {
  const found = store.directs();
  if (!found.length) return null;
  return h("section", { "aria-label": "Direct messages" }, h("h3", { class: "group" }, "Direct messages"),
    h("ul", {}, found.map((one) => h("li", {}, entry(one, store)))));
}

function entry(channel, store) {
  const here = store.view?.channel === channel.id;
  const news = store.unread.get(channel.id);
  const kind = FORUMS.has(channel.type) ? "forum" : channel.type === KIND.DM ? "direct message" : "channel";
  const name = store.titleOf(channel);
  const said = news ? `, ${news.count} unread${news.mentions ? `, ${news.mentions} mention you` : ""}` : "";
  return h("a", {
    href: `#/${channel.id}`, class: `place${here ? " here" : ""}${news ? " unread" : ""}`,
    "aria-current": here ? "page" : null, "aria-label": `${name}, ${kind}${said}`,
  },
  channel.type === KIND.DM ? avatar(avatarOf(channel.recipients[0]), "tiny") : svg(symbolOf(channel), 18),
  h("span", { class: "place-name" }, name),
  news && h("span", { class: news.mentions ? "badge loud" : "badge", "aria-hidden": "true" },
    String(news.mentions || news.count)));
}

function drawTitle(store) {
  const channel = store.channels.get(store.view?.channel);
  const count = [...store.unread.values()].reduce((sum, one) => sum + one.mentions + one.count, 0);
  document.title = `${count ? `(${count}) ` : ""}${channel ? `${store.titleOf(channel)} · ` : ""}Troupe sandbox`;
}
