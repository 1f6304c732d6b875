// Brings the parts together: session, store, gateway, panes. Owns the address in the location bar
// and the actions that several panes share.

import { about } from "./about.js";
import { announce } from "./announce.js";
import { Commands } from "./commands.js";
import { Composer } from "./composer.js";
import { byId, h, patch, svg } from "./dom.js";
import { pickEmoji } from "./emoji.js";
import { take } from "./events.js";
import { drawForum, newThread } from "./forum.js";
import { openForm } from "./forms.js";
import { Gateway } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { messageMenu } from "./menu.js";
import { Messages } from "./messages.js";
import { people, speaker } from "./people.js";
import { pins } from "./pins.js";
import { inline } from "./render.js";
import { Rest } from "./rest.js";
import { sidebar, symbolOf } from "./sidebar.js";
import { drawLine, drawTyping, watchBot } from "./status.js";
import { FORUMS, KIND, Store, THREADS } from "./store.js";
import { attempt, dialog } from "./widgets.js";

class App {
  constructor(session) {
    this.session = session;
    this.status = { bot: session.bot };
    this.store = new Store(session.me);
    this.rest = new Rest(session.api, session.token);
    this.interactions = new Interactions(this.store, this.rest);
    this.commands = new Commands(this.store, this.rest);
    this.gateway = new Gateway({
      address: session.gateway, token: session.token,
      onevent: (name, data) => this.heard(name, data),
      onstate: (state, seconds) => this.line(state, seconds),
    });
  }

  start() {
    this.messages = new Messages(this);
    this.composer = new Composer(this);
    sidebar(this);
    people(this);
    speaker(this, this.session.people);
    announce(this.store);
    about(this);
    pins(this);
    watchBot(this);
    this.store.on("typing", ({ channel }) => channel === this.store.view?.channel && drawTyping(this.store));
    this.store.on("places", () => this.placesChanged());
    this.store.on("people", () => {
      this.composer.refresh();
      const channel = this.store.channels.get(this.store.view?.channel);
      if (channel?.type === KIND.DM) this.drawHead(channel);
    });
    this.store.on("interaction", (one) => one.kind === "modal" && openForm(this, one));
    window.addEventListener("hashchange", () => this.route());
    document.addEventListener("visibilitychange", () => this.seen());
    this.gateway.connect();
  }

  heard(name, data) {
    take(this.store, name, data);
    if (name !== "READY") return;
    // Only now is it known which places there are; after a lost session, what was missed is read.
    if (this.store.view) this.messages.refresh();
    else this.route();
    document.body.dataset.ready = "true";
  }

  line(state, seconds) {
    document.body.dataset.line = state;
    drawLine(state, seconds, () => this.gateway.hurry());
    if (state === "refused") startOver();
  }

  /** Show a channel, and a message in it. */
  go(channelId, messageId) {
    const hash = `#/${channelId}${messageId ? `/${messageId}` : ""}`;
    if (location.hash === hash) this.route();
    else location.hash = hash;
  }

  route() {
    const [, channelId, messageId] = location.hash.split("/");
    const channel = this.store.channels.get(channelId) ?? this.home();
    if (!channel) return;
    this.store.view = { channel: channel.id };
    this.store.tell("view");
    this.drawHead(channel);
    this.nav(false);
    const forum = FORUMS.has(channel.type);
    byId("forum").hidden = !forum;
    byId("talk").hidden = byId("pins-toggle").hidden = forum;
    if (forum) drawForum(this, channel);
    else {
      this.composer.open(channel);
      this.messages.open(channel, messageId);
      if (matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]")) this.composer.input.focus();
    }
    drawTyping(this.store);
    this.seen();
  }

  home() {
    return [...this.store.channels.values()]
      .filter((one) => one.type === KIND.TEXT).sort((one, other) => one.position - other.position)[0];
  }

  drawHead(channel) {
    const parent = THREADS.has(channel.type) && this.store.channels.get(channel.parent_id);
    patch(byId("title"), svg(symbolOf(channel), 20),
      parent && h("a", { class: "crumb", href: `#/${parent.id}` }, parent.name),
      h("span", {}, this.store.titleOf(channel)));
    const other = channel.type === KIND.DM && channel.recipients[0];
    const words = other ? this.store.statusOf(other.id) : channel.topic;
    patch(byId("topic"), words ? inline(words, this.store) : "");
  }

  placesChanged() {
    const id = this.store.view?.channel;
    const channel = this.store.channels.get(id);
    const wanted = location.hash.split("/")[1];
    // A place that was just made may be asked for before the gateway tells of it.
    if (id && wanted !== id && this.store.channels.has(wanted)) this.route();
    else if (id && !channel) this.go(this.home()?.id);
    else if (channel) {
      this.drawHead(channel);
      this.composer.refresh();
      if (FORUMS.has(channel.type)) drawForum(this, channel);
    }
  }

  /** What is on the screen counts as read. */
  seen() {
    const id = this.store.view?.channel;
    if (id && document.visibilityState === "visible" && this.store.unread.delete(id)) this.store.tell("unread");
  }

  /** Open or close the side bar of narrow windows. */
  nav(open) {
    document.body.classList.toggle("nav-open", open);
    byId("nav-toggle").setAttribute("aria-expanded", String(open));
  }

  reply(message) { this.composer.reply(message); }
  edit(message) { this.composer.edit(message); }
  startThread(message) { newThread(this, message); }
  menu(message, anchor) { messageMenu(this, message, anchor); }

  /** Begin a line to a character. */
  address(name) {
    this.nav(false);
    this.composer.insert(`@${name} `);
  }

  pickReaction(message, anchor) {
    pickEmoji(anchor, (emoji) => this.react(message, { id: null, name: emoji }, true));
  }

  react(message, emoji, add) {
    const key = encodeURIComponent(emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name);
    const path = `/channels/${message.channel_id}/messages/${message.id}/reactions/${key}/@me`;
    return attempt(() => (add ? this.rest.put(path) : this.rest.delete(path)));
  }

  dismiss(message) {
    take(this.store, "MESSAGE_DELETE", { channel_id: message.channel_id, id: message.id });
  }

  remove(message) {
    const sure = h("button", {
      type: "button", class: "c-button danger",
      onclick: async () => {
        frame.close();
        await attempt(() => this.rest.delete(`/channels/${message.channel_id}/messages/${message.id}`));
      },
    }, "Delete");
    const frame = dialog("Delete this message?", h("div", { class: "form" },
      h("p", {}, message.content.slice(0, 200) || "It has no text."),
      h("footer", {}, h("button", { type: "button", class: "c-button secondary", onclick: () => frame.close() }, "Keep it"), sure)));
    sure.focus();
  }
}

/** A sandbox that was started anew knows other people: load the page again, but not in a circle. */
function startOver() {
  const last = Number(sessionStorage.getItem("started-over") ?? 0);
  if (Date.now() - last < 10000) return;
  sessionStorage.setItem("started-over", String(Date.now()));
  location.reload();
}

/** Show or hide who is here; in a narrow window the list covers the talk. */
function showPeople(shown) {
  document.body.classList.toggle("people-open", shown);
  byId("people-toggle").setAttribute("aria-pressed", String(shown));
}

async function boot() {
  byId("nav-toggle").onclick = () => app?.nav(!document.body.classList.contains("nav-open"));
  byId("veil").onclick = () => app?.nav(false);
  const wide = matchMedia("(min-width: 1080px)");
  byId("people-toggle").onclick = () => showPeople(!document.body.classList.contains("people-open"));
  wide.onchange = () => showPeople(wide.matches);
  showPeople(wide.matches);
  const who = new URLSearchParams(location.search).get("as");
  const answer = await fetch(`/sandbox/session${who ? `?user=${encodeURIComponent(who)}` : ""}`);
  const session = await answer.json();
  if (!answer.ok) throw new Error(session.message);
  app = new App(session);
  app.start();
}

let app = null;
boot().catch((error) => {
  byId("line-banner").hidden = false;
  byId("line-banner").textContent = `The page could not start: ${error.message}`;
});
