// The pinned messages of the open channel, in a box under their button.

import { byId, h, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { momentOf } from "./ids.js";
import { popup } from "./popup.js";
import { inline } from "./render.js";
import { authorOf } from "./store.js";
import { attempt, avatar } from "./widgets.js";

/** Let the button in the head open the list. */
export function pins(app) {
  byId("pins-toggle").onclick = (event) => show(app, event.currentTarget);
}

async function show(app, anchor) {
  const channel = app.store.view?.channel;
  const box = h("div", { class: "pins" }, h("p", { class: "menu-title" }, "Pinned messages"));
  const close = popup(anchor, box, { label: "Pinned messages" });
  await attempt(async () => {
    const { items } = await app.rest.get(`/channels/${channel}/messages/pins`);
    box.append(...(items.length ? items.map((one) => entry(one, app, close))
      : [h("p", { class: "menu-note" }, "Nothing is pinned here yet.")]));
    close.place();
    box.querySelector("button")?.focus({ preventScroll: true });
  });
}

function entry({ message, pinned_at: when }, app, close) {
  const author = authorOf(app.store, message);
  const words = message.content.replace(/\s+/g, " ").slice(0, 160);
  return h("button", {
    type: "button", class: "pin", onclick: () => {
      close();
      app.go(message.channel_id, message.id);
    },
  }, avatar(author, "small"), h("span", { class: "person-words" },
    h("span", { class: "person-name" }, author.name),
    h("span", { class: "pin-text" }, words ? inline(words, app.store) : "a picture, poll or file"),
    h("small", {}, svg(ICONS.pin, 12), ` ${momentOf(new Date(when))}`)));
}

/** Pin a message, or take its pin away. */
export const turnPin = (app, message) => attempt(() => {
  const path = `/channels/${message.channel_id}/messages/pins/${message.id}`;
  return message.pinned ? app.rest.delete(path) : app.rest.put(path);
});
