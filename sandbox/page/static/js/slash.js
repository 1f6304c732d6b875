// A slash command while it is written: the picker, then a field for each option, then the sending.

import { byId, h, patch } from "./dom.js";
import { Field } from "./fields.js";
import { tree } from "./commands.js";
import { attempt, avatar, avatarOf, iconButton } from "./widgets.js";
import { ICONS } from "./icons.js";

const MOST = 12;

export class Slash {
  constructor(composer) {
    this.composer = composer;
    this.app = composer.app;
    this.box = byId("slash");
    this.entry = null;
    this.fields = [];
  }

  /** Commands that fit `text` (it begins with a slash). A whole name and a space chooses it. */
  async offer(text) {
    const { channel, suggest, input } = this.composer;
    const entries = await this.app.commands.slash(channel).catch(() => []);
    if (input.value !== text || this.entry) return;
    const wanted = text.slice(1).toLowerCase();
    const whole = entries.find((one) => wanted === `${one.path} `);
    if (whole) {
      this.start(whole);
      return;
    }
    if (!entries.length) {
      suggest.note(input, "There are no commands here yet. The bot may still be starting.");
      return;
    }
    suggest.show(input, ranked(entries, wanted).slice(0, MOST).map((one) => this.item(one)), "Commands");
  }

  item(entry) {
    const bot = entry.app?.bot;
    return {
      label: `/${entry.path}`, hint: entry.description, take: () => this.start(entry),
      node: bot && avatar(avatarOf(bot), "tiny"),
    };
  }

  /** Show the fields of a command instead of the text field. */
  start(entry) {
    const { composer } = this;
    this.entry = entry;
    composer.suggest.close();
    composer.input.value = "";
    composer.input.hidden = true;
    this.fields = entry.options.filter((one) => one.required).map((one) => this.field(one));
    this.draw();
    if (!this.next()) this.box.querySelector(".slash-run").focus();
  }

  field(option) {
    return new Field(option, {
      app: this.app, entry: this.entry, suggest: this.composer.suggest, slash: this,
      channel: this.composer.channel,
    });
  }

  draw() {
    const { entry } = this;
    const left = entry.options.filter((one) => !this.fields.some((field) => field.option === one));
    this.box.hidden = false;
    this.box.replaceChildren(
      h("div", { class: "slash-line" },
        h("span", { class: "slash-name" }, `/${entry.path}`),
        this.fields.map((field) => field.node),
        left.map((option) => h("button", {
          type: "button", class: "slash-more", title: option.description, onclick: () => this.add(option),
        }, `+ ${option.name}`)),
        h("button", { type: "submit", class: "slash-run" }, "Run"),
        iconButton(ICONS.close, "Cancel (Escape)", { class: "small", onclick: () => this.cancel() })),
      h("p", { class: "slash-hint", id: "slash-hint" }, entry.description));
    this.box.onkeydown = (event) => this.key(event);
  }

  add(option) {
    const field = this.field(option);
    this.fields.push(field);
    this.draw();
    field.focus();
  }

  /** Say below the line what the option in hand is for. */
  hint(option, words = option.description) {
    const node = byId("slash-hint");
    if (node) patch(node, h("b", {}, option.name), ` – ${words}`);
  }

  key(event) {
    if (this.composer.suggest.key(event)) return;
    if (event.key === "Escape") this.cancel();
    else if (event.key === "Backspace" && this.fields.every((one) => one.empty)) this.back(event);
    else if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      this.submit();
    }
  }

  /** From an empty form back to the name, to choose another. */
  back(event) {
    event.preventDefault();
    const text = `/${this.entry.path}`;
    this.close();
    this.composer.input.value = text;
    this.composer.input.focus();
    this.offer(text);
  }

  cancel() {
    this.close();
    this.composer.input.focus();
  }

  close() {
    this.entry = null;
    this.fields = [];
    this.box.hidden = true;
    this.box.replaceChildren();
    this.composer.input.hidden = false;
    this.composer.grow();
    this.composer.suggest.close();
  }

  /** To the next field that still wants a value; false when there is none. */
  next() {
    const open = this.fields.find((one) => one.option.required && one.empty);
    open?.focus();
    return Boolean(open);
  }

  values() {
    return this.fields.filter((one) => !one.empty).map((one) => one.value());
  }

  async submit() {
    const wrong = this.fields.filter((one) => !one.check());
    if (wrong.length) {
      wrong[0].focus();
      this.hint(wrong[0].option, wrong[0].wish());
      return;
    }
    const { entry } = this;
    const files = this.fields.flatMap((one) => one.files);
    const options = tree(entry, numbered(this.values()));
    this.close();
    this.composer.input.focus();
    await attempt(() => this.app.interactions.command(entry.command, this.composer.channel, { options, files }));
  }
}

/** Files are named by their number in the request. */
function numbered(values) {
  let count = 0;
  return values.map((one) => (one.type === 11 ? { ...one, value: String(count++) } : one));
}

function ranked(entries, wanted) {
  const begins = entries.filter((one) => one.path.startsWith(wanted));
  const holds = entries.filter((one) => !begins.includes(one) && one.path.includes(wanted));
  return [...begins, ...holds];
}
