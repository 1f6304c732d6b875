// The list of messages of the open channel: loads, scrolls, keeps each row in step with the store.

import { addMessage } from "./events.js";
import { byId, h } from "./dom.js";
import { dayOf, madeAt } from "./ids.js";
import { continues, draw, row } from "./message.js";
import { KIND } from "./store.js";
import { attempt, avatar } from "./widgets.js";

const PAGE = 50;
const NEAR = 80;

export class Messages {
  constructor(app) {
    this.app = app;
    this.store = app.store;
    this.pane = byId("scroller");
    this.list = byId("messages");
    this.jump = byId("jump");
    this.pinned = true;
    this.jump.onclick = () => this.toEnd();
    this.pane.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("contextmenu", (event) => this.context(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.pinned && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.pinned && this.toEnd()).observe(this.pane);
    this.store.on("message", (detail) => this.changed(detail));
    this.store.on("people", () => this.channel && this.redraw());
  }

  /** Show a channel; `target` is a message to bring into view. */
  async open(channel, target) {
    this.channel = channel;
    this.pinned = true;
    this.mark = this.store.unread.get(channel.id)?.first;
    this.redraw();
    const log = this.store.log(channel.id);
    if (!log.loaded) await attempt(() => this.load(log));
    if (this.channel?.id !== channel.id) return;
    this.redraw();
    this.toEnd();
    if (target) await this.find(target);
  }

  /** After a lost session: what was missed is read anew. */
  async refresh() {
    for (const log of this.store.logs.values()) log.loaded = false;
    if (!this.channel) return;
    const log = this.store.log(this.channel.id);
    await attempt(() => this.load(log));
    this.redraw();
  }

  async load(log, before) {
    const { id } = this.channel;
    const query = before ? `&before=${before}` : "";
    const found = await this.app.rest.get(`/channels/${id}/messages?limit=${PAGE}${query}`);
    for (const message of found.reverse()) addMessage(this.store, message);
    log.loaded = true;
    this.store.tell("log");
    log.whole = log.whole || found.length < PAGE;
  }

  redraw() {
    const log = this.store.log(this.channel.id);
    this.list.replaceChildren();
    this.list.classList.toggle("loading", !log.loaded);
    if (log.whole) this.list.append(beginning(this.channel, this.store));
    let before = null;
    for (const message of log.items.values()) {
      this.list.append(...this.separators(message, before));
      this.list.append(this.made(message, before));
      before = message;
    }
  }

  made(message, before) {
    const node = row(message);
    const parted = this.separators(message, before).length > 0;
    draw(node, message, this.app, { compact: !parted && continues(this.store, message, before) });
    return node;
  }

  /** A line for a new day, and one above the first unread message. */
  separators(message, before) {
    const parts = [];
    const day = dayOf(madeAt(message.id));
    if (!before || dayOf(madeAt(before.id)) !== day) {
      parts.push(h("li", { class: "divider", role: "separator" }, h("span", {}, day)));
    }
    if (message.id === this.mark) {
      parts.push(h("li", { class: "divider new", role: "separator" }, h("span", {}, "New")));
    }
    return parts;
  }

  changed({ channel, id, kind }) {
    if (channel !== this.channel?.id) return;
    const { items } = this.store.log(channel);
    const node = byId(`m${id}`);
    const message = items.get(id);
    if (!message || (!node && [...items.keys()].at(-1) !== id)) this.redraw();
    else if (!node) this.append(message, [...items.values()].at(-2) ?? null);
    else draw(node, message, this.app, { compact: node.classList.contains("compact") });
    if (kind === "new" && !this.pinned) this.jump.hidden = false;
    if (this.pinned) this.toEnd();
  }

  append(message, before) {
    this.list.append(...this.separators(message, before), this.made(message, before));
    const mine = message.author.id === this.store.me.id;
    if (mine) this.pinned = true;
  }

  toEnd() {
    this.pinned = true;
    this.jump.hidden = true;
    this.pane.scrollTop = this.pane.scrollHeight;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.pane;
    this.pinned = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.pinned) this.jump.hidden = true;
    if (scrollTop < 200) this.older();
  }

  async older() {
    const log = this.channel && this.store.log(this.channel.id);
    if (!log?.loaded || log.whole || this.reading) return;
    this.reading = true;
    const height = this.pane.scrollHeight;
    await attempt(() => this.load(log, log.items.keys().next().value));
    this.redraw();
    this.pane.scrollTop += this.pane.scrollHeight - height;
    this.reading = false;
  }

  /** Bring a message into view and light it up; older pages are read until it is there. */
  async find(id) {
    const log = this.store.log(this.channel.id);
    for (let pages = 0; pages < 10 && !log.items.has(id) && !log.whole; pages += 1) {
      await this.load(log, log.items.keys().next().value);
      this.redraw();
    }
    const node = byId(`m${id}`);
    if (!node) return;
    this.pinned = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("lit");
    node.getBoundingClientRect();
    node.classList.add("lit");
    node.focus({ preventScroll: true });
  }

  messageOf(event) {
    const node = event.target.closest?.(".message");
    return node && this.store.message(this.channel.id, node.dataset.id);
  }

  context(event) {
    if (event.target.closest("a, img") || String(getSelection())) return;
    const message = this.messageOf(event);
    if (!message) return;
    event.preventDefault();
    const keyboard = event.clientX === 0 && event.clientY === 0;
    this.app.menu(message, keyboard ? event.target : { x: event.clientX, y: event.clientY });
  }

  /** Arrows walk the messages; Enter opens the menu of the one in focus. */
  key(event) {
    if (!event.target.classList.contains("message")) return;
    const rows = [...this.list.querySelectorAll(".message")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      rows[rows.indexOf(event.target) + step]?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.app.menu(this.messageOf(event), event.target.querySelector(".m-text"));
    }
  }
}

function beginning(channel, store) {
  const name = store.titleOf(channel);
  if (channel.type === KIND.DM) {
    const [other] = channel.recipients;
    return h("li", { class: "beginning" }, avatar({ name, seed: other?.id }, "large"),
      h("h3", {}, name), h("p", {}, `Here your conversation with ${name} begins. Nobody else can read it.`));
  }
  return h("li", { class: "beginning" }, h("h3", {}, channel.parent_id && channel.thread_metadata ? name : `#${name}`),
    h("p", {}, channel.topic || "Here it begins. Nothing was said before."));
}
