// A list of suggestions under the control of a text field: arrows choose, Enter or Tab takes,
// Escape closes. The field stays in focus; the list is announced through it.

import { h, patch } from "./dom.js";

export class Suggest {
  /** `place` holds the list. `take(item)` is called with the chosen one. */
  constructor(place, take) {
    this.place = place;
    this.take = take;
    this.items = [];
    this.at = 0;
  }

  get open() { return this.items.length > 0; }

  /** Show `items` ({ label, hint, node, value }) for `field`, under `title`. */
  show(field, items, title) {
    if (!items.length) {
      this.close();
      return;
    }
    const same = this.field === field && this.items[this.at]?.label;
    this.field = field;
    this.items = items;
    this.at = Math.max(0, items.findIndex((one) => one.label === same));
    this.title = title;
    this.draw();
  }

  /** Show a sentence instead of a list. */
  note(field, words) {
    this.close();
    this.field = field;
    this.place.hidden = false;
    this.place.replaceChildren(h("p", { class: "suggest-note", role: "status" }, words));
  }

  close() {
    this.items = [];
    this.place.replaceChildren();
    this.place.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
    this.field?.setAttribute("aria-expanded", "false");
  }

  draw() {
    this.place.hidden = false;
    const list = h("ul", { role: "listbox", id: "suggestions", "aria-label": this.title },
      this.items.map((one, index) => this.option(one, index)));
    patch(this.place, h("p", { class: "suggest-title" }, this.title), list);
    this.place.querySelectorAll("[role=option]").forEach((node, index) => {
      node.onpointerdown = (event) => {
        event.preventDefault();
        this.choose(index);
      };
    });
    this.field.setAttribute("aria-expanded", "true");
    this.field.setAttribute("aria-controls", "suggestions");
    this.field.setAttribute("aria-activedescendant", `suggestion${this.at}`);
    this.place.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  option(one, index) {
    return h("li", {
      role: "option", id: `suggestion${index}`, "aria-selected": String(index === this.at),
      class: index === this.at ? "on" : "",
    }, one.node, h("span", { class: "suggest-label" }, one.label),
    one.hint && h("span", { class: "suggest-hint" }, one.hint));
  }

  choose(index) {
    const item = this.items[index];
    this.close();
    if (item) this.take(item);
  }

  /** Whether the key was for the list. */
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.items.length) % this.items.length;
      this.draw();
    } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.choose(this.at);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
