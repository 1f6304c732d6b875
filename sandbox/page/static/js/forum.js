// A forum: its posts as cards, and a form to open a new one.

import { byId, h, patch, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { madeAt, momentOf } from "./ids.js";
import { attempt, dialog } from "./widgets.js";

/** Draw the posts of a forum into its pane. */
export function drawForum(app, channel) {
  const posts = app.store.threadsOf(channel.id);
  patch(byId("forum"),
    h("div", { class: "forum-head" },
      h("p", {}, "A character that is summoned into a post speaks in that post alone."),
      h("button", { type: "button", class: "c-button primary", onclick: () => newPost(app, channel) },
        svg(ICONS.plus, 16), "New post")),
    posts.length ? h("ul", { class: "posts" }, posts.map((post) => card(post, app)))
      : h("p", { class: "faint" }, "There are no posts yet."));
}

function card(post, app) {
  const when = madeAt(post.id);
  const by = app.store.nameOf(post.owner_id) ?? "someone";
  return h("li", {}, h("a", { class: "post", href: `#/${post.id}` },
    h("strong", {}, post.name),
    h("span", {}, `${by} · ${momentOf(when)} · ${counted(post.message_count ?? 0)}`)));
}

const counted = (number) => `${number} ${number === 1 ? "message" : "messages"}`;

function newPost(app, channel) {
  const title = h("input", { required: true, maxlength: "100", autocomplete: "off" });
  const text = h("textarea", { required: true, maxlength: "2000", rows: "5" });
  const form = h("form", {
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      await attempt(async () => {
        const body = { name: title.value, message: { content: text.value } };
        const made = await app.rest.post(`/channels/${channel.id}/threads`, body);
        frame.close();
        app.go(made.id);
      });
    },
  },
  h("label", { class: "form-field" }, h("span", { class: "form-label" }, "Title"), title),
  h("label", { class: "form-field" }, h("span", { class: "form-label" }, "First message"), text),
  h("footer", {}, h("button", { type: "submit", class: "c-button primary" }, "Post")));
  const frame = dialog(`New post in ${channel.name}`, form);
  title.focus();
}

/** Ask for a name and open a thread on a message. */
export function newThread(app, message) {
  const name = h("input", { required: true, maxlength: "100", autocomplete: "off" });
  name.value = message.content.replace(/\s+/g, " ").slice(0, 60) || "New thread";
  const form = h("form", {
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      await attempt(async () => {
        const path = `/channels/${message.channel_id}/messages/${message.id}/threads`;
        const made = await app.rest.post(path, { name: name.value });
        frame.close();
        app.go(made.id);
      });
    },
  },
  h("label", { class: "form-field" }, h("span", { class: "form-label" }, "Name of the thread"), name),
  h("footer", {}, h("button", { type: "submit", class: "c-button primary" }, "Start")));
  const frame = dialog("Start a thread", form);
  name.select();
}
