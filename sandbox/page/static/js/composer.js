// The field to write in: text, replies, edits, files, typing, and completion of names.
// A slash hands over to slash.js.

import { byId, h, patch, svg } from "./dom.js";
import { pickEmoji } from "./emoji.js";
import { ICONS } from "./icons.js";
import { nonce } from "./ids.js";
import { NameCompletion } from "./names.js";
import { BIT } from "./permissions.js";
import { Slash } from "./slash.js";
import { authorOf, KIND } from "./store.js";
import { Suggest } from "./suggest.js";
import { Uploads } from "./uploads.js";
import { attempt, iconButton } from "./widgets.js";

const LIMIT = 2000;
const TYPING_EVERY = 8000;

export class Composer {
  constructor(app) {
    this.app = app;
    this.store = app.store;
    this.form = byId("composer");
    this.input = byId("input");
    this.counter = byId("counter");
    this.drafts = new Map();
    this.uploads = new Uploads({
      open: () => Boolean(this.channel) && !byId("attach").disabled && !this.editing,
      changed: () => this.input.focus(),
    });
    this.suggest = new Suggest(byId("suggest"), (item) => item.take());
    this.names = new NameCompletion(this);
    this.slash = new Slash(this);
    this.listen();
  }

  listen() {
    const { input, form } = this;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.suggest.close());
    input.addEventListener("paste", (event) => this.uploads.take(event.clipboardData.files, event));
    byId("emoji").onclick = (event) => pickEmoji(event.currentTarget, (emoji) => this.insert(emoji));
  }

  /** Another channel: its own draft, and whether one may write there. */
  open(channel) {
    if (this.channel) this.drafts.set(this.channel.id, this.input.value);
    this.channel = channel;
    this.leave();
    this.input.value = this.drafts.get(channel.id) ?? "";
    this.uploads.set([]);
    this.refresh();
  }

  /** What the place allows may have changed. */
  refresh() {
    if (!this.channel) return;
    const may = this.store.maySpeak(this.channel);
    const name = this.store.titleOf(this.channel);
    this.input.disabled = !may;
    this.form.classList.toggle("closed", !may);
    this.input.placeholder = may
      ? `Write to ${this.channel.type === KIND.DM ? name : `#${name}`}, or / for commands`
      : "You cannot write here.";
    byId("attach").disabled = !may || !this.store.may(this.channel, BIT.ATTACH);
    this.drawBar();
    this.grow();
  }

  reply(message) {
    this.editing = null;
    this.answering = message;
    this.drawBar();
    this.input.focus();
  }

  edit(message) {
    this.answering = null;
    this.editing = message;
    this.input.value = message.content;
    this.drawBar();
    this.grow();
    this.input.focus();
  }

  /** Out of reply, edit and command. */
  leave() {
    if (this.editing) this.input.value = "";
    this.answering = this.editing = null;
    this.slash.close();
    this.suggest.close();
    this.drawBar();
    this.grow();
  }

  drawBar() {
    const target = this.answering ?? this.editing;
    const words = this.editing ? ["Editing your message"]
      : target && ["Replying to ", h("strong", {}, authorOf(this.store, target).name)];
    byId("context-bar").hidden = !target;
    patch(byId("context-bar"), target && [
      svg(this.editing ? ICONS.pencil : ICONS.reply, 16), h("span", {}, words),
      iconButton(ICONS.close, "Cancel (Escape)", { class: "small", onclick: () => this.leave() })]);
  }

  insert(text) {
    const { selectionStart: from, selectionEnd: to } = this.input;
    this.input.setRangeText(text, from, to, "end");
    this.typed();
    this.input.focus();
  }

  typed() {
    this.grow();
    const left = LIMIT - this.input.value.length;
    this.counter.textContent = left < 200 ? String(left) : "";
    this.counter.classList.toggle("over", left < 0);
    if (!this.editing && this.input.value.startsWith("/")) this.slash.offer(this.input.value);
    else {
      this.names.offer();
      this.showTyping();
    }
  }

  showTyping() {
    if (!this.input.value.trim() || this.editing || Date.now() - (this.told ?? 0) < TYPING_EVERY) return;
    this.told = Date.now();
    this.app.rest.post(`/channels/${this.channel.id}/typing`).catch(() => {});
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 220)}px`;
  }

  key(event) {
    if (event.isComposing || this.suggest.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") this.leave();
    else if (event.key === "ArrowUp" && !this.input.value) this.editLast(event);
  }

  editLast(event) {
    const mine = [...this.store.log(this.channel.id).items.values()]
      .filter((one) => one.author.id === this.store.me.id && one.content);
    if (!mine.length) return;
    event.preventDefault();
    this.edit(mine.at(-1));
  }

  async submit() {
    if (this.slash.entry) {
      await this.slash.submit();
      return;
    }
    const text = this.names.resolve(this.input.value.trim());
    const { editing, answering, channel, uploads: { files } } = this;
    if (!text && !files.length) return;
    const typed = this.input.value;
    this.clear();
    const sent = await attempt(() => (editing
      ? this.app.rest.patch(`/channels/${channel.id}/messages/${editing.id}`, { content: text })
      : this.app.rest.post(`/channels/${channel.id}/messages`, bodyOf(text, answering, files), files)));
    if (!sent && this.channel === channel && !this.input.value) this.restore(typed, files, answering, editing);
  }

  clear() {
    this.input.value = "";
    this.uploads.set([]);
    this.told = 0;
    this.answering = this.editing = null;
    this.counter.textContent = "";
    this.suggest.close();
    this.refresh();
  }

  restore(typed, files, answering, editing) {
    Object.assign(this, { answering, editing });
    this.uploads.set(files);
    this.input.value = typed;
    this.refresh();
  }
}

function bodyOf(content, answering, files) {
  const body = { content, nonce: nonce() };
  if (files.length) body.attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
  if (answering) {
    body.message_reference = { message_id: answering.id, channel_id: answering.channel_id };
    body.allowed_mentions = { parse: ["users", "roles", "everyone"], replied_user: true };
  }
  return body;
}
