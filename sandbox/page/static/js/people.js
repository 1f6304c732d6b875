// Who is here: members, the bot and how it is, characters seen in this channel; and whom the
// page speaks as.

import { byId, h, patch, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { popup } from "./popup.js";
import { attempt, avatar, avatarOf } from "./widgets.js";

const BOT_WORDS = { starting: "starting…", online: "online", restarting: "starting again…", offline: "offline" };

/** Keeps the list of people in step with the store. */
export function people(app) {
  const redraw = () => drawPeople(app);
  for (const topic of ["people", "view", "status", "log"]) app.store.on(topic, redraw);
  app.store.on("message", ({ channel, kind }) => {
    if (kind === "new" && channel === app.store.view?.channel) redraw();
  });
  redraw();
}

function drawPeople(app) {
  const { store } = app;
  const channel = store.channels.get(store.view?.channel);
  const guild = store.guildOf(channel) ?? store.guilds.values().next().value;
  if (!guild) return;
  const all = [...store.membersOf(guild.id).values()];
  const faces = channel ? store.facesIn(channel.id) : [];
  patch(byId("people"),
    group("Apps", all.filter((one) => one.user.bot).map((one) => botEntry(one.user, app))),
    faces.length > 0 && group("Characters heard here", faces.map((face) => faceEntry(face, app))),
    group("People", all.filter((one) => !one.user.bot).map((one) => personEntry(one, guild, store))));
}

const group = (title, entries) => entries.length > 0 && h("section", {},
  h("h3", { class: "group" }, title), h("ul", {}, entries.map((one) => h("li", {}, one))));

function botEntry(user, app) {
  const state = app.status.bot ?? "starting";
  const said = state === "online" && app.store.statusOf(user.id);
  return h("button", {
    type: "button", class: "person", title: `Write to ${user.username} directly`, onclick: () => direct(app, user),
  }, avatar(avatarOf(user)), h("span", { class: "person-words" },
    h("span", { class: "person-name" }, user.global_name ?? user.username, h("span", { class: "tag" }, "App")),
    h("small", { class: `state ${state}`, data: { bot: state } }, BOT_WORDS[state] ?? state),
    said && h("small", { class: "status-line", title: said }, said)));
}

async function direct(app, user) {
  await attempt(async () => {
    const channel = await app.rest.post("/users/@me/channels", { recipient_id: user.id });
    if (!app.store.channels.has(channel.id)) app.store.channels.set(channel.id, channel);
    app.go(channel.id);
  });
}

function faceEntry(face, app) {
  return h("button", {
    type: "button", class: "person", title: `Address ${face.username}`, onclick: () => app.address(face.username),
  }, avatar({ ...avatarOf(face), seed: face.username, name: face.username }),
  h("span", { class: "person-words" }, h("span", { class: "person-name" }, face.username),
    h("small", {}, `write @${face.username}`)));
}

function personEntry({ user, nick }, guild, store) {
  const notes = [user.id === guild.owner_id && "owner", user.id === store.me.id && "you"].filter(Boolean);
  return h("div", { class: "person" }, avatar(avatarOf(user)), h("span", { class: "person-words" },
    h("span", { class: "person-name" }, nick ?? user.global_name ?? user.username),
    notes.length > 0 && h("small", {}, notes.join(" · "))));
}

/** The card at the foot of the side bar: whom this page speaks as, and the way to another. */
export function speaker(app, cast) {
  const { me } = app.store;
  const mine = cast.find((one) => one.id === me.id);
  const button = h("button", {
    type: "button", class: "speaker", "aria-haspopup": "menu",
    "aria-label": `You are ${mine?.name ?? me.username}, ${mine?.role ?? "member"}. Be someone else`,
    onclick: () => choose(button, cast, me),
  }, avatar(avatarOf(me)), h("span", { class: "person-words" },
    h("span", { class: "person-name" }, me.global_name ?? me.username),
    h("small", {}, mine?.role ?? "member")), svg(ICONS.chevron, 18));
  byId("speaker").replaceChildren(button);
}

function choose(anchor, cast, me) {
  const box = h("div", { class: "menu" }, h("p", { class: "menu-title" }, "Be someone else"),
    cast.map((one) => h("a", {
      class: "menu-entry", role: "menuitem", href: `?as=${encodeURIComponent(one.key)}${location.hash}`,
      "aria-current": one.id === me.id ? "true" : null,
    }, avatar({ name: one.name, seed: one.id }, "small"), h("span", { class: "person-words" },
      h("span", { class: "person-name" }, one.name), h("small", {}, one.role)))),
    h("p", { class: "menu-note" }, "Open the address in a second tab to be two people at once."));
  popup(anchor, box, { label: "Be someone else", role: "menu" });
  box.querySelector("a")?.focus();
}
