// Completion of @people, @characters and #channels while one writes, and what they become when sent.

import { avatar, avatarOf } from "./widgets.js";
import { BIT } from "./permissions.js";
import { KIND } from "./store.js";
import { svg } from "./dom.js";
import { symbolOf } from "./sidebar.js";

const TOKEN = /(?:^|[\s(])([@#])([^\s@#]{0,32})$/;
const MOST = 8;

export class NameCompletion {
  constructor(composer) {
    this.composer = composer;
    this.store = composer.store;
    this.chosen = new Map();
  }

  /** Show names that fit what stands before the cursor. */
  offer() {
    const { input, suggest } = this.composer;
    const before = input.value.slice(0, input.selectionStart);
    const match = TOKEN.exec(before);
    if (!match) {
      suggest.close();
      return;
    }
    const [, mark, typed] = match;
    const all = mark === "@" ? this.people() : this.channels();
    const found = all.filter((one) => fits(one.label, typed)).slice(0, MOST);
    for (const one of found) one.take = () => this.put(one, mark, typed.length + 1);
    suggest.show(input, found, mark === "@" ? "People and characters" : "Channels");
  }

  people() {
    const channel = this.composer.channel;
    const guild = this.store.guildOf(channel);
    const faces = this.store.facesIn(channel.id).map((face) => ({
      label: face.username, hint: "character",
      node: avatar({ ...avatarOf(face), seed: face.username }, "tiny"),
    }));
    const users = guild ? [...this.store.membersOf(guild.id).values()].map((one) => one.user)
      : channel.recipients ?? [];
    const members = users.filter((user) => user.id !== this.store.me.id).map((user) => ({
      label: this.store.nameOf(user.id) ?? user.username, hint: user.bot ? "app" : user.username,
      node: avatar(avatarOf(user), "tiny"), becomes: `<@${user.id}>`,
    }));
    return [...faces, ...members];
  }

  channels() {
    const guild = this.store.guildOf(this.composer.channel);
    if (!guild) return [];
    return this.store.channelsOf(guild.id)
      .filter((one) => one.type !== KIND.CATEGORY && this.store.may(one, BIT.VIEW))
      .map((one) => ({ label: one.name, node: svg(symbolOf(one), 16), becomes: `<#${one.id}>` }));
  }

  put(item, mark, length) {
    const { input } = this.composer;
    const at = input.selectionStart;
    const text = `${mark}${item.label}`;
    if (item.becomes) this.chosen.set(text, item.becomes);
    input.setRangeText(`${text} `, at - length, at, "end");
    this.composer.typed();
  }

  /** The text to send: chosen names as mentions. */
  resolve(text) {
    const names = [...this.chosen.keys()].sort((one, other) => other.length - one.length);
    let made = text;
    for (const name of names) made = made.replaceAll(name, this.chosen.get(name));
    return made;
  }
}

const fits = (name, typed) => {
  const wanted = typed.toLowerCase();
  return name.toLowerCase().split(/\s+/).some((word) => word.startsWith(wanted)) ||
    name.toLowerCase().startsWith(wanted);
};
