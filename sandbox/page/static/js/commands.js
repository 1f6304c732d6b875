// Which commands a person can use where, as flat entries: `pool stats` is one. Draws nothing.

import { usable } from "./permissions.js";

const FRESH = 3000;

export class Commands {
  constructor(store, rest) {
    this.store = store;
    this.rest = rest;
    this.known = new Map();
  }

  /** Slash commands of a channel: [{ path, command, options, description, app }], by name. */
  async slash(channel) {
    const { commands, apps } = await this.index(channel);
    return commands.filter((one) => one.type === 1).flatMap((one) => flatten(one, apps))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Menu entries: kind 2 for people, 3 for messages. */
  async menus(channel, kind) {
    return (await this.index(channel)).commands.filter((one) => one.type === kind);
  }

  async index(channel) {
    const old = this.known.get(channel.id);
    if (old && Date.now() - old.at < FRESH) return old;
    const place = channel.thread_metadata ? channel.parent_id : channel.id;
    const found = await this.rest.get(`/channels/${place}/application-command-index`);
    const bits = this.store.bits(channel);
    const made = {
      at: Date.now(),
      apps: new Map(found.applications.map((one) => [one.id, one])),
      commands: found.application_commands.filter((one) => usable(one, channel.guild_id, bits)),
    };
    this.known.set(channel.id, made);
    return made;
  }
}

function flatten(command, apps) {
  const app = apps.get(command.application_id);
  const walk = (node, path) => {
    const inner = (node.options ?? []).filter((one) => one.type === 1 || one.type === 2);
    if (inner.length) return inner.flatMap((one) => walk(one, [...path, one]));
    return [{
      command, app, steps: path, options: node.options ?? [], description: node.description,
      path: [command.name, ...path.map((one) => one.name)].join(" "),
    }];
  };
  return walk(command, []);
}

/** The option tree of an interaction: the values inside their sub-command and group. */
export function tree(entry, values) {
  return [...entry.steps].reverse()
    .reduce((inside, step) => [{ type: step.type, name: step.name, options: inside }], values);
}
