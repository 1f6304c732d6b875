// How each gateway event changes the store. Draws nothing, sends nothing.

import { counting, merged } from "./polls.js";
import { EPHEMERAL } from "./store.js";

const TYPING_LASTS = 10000;

/** Take one event; unknown ones are passed over. */
export function take(store, name, data) {
  TAKEN[name]?.(store, data);
}

const TAKEN = {
  READY(store, data) {
    store.sessionId = data.session_id;
    store.learnUsers([data.user]);
    for (const guild of data.guilds ?? []) if (guild.channels) addGuild(store, guild);
    for (const channel of data.private_channels ?? []) addChannel(store, channel);
    store.tell("places");
    store.tell("ready");
  },
  GUILD_CREATE(store, data) {
    addGuild(store, data);
    store.tell("places");
    store.tell("people");
  },
  GUILD_UPDATE(store, data) {
    Object.assign(store.guilds.get(data.id) ?? {}, data);
    store.tell("places");
  },
  GUILD_DELETE(store, data) {
    store.guilds.delete(data.id);
    for (const channel of store.channels.values()) {
      if (channel.guild_id === data.id) store.channels.delete(channel.id);
    }
    store.tell("places");
  },
  GUILD_ROLE_CREATE: setRole,
  GUILD_ROLE_UPDATE: setRole,
  GUILD_ROLE_DELETE(store, data) {
    const guild = store.guilds.get(data.guild_id);
    if (guild) guild.roles = guild.roles.filter((one) => one.id !== data.role_id);
    store.tell("people");
  },
  GUILD_MEMBER_ADD: setMember,
  GUILD_MEMBER_UPDATE: setMember,
  GUILD_MEMBER_REMOVE(store, data) {
    store.membersOf(data.guild_id).delete(data.user.id);
    store.tell("people");
  },
  CHANNEL_CREATE: setChannel,
  CHANNEL_UPDATE: setChannel,
  CHANNEL_DELETE: dropChannel,
  THREAD_CREATE: setChannel,
  THREAD_UPDATE: setChannel,
  THREAD_DELETE: dropChannel,
  MESSAGE_CREATE(store, data) {
    addMessage(store, data);
    store.typing.get(data.channel_id)?.delete(data.author.id);
    store.tell("message", { channel: data.channel_id, id: data.id, kind: "new" });
    store.tell("typing", { channel: data.channel_id });
    countUnread(store, data);
  },
  MESSAGE_UPDATE(store, data) {
    const old = store.message(data.channel_id, data.id);
    if (!old) return;
    // The event does not say which reactions and votes are this person's: what is known stays.
    store.log(data.channel_id).put({ ...old, ...data, reactions: old.reactions, poll: merged(old.poll, data.poll) });
    store.tell("message", { channel: data.channel_id, id: data.id, kind: "edit" });
  },
  MESSAGE_DELETE(store, data) { dropMessages(store, data.channel_id, [data.id]); },
  MESSAGE_DELETE_BULK(store, data) { dropMessages(store, data.channel_id, data.ids); },
  MESSAGE_REACTION_ADD(store, data) { react(store, data, 1); },
  MESSAGE_REACTION_REMOVE(store, data) { react(store, data, -1); },
  MESSAGE_REACTION_REMOVE_ALL(store, data) { setReactions(store, data, () => []); },
  MESSAGE_REACTION_REMOVE_EMOJI(store, data) {
    setReactions(store, data, (list) => list.filter((one) => !sameEmoji(one.emoji, data.emoji)));
  },
  MESSAGE_POLL_VOTE_ADD(store, data) { countVote(store, data, 1); },
  MESSAGE_POLL_VOTE_REMOVE(store, data) { countVote(store, data, -1); },
  PRESENCE_UPDATE(store, data) {
    store.presences.set(data.user.id, data);
    store.tell("people");
  },
  TYPING_START(store, data) {
    if (!store.typing.has(data.channel_id)) store.typing.set(data.channel_id, new Map());
    store.typing.get(data.channel_id).set(data.user_id, Date.now() + TYPING_LASTS);
    store.learnUsers([data.member?.user]);
    store.tell("typing", { channel: data.channel_id });
    setTimeout(() => store.tell("typing", { channel: data.channel_id }), TYPING_LASTS + 50);
  },
  INTERACTION_CREATE(store, data) { store.tell("interaction", { kind: "sent", ...data }); },
  INTERACTION_SUCCESS(store, data) { store.tell("interaction", { kind: "done", ...data }); },
  INTERACTION_FAILURE(store, data) { store.tell("interaction", { kind: "failed", ...data }); },
  INTERACTION_MODAL_CREATE(store, data) { store.tell("interaction", { kind: "modal", ...data }); },
  APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE(store, data) {
    store.tell("interaction", { kind: "choices", ...data });
  },
};

function addGuild(store, guild) {
  const { channels = [], threads = [], members = [], presences = [], ...rest } = guild;
  for (const one of presences) store.presences.set(one.user.id, one);
  store.guilds.set(guild.id, rest);
  for (const channel of [...channels, ...threads]) {
    addChannel(store, { ...channel, guild_id: guild.id });
  }
  for (const member of members) addMember(store, guild.id, member);
}

function addChannel(store, channel) {
  store.channels.set(channel.id, { ...store.channels.get(channel.id), ...channel });
  store.learnUsers(channel.recipients ?? []);
}

function setChannel(store, data) {
  addChannel(store, data);
  store.tell("places", { channel: data.id });
}

function dropChannel(store, data) {
  store.channels.delete(data.id);
  store.tell("places", { channel: data.id });
}

/** A member as REST or the gateway gives it. */
export function addMember(store, guildId, member) {
  store.membersOf(guildId).set(member.user.id, member);
  store.learnUsers([member.user]);
}

function setMember(store, data) {
  addMember(store, data.guild_id, data);
  store.tell("people");
}

function setRole(store, data) {
  const guild = store.guilds.get(data.guild_id);
  if (guild) guild.roles = [...guild.roles.filter((one) => one.id !== data.role.id), data.role];
  store.tell("people");
}

/** Learn a message, wherever it came from. */
export function addMessage(store, message) {
  if (!message.webhook_id) store.learnUsers([message.author]);
  store.learnUsers(message.mentions ?? []);
  store.log(message.channel_id).put(message);
}

function dropMessages(store, channelId, ids) {
  for (const id of ids) {
    store.log(channelId).items.delete(id);
    store.tell("message", { channel: channelId, id, kind: "gone" });
  }
}

const sameEmoji = (one, other) => (one.id ?? one.name) === (other.id ?? other.name);

function setReactions(store, { channel_id: channel, message_id: id }, change) {
  const message = store.message(channel, id);
  if (!message) return;
  store.log(channel).put({ ...message, reactions: change(message.reactions ?? []) });
  store.tell("message", { channel, id, kind: "edit" });
}

function react(store, data, step) {
  const mine = data.user_id === store.me.id;
  setReactions(store, data, (list) => {
    const old = list.find((one) => sameEmoji(one.emoji, data.emoji));
    const now = { emoji: data.emoji, count: (old?.count ?? 0) + step,
      me: mine ? step > 0 : Boolean(old?.me) };
    const next = old ? list.map((one) => (one === old ? now : one)) : [...list, now];
    return next.filter((one) => one.count > 0);
  });
}

function countVote(store, { channel_id: channel, message_id: id, answer_id: answer, user_id: user }, step) {
  const message = store.message(channel, id);
  if (!message?.poll) return;
  store.log(channel).put({ ...message, poll: counting(message.poll, answer, step, user === store.me.id) });
  store.tell("message", { channel, id, kind: "edit" });
}

function countUnread(store, message) {
  const { channel_id: channel, author } = message;
  const seen = store.view?.channel === channel && document.visibilityState === "visible";
  if (seen || author.id === store.me.id || (message.flags & EPHEMERAL)) return;
  const old = store.unread.get(channel) ?? { count: 0, mentions: 0, first: message.id };
  const rings = message.mention_everyone || message.mentions.some((one) => one.id === store.me.id);
  store.unread.set(channel, { ...old, count: old.count + 1, mentions: old.mentions + Number(rings) });
  store.tell("unread");
}
