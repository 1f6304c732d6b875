// What this person's client knows, and who wants to hear of changes. Look-ups only: events.js
// changes it by what the gateway says.
//
// Topics told: "places" (channels, guilds), "people" (members, roles), "log" (a page was read),
// "message" {channel, id, kind}, "typing" {channel}, "unread", "view", "interaction".

import { byAge, madeAt } from "./ids.js";
import { BIT, bitsIn } from "./permissions.js";

export const KIND = { TEXT: 0, DM: 1, VOICE: 2, CATEGORY: 4, NEWS: 5, FORUM: 15, MEDIA: 16 };
export const THREADS = new Set([10, 11, 12]);
export const FORUMS = new Set([KIND.FORUM, KIND.MEDIA]);
export const EPHEMERAL = 64;
export const LOADING = 128;

export class Store extends EventTarget {
  constructor(me) {
    super();
    this.me = me;
    this.sessionId = null;
    this.guilds = new Map();
    this.channels = new Map();
    this.users = new Map([[me.id, me]]);
    this.members = new Map();
    this.presences = new Map();
    this.logs = new Map();
    this.typing = new Map();
    this.unread = new Map();
    this.view = null;
  }

  on(topic, listener) {
    this.addEventListener(topic, (event) => listener(event.detail ?? {}));
  }

  tell(topic, detail) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }

  /** The messages of a channel that the page has, oldest first. */
  log(channelId) {
    if (!this.logs.has(channelId)) this.logs.set(channelId, new Log());
    return this.logs.get(channelId);
  }

  message(channelId, id) { return this.logs.get(channelId)?.items.get(id); }

  guildOf(channel) { return channel?.guild_id ? this.guilds.get(channel.guild_id) : undefined; }

  membersOf(guildId) {
    if (!this.members.has(guildId)) this.members.set(guildId, new Map());
    return this.members.get(guildId);
  }

  channelOf(id) {
    const channel = this.channels.get(id);
    return channel && { ...channel, name: this.titleOf(channel) };
  }

  titleOf(channel) {
    if (channel.type !== KIND.DM) return channel.name;
    return channel.recipients.map((one) => one.global_name ?? one.username).join(", ");
  }

  /** A person's name here: nickname, display name, user name; undefined for strangers. */
  nameOf(userId) {
    const guild = this.guildOf(this.channels.get(this.view?.channel)) ?? this.guilds.values().next().value;
    const nick = guild && this.membersOf(guild.id).get(userId)?.nick;
    const user = this.users.get(userId);
    return nick ?? user?.global_name ?? user?.username;
  }

  roleOf(roleId) {
    for (const guild of this.guilds.values()) {
      const role = guild.roles.find((one) => one.id === roleId);
      if (role) return role.name;
    }
    return undefined;
  }

  /** This person's permission bits in a channel. */
  bits(channel) {
    const guild = this.guildOf(channel);
    const place = THREADS.has(channel.type) ? this.channels.get(channel.parent_id) : channel;
    return bitsIn(guild, guild && this.membersOf(guild.id).get(this.me.id), place);
  }

  may(channel, bit) { return (this.bits(channel) & bit) === bit; }

  maySpeak(channel) {
    if (FORUMS.has(channel.type) || channel.type === KIND.CATEGORY) return false;
    if (channel.thread_metadata?.locked) return false;
    return this.may(channel, THREADS.has(channel.type) ? BIT.SEND_IN_THREADS : BIT.SEND);
  }

  /** Channels that belong side by side, in their order. */
  channelsOf(guildId) {
    return [...this.channels.values()]
      .filter((one) => one.guild_id === guildId && !THREADS.has(one.type))
      .sort((one, other) => one.position - other.position || byAge(one.id, other.id));
  }

  threadsOf(parentId) {
    return [...this.channels.values()]
      .filter((one) => THREADS.has(one.type) && one.parent_id === parentId && !one.thread_metadata?.archived)
      .sort((one, other) => byAge(other.id, one.id));
  }

  /** What an account says of itself: its custom status, or what it plays; empty for neither. */
  statusOf(userId) {
    const { activities = [] } = this.presences.get(userId) ?? {};
    const custom = activities.find((one) => one.type === 4);
    return custom ? custom.state ?? "" : activities[0]?.name ?? "";
  }

  directs() { return [...this.channels.values()].filter((one) => one.type === KIND.DM); }

  /** Who types in a channel now, oneself left out. */
  typistsIn(channelId) {
    const now = Date.now();
    return [...(this.typing.get(channelId) ?? new Map())]
      .filter(([userId, until]) => until > now && userId !== this.me.id).map(([userId]) => userId);
  }

  /** Faces that spoke through webhooks in a channel lately, newest first, each name once. */
  facesIn(channelId) {
    const seen = new Map();
    for (const message of [...this.log(channelId).items.values()].reverse()) {
      const name = message.author.username;
      if (isWebhook(message) && !seen.has(name)) seen.set(name, message.author);
    }
    return [...seen.values()];
  }

  learnUsers(list) {
    for (const user of list) if (user?.id) this.users.set(user.id, user);
  }
}

/** Messages of one channel by id. `whole`: the channel's first message is among them. */
class Log {
  constructor() {
    this.items = new Map();
    this.loaded = false;
    this.whole = false;
  }

  /** Put in a message at its place; the order holds whatever comes when. */
  put(message) {
    const last = [...this.items.keys()].at(-1);
    const late = last !== undefined && byAge(message.id, last) < 0 && !this.items.has(message.id);
    this.items.set(message.id, message);
    if (late) this.items = new Map([...this.items].sort(([one], [other]) => byAge(one, other)));
  }
}

/** Whether a webhook wore this face. An application's own answers carry its id as webhook. */
export const isWebhook = (message) =>
  Boolean(message.webhook_id) && message.webhook_id !== message.application_id;

/** Who wrote it, as people see it. */
export function authorOf(store, message) {
  const { author } = message;
  const guild = message.guild_id ?? store.channels.get(message.channel_id)?.guild_id;
  const nick = !isWebhook(message) && guild && store.members.get(guild)?.get(author.id)?.nick;
  return {
    id: author.id,
    name: nick || author.global_name || author.username,
    app: Boolean(author.bot || message.webhook_id),
    seed: isWebhook(message) ? author.username : author.id,
    url: avatarUrl(author),
  };
}

/** Where the server keeps someone's picture; null for none. */
export const avatarUrl = (user) => (user.avatar ? `/avatars/${user.id}/${user.avatar}.png` : null);

export { madeAt };
