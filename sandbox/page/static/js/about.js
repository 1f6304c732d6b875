// What this page is: a slim bar that can be put away, and a panel that says it in full.

import { byId, h } from "./dom.js";
import { dialog } from "./widgets.js";

const KEY = "troupe-sandbox-notice";

const NOTICE = {
  scripted: "The model is scripted too: it does not understand what you write.",
  real: "The characters think with your own Codex account.",
  local: "The characters think with a model on this machine.",
};

const MODEL = {
  scripted:
    "Codex itself is real, but the model that it asks is a script on this machine. " +
    "It shows how talk flows; it does not understand what you write.",
  real: "Codex runs with your own account or endpoint: what the characters say is a model's, and it may cost.",
  local:
    "Codex asks a model that runs on this machine. It understands what you write as well as a model " +
    "of its size can; a small one forgets, repeats and makes things up.",
};

/** Show the bar unless it was put away, and let the buttons open the panel. */
export function about(app) {
  const bar = byId("notice");
  bar.hidden = localStorage.getItem(KEY) === "away";
  const { model } = app.session;
  byId("notice-more").textContent = model === "scripted" ? "How to use a real one" : "About this page";
  byId("notice-words").textContent = `This is a stand-in for Discord on this machine. ${NOTICE[model]}`;
  byId("notice-close").onclick = () => {
    bar.hidden = true;
    localStorage.setItem(KEY, "away");
  };
  for (const id of ["notice-more", "about"]) byId(id).onclick = () => openPanel(app, bar);
}

function openPanel(app, bar) {
  const { model } = app.session;
  const again = () => {
    localStorage.removeItem(KEY);
    bar.hidden = false;
  };
  dialog("About this page", h("div", { class: "about" },
    section("What it is",
      "A small Discord for one machine: its REST API and gateway, this page as a client, and the bot " +
      "as a program of its own that connects just as it would to Discord. " +
      `${model === "real" ? "Words go to your model and nowhere else" : "Nothing leaves this machine"}, ` +
      "and everything said here is forgotten when the sandbox stops."),
    section("The model", MODEL[model]),
    model === "scripted" && howToUseARealOne(),
    section("What to try", h("ul", {},
      TRY.map((one) => h("li", {}, one)))),
    section("The real Discord", "Put the token of your own application into ", code(".env"), " as ",
      code("DISCORD_TOKEN=…"), " and run ", code("make run"), ". ", code("make doctor"),
      " says what is still missing, ", code("make invite"), " prints the link to invite it."),
    bar.hidden && h("p", {}, h("button", { type: "button", class: "text-button", onclick: again },
      "Show the notice bar again"))), { class: "wide" });
}

const code = (words) => h("code", { class: "md-code" }, words);

const section = (title, ...content) => h("section", {}, h("h3", {}, title),
  content.map((one) => (one instanceof Element && one.tagName === "UL" ? one : h("span", {}, one))));

const howToUseARealOne = () =>
  section("A real model", "Stop the sandbox and start it again in one of these ways:",
    h("ul", {},
      h("li", {}, "With your ChatGPT account: ", code("make login"), " once, then ", code("make demo ARGS=--real-model"), "."),
      h("li", {}, "With any endpoint that speaks the Responses API: set ", code("CODEX_BASE_URL"), ", ",
        code("CODEX_API_KEY"), " and ", code("CODEX_MODEL"), ", then ", code("make demo ARGS=--real-model"), "."),
      h("li", {}, "Without an account: with Ollama or llama.cpp on this machine, or a small model that ",
        code("make try-models"), " fetched: ", code("make demo ARGS=--local-model"), ".")));

const TRY = [
  "In #tavern, type /summon and choose a character. Then write to it: @Mira, good evening!",
  "Answer one of its messages with Reply: it answers without being named.",
  "Summon Rask and Tally as well, and ask one about the other: they answer one another, but not for ever.",
  "Right-click an answer: regenerate, continue, edit or delete it, or ask why it was said.",
  "Ask for a poll, a thread, a pin, a file, a roll of the dice, or for a long story: its words appear while they are being made.",
  "Drop a picture or a text file, or write to Troupe directly.",
  "Type /cast to see who is here, and /pool stats to see the engine at work (as Ann).",
  "Be Ben for a while: he cannot do what only admins may.",
  "Kill the bot's process while it answers: the sandbox starts it again, and the answer comes once.",
];
