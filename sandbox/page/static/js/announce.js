// Reads new messages out for screen readers: once, when their text has come to rest.

import { byId } from "./dom.js";
import { authorOf } from "./store.js";

const REST = 1500;

/** Watch the open channel and say what others write there. */
export function announce(store) {
  const waiting = new Map();
  store.on("message", ({ channel, id, kind }) => {
    if (channel !== store.view?.channel) return;
    clearTimeout(waiting.get(id));
    const message = store.message(channel, id);
    if (!message || message.author.id === store.me.id) return;
    if (kind === "new" || waiting.has(id)) {
      waiting.set(id, setTimeout(() => {
        waiting.delete(id);
        say(store, store.message(channel, id));
      }, REST));
    }
  });
}

function say(store, message) {
  if (!message) return;
  const words = message.content || "a message without text";
  byId("announcer").textContent = `${authorOf(store, message).name}: ${words.slice(0, 600)}`;
}
