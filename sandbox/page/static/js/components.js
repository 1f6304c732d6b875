// Components of messages: buttons, select menus, and the containers and texts of the newer kind.
// Forms (modals) are in forms.js.

import { h, svg, web } from "./dom.js";
import { picture } from "./embeds.js";
import { files } from "./files.js";
import { ICONS } from "./icons.js";
import { rich } from "./render.js";
import { toast } from "./widgets.js";

const BUTTONS = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };
const SELECTS = new Set([3, 5, 6, 7, 8]);

/** Nodes for all components of a message. */
export const componentsOf = (message, app) =>
  (message.components ?? []).map((one) => component(one, message, app)).filter(Boolean);

function component(one, message, app) {
  if (SELECTS.has(one.type)) return select(one, message, app);
  return DRAWN[one.type]?.(one, message, app) ?? null;
}

const inside = (list, message, app) => (list ?? []).map((one) => component(one, message, app));

const DRAWN = {
  1: (one, message, app) => h("div", { class: "c-row" }, inside(one.components, message, app)),
  2: button,
  9: (one, message, app) => h("div", { class: "c-section" },
    h("div", {}, inside(one.components, message, app)),
    one.accessory && component(one.accessory, message, app)),
  10: (one, _message, app) => h("div", { class: "c-text" }, rich(one.content ?? "", app.store)),
  11: (one) => picture({ url: one.media?.url, description: one.description }, "thumb"),
  12: (one) => h("div", { class: "c-gallery" }, (one.items ?? []).map((item) =>
    picture({ url: item.media?.url, description: item.description }))),
  13: (one, message) => {
    const name = (one.file?.url ?? "").replace("attachment://", "");
    const found = (message.attachments ?? []).filter((each) => each.filename === name);
    return h("div", {}, files(found));
  },
  14: (one) => h("hr", { class: `c-line${one.divider === false ? " bare" : ""}${one.spacing === 2 ? " wide" : ""}` }),
  17: (one, message, app) => {
    const node = h("div", { class: "c-box" }, inside(one.components, message, app));
    if (one.accent_color) node.style.setProperty("--stripe", `#${one.accent_color.toString(16).padStart(6, "0")}`);
    return node;
  },
};

function button(one, message, app) {
  const words = [one.emoji?.name && h("span", { "aria-hidden": "true" }, one.emoji.name), one.label];
  if (one.style === 5) {
    return h("a", { class: "c-button link", href: web(one.url ?? ""), target: "_blank", rel: "noopener noreferrer nofollow" },
      words, svg(ICONS.link, 14));
  }
  return h("button", {
    type: "button", class: `c-button ${BUTTONS[one.style] ?? "secondary"}`, disabled: Boolean(one.disabled),
    data: { custom: one.custom_id },
    onclick: (event) => act(event.currentTarget, () => app.interactions.component(message, one)),
  }, words);
}

/** Show that the application is being asked; say so when it does not answer. */
async function act(node, ask) {
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  try {
    await ask();
  } catch (error) {
    toast(`This did not work: ${error.message}`);
  } finally {
    node.classList.remove("busy");
    node.removeAttribute("aria-busy");
  }
}

/** A select menu: a native one for a single choice, check boxes in a fold for several. */
function select(one, message, app) {
  const options = optionsOf(one, app.store, message.channel_id);
  const send = (node, values) => act(node, () => app.interactions.component(message, one, values));
  if ((one.max_values ?? 1) > 1) return many(one, options, send);
  const list = h("select", {
    class: "c-select", disabled: Boolean(one.disabled), data: { custom: one.custom_id },
    "aria-label": one.placeholder ?? "Choose", onchange: (event) => send(event.target, [event.target.value]),
  }, h("option", { value: "", disabled: true, hidden: true }, one.placeholder ?? "Choose…"),
  options.map((each) => h("option", { value: each.value, selected: each.default }, each.label +
    (each.description ? ` – ${each.description}` : ""))));
  if (!options.some((each) => each.default)) list.selectedIndex = 0;
  return list;
}

function many(one, options, send) {
  const boxes = options.map((each) => h("label", { class: "c-check" },
    h("input", { type: "checkbox", value: each.value, checked: Boolean(each.default) }), h("span", {}, each.label,
      each.description && h("small", {}, each.description))));
  const done = h("button", {
    type: "button", class: "c-button primary", disabled: Boolean(one.disabled),
    onclick: (event) => {
      const fold = event.currentTarget.closest("details");
      send(event.currentTarget, [...fold.querySelectorAll("input:checked")].map((box) => box.value));
    },
  }, "Choose");
  return h("details", { class: "c-many", data: { custom: one.custom_id } },
    h("summary", {}, one.placeholder ?? "Choose…"), boxes, done);
}

/** What a select menu offers: [{ value, label, description, default }]. */
export function optionsOf(one, store, channelId) {
  if (one.type === 3) return one.options ?? [];
  const guild = store.guildOf(store.channels.get(channelId));
  const people = () => [...(guild ? store.membersOf(guild.id).values() : [])]
    .map(({ user, nick }) => ({ value: user.id, label: nick ?? user.global_name ?? user.username }));
  const roles = () => (guild?.roles ?? []).map((role) => ({ value: role.id, label: role.name }));
  if (one.type === 5) return people();
  if (one.type === 6) return roles();
  if (one.type === 7) return [...people(), ...roles()];
  return guild ? store.channelsOf(guild.id).map((each) => ({ value: each.id, label: `#${each.name}` })) : [];
}
