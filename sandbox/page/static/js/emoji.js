// The small set of emoji that the page offers, and the picker.

import { h } from "./dom.js";
import { popup } from "./popup.js";

const SET = [
  ["👍", "thumbs up yes"], ["👎", "thumbs down no"], ["❤️", "heart love"], ["😂", "laugh tears joy"],
  ["😄", "grin happy"], ["😉", "wink"], ["😍", "love eyes"], ["🤔", "think hm"], ["😮", "wow open mouth"],
  ["😢", "sad cry"], ["😡", "angry"], ["🙏", "thanks please pray"], ["👏", "clap applause"], ["🎉", "party tada"],
  ["🔥", "fire"], ["✨", "sparkles"], ["💡", "idea bulb"], ["✅", "check done"], ["❌", "cross no"], ["❓", "question"],
  ["👀", "eyes look"], ["💯", "hundred"], ["🎲", "dice roll"], ["⚔️", "swords fight"], ["🛡️", "shield"],
  ["🏹", "bow arrow"], ["🐉", "dragon"], ["🧙", "wizard mage"], ["🗝️", "key"], ["🗺️", "map"], ["🍺", "beer ale"],
  ["🍲", "stew food"], ["🌙", "moon night"], ["☀️", "sun day"], ["🌧️", "rain"], ["🎭", "theatre masks"],
  ["📜", "scroll"], ["🔧", "wrench tool"], ["🐛", "bug"], ["🚀", "rocket"],
];

/** Open a picker beside `anchor`; `choose(emoji)` gets the character. */
export function pickEmoji(anchor, choose) {
  const grid = h("div", { class: "emoji-grid" });
  const fill = (wanted) => {
    const found = SET.filter(([, words]) => words.includes(wanted.trim().toLowerCase()));
    grid.replaceChildren(...found.map(([emoji, words]) => h("button", {
      type: "button", class: "emoji", title: words.split(" ")[0], "aria-label": words,
      onclick: () => { close(); choose(emoji); },
    }, emoji)));
    if (!found.length) grid.append(h("p", { class: "faint" }, "Nothing by that name."));
  };
  const search = h("input", {
    type: "search", class: "emoji-search", placeholder: "Find an emoji", "aria-label": "Find an emoji",
    oninput: (event) => fill(event.target.value),
    onkeydown: (event) => event.key === "Enter" && grid.querySelector("button")?.click(),
  });
  fill("");
  const close = popup(anchor, h("div", { class: "emoji-picker" }, search, grid), { label: "Emoji" });
  search.focus();
}
