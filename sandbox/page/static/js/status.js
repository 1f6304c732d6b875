// How things stand: the line to the server, the bot's process, who is typing. Asks the sandbox
// itself for what Discord's gateway would not say.

import { byId, h, patch } from "./dom.js";

// Shorter than the shortest time that a bot needs to come back, so that no fall goes unseen.
const EVERY = 600;

/** Ask how the bot is, again and again; tells the topic "status". */
export function watchBot(app) {
  const look = async () => {
    const status = await fetch("/sandbox/status").then((answer) => answer.json()).catch(() => null);
    if (status && JSON.stringify(status) !== JSON.stringify(app.status)) {
      app.status = status;
      app.store.tell("status");
      drawBot(status);
    }
    setTimeout(look, EVERY);
  };
  look();
}

const BOT_BANNER = {
  starting: "The bot is starting… You can write already; it answers when it is there.",
  restarting: "The bot has stopped and is being started again…",
  offline: "No bot runs here.",
};

function drawBot({ bot, note }) {
  const words = BOT_BANNER[bot];
  const node = byId("bot-banner");
  node.hidden = !words;
  patch(node, words && h("p", {}, words, note && h("small", {}, note)));
}

/** Say how the line to the gateway is. */
export function drawLine(state, seconds, hurry) {
  const node = byId("line-banner");
  node.hidden = state === "online" || (state === "connecting" && !drawLine.lost);
  if (state === "waiting") drawLine.lost = true;
  if (state === "online") drawLine.lost = false;
  if (node.hidden) return;
  const words = {
    waiting: seconds > 1 ? `The line to the sandbox is cut. Next try in ${Math.round(seconds)} s. ` : "Connecting again… ",
    connecting: "Connecting again… ",
    refused: "This sandbox does not know you any more. ",
  }[state];
  patch(node, h("p", {}, words, state === "waiting" && seconds > 1 &&
    h("button", { type: "button", class: "text-button", onclick: hurry }, "Try now"),
  state === "refused" && h("button", { type: "button", class: "text-button", onclick: () => location.reload() }, "Reload")));
}

/** "Mira is typing", under the field. Only accounts can type: for a character, the bot does. */
export function drawTyping(store) {
  const node = byId("typing");
  const names = store.typistsIn(store.view?.channel).map((id) => store.nameOf(id) ?? "Someone");
  node.classList.toggle("on", names.length > 0);
  patch(node, names.length > 0 && [
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    h("span", {}, typingWords(names))]);
}

function typingWords(names) {
  if (names.length > 3) return "Several people are typing";
  const all = new Intl.ListFormat(undefined, { type: "conjunction" }).format(names);
  return `${all} ${names.length === 1 ? "is" : "are"} typing`;
}
