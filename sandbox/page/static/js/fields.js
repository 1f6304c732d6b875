// One option of a slash command: its field, its suggestions, its value as Discord wants it.

import { h } from "./dom.js";
import { optionsOf } from "./components.js";
import { tree } from "./commands.js";

const T = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, FILE: 11 };
const SELECT_OF = { [T.USER]: 5, [T.ROLE]: 6, [T.MENTIONABLE]: 7, [T.CHANNEL]: 8 };
const PAUSE = 120;
let serial = 0;

export class Field {
  constructor(option, { app, entry, suggest, slash, channel }) {
    Object.assign(this, { option, app, entry, suggest, slash, channel });
    this.chosen = null;
    const id = `option${(serial += 1)}`;
    this.input = h("input", this.attributes(id));
    this.node = h("span", { class: "slash-field" },
      h("label", { for: id }, option.name), this.input);
    this.listen();
  }

  attributes(id) {
    if (this.option.type === T.FILE) return { id, type: "file", data: { option: this.option.name } };
    return {
      id, type: "text", autocomplete: "off", size: "14", role: "combobox", "aria-expanded": "false",
      "aria-autocomplete": "list", "aria-describedby": "slash-hint", data: { option: this.option.name },
      inputmode: this.option.type === T.INTEGER ? "numeric" : null,
      "aria-required": String(Boolean(this.option.required)),
    };
  }

  listen() {
    const { input } = this;
    input.addEventListener("focus", () => {
      this.slash.hint(this.option);
      this.offer();
    });
    input.addEventListener("blur", () => this.suggest.field === input && this.suggest.close());
    input.addEventListener("input", () => {
      this.chosen = null;
      input.removeAttribute("aria-invalid");
      input.size = Math.min(Math.max(14, input.value.length + 1), 40);
      this.offer();
    });
  }

  focus() { this.input.focus(); }

  get text() { return this.input.value.trim(); }

  get files() { return this.option.type === T.FILE ? [...this.input.files] : []; }

  get empty() { return this.option.type === T.FILE ? this.files.length === 0 : this.text === ""; }

  /** Suggestions for what is typed; a slow answer to an older text is dropped. */
  async offer() {
    clearTimeout(this.timer);
    if (this.chosen !== null || this.option.type === T.FILE) return;
    if (this.option.autocomplete) {
      this.timer = setTimeout(() => this.ask(), PAUSE);
      return;
    }
    const wanted = this.text.toLowerCase();
    this.show(this.fixed().filter((one) => one.name.toLowerCase().includes(wanted)));
  }

  fixed() {
    const { option } = this;
    if (option.choices) return option.choices;
    if (option.type === T.BOOLEAN) return [{ name: "True", value: true }, { name: "False", value: false }];
    const kind = SELECT_OF[option.type];
    if (!kind) return [];
    return optionsOf({ type: kind }, this.app.store, this.channel.id)
      .map((one) => ({ name: one.label, value: one.value }));
  }

  async ask() {
    const asked = this.text;
    const others = this.slash.fields.filter((one) => one !== this && !one.empty).map((one) => one.value());
    const own = { type: this.option.type, name: this.option.name, value: asked, focused: true };
    const options = tree(this.entry, [...others, own]);
    const found = await this.app.interactions.choices(this.entry.command, this.channel, options)
      .catch(() => null);
    if (asked !== this.text || document.activeElement !== this.input) return;
    if (found === null) this.suggest.note(this.input, "The suggestions could not be loaded.");
    else if (!found.length) this.suggest.note(this.input, "Nothing fits.");
    else this.show(found);
  }

  show(choices) {
    if (document.activeElement !== this.input) return;
    this.suggest.show(this.input, choices.slice(0, 25).map((one) => ({
      label: one.name, take: () => this.choose(one),
    })), this.option.description);
  }

  choose(choice) {
    this.chosen = choice;
    this.input.value = choice.name;
    this.input.size = Math.min(Math.max(14, choice.name.length + 1), 40);
    this.input.removeAttribute("aria-invalid");
    this.slash.next();
  }

  /** The chosen suggestion, or the typed text where that is one of the fixed ones. */
  known() {
    return this.chosen ?? this.fixed().find((one) => one.name.toLowerCase() === this.text.toLowerCase());
  }

  /** Whether the value can be sent; marks the field when not. */
  check() {
    const good = this.empty ? !this.option.required : this.fits();
    if (good) this.input.removeAttribute("aria-invalid");
    else this.input.setAttribute("aria-invalid", "true");
    return good;
  }

  fits() {
    const { type, choices } = this.option;
    if (this.known()) return true;
    if (choices || type === T.BOOLEAN || SELECT_OF[type]) return false;
    if (type === T.INTEGER && !/^-?\d+$/.test(this.text)) return false;
    if (type !== T.INTEGER && type !== T.NUMBER) return true;
    const { min_value: low = -Infinity, max_value: high = Infinity } = this.option;
    return Number(this.text) >= low && Number(this.text) <= high;
  }

  /** What the value has to be, for whoever gave another. */
  wish() {
    const { type, min_value: low, max_value: high } = this.option;
    if (this.empty) return "is needed.";
    if (type !== T.INTEGER && type !== T.NUMBER) return "choose one of the suggestions.";
    const from = low === undefined ? "" : ` from ${low}`;
    const to = high === undefined ? "" : ` to ${high}`;
    return `a ${type === T.INTEGER ? "whole " : ""}number${from}${to}.`;
  }

  /** { type, name, value } of the interaction. */
  value() {
    const { type, name } = this.option;
    const known = this.known();
    if (known) return { type, name, value: known.value };
    const numeric = type === T.INTEGER || type === T.NUMBER;
    return { type, name, value: numeric ? Number(this.text) : this.text };
  }
}
