// What a person does with an application: commands, autocompletion, components, forms.
// Builds the requests and matches the gateway's answers by nonce. Draws nothing.

import { nonce } from "./ids.js";

const PATIENCE = 6000;

export class Interactions {
  constructor(store, rest) {
    this.store = store;
    this.rest = rest;
    this.waiting = new Map();
    store.on("interaction", (detail) => this.heard(detail));
  }

  /** Run a command. `options` is its filled tree; `target` the message or user of a menu. */
  command(command, channel, { options = [], target, files = [] } = {}) {
    return this.send(2, command.application_id, channel, commandData(command, options, target, files), { files });
  }

  /** Choices for the option marked `focused`: [{ name, value }]. */
  async choices(command, channel, options) {
    const answer = await this.send(4, command.application_id, channel, commandData(command, options));
    return answer.choices ?? [];
  }

  /** Press a button or choose in a select menu of `message`. */
  component(message, component, values) {
    const data = { component_type: component.type, custom_id: component.custom_id };
    if (values) data.values = values;
    const channel = this.store.channels.get(message.channel_id);
    return this.send(3, message.application_id, channel, data, {
      more: { message_id: message.id, message_flags: message.flags },
    });
  }

  /** Hand in a form. */
  form(modal, channel, components, files = []) {
    const data = { id: modal.id, custom_id: modal.custom_id, components };
    return this.send(5, modal.application.id, channel, data, { files });
  }

  /**
   * Resolves when the application answered: {kind: "done" | "modal" | "choices", …}. Rejects with
   * words for people when it did not.
   */
  async send(type, application, channel, data, { files = [], more = {} } = {}) {
    const id = nonce();
    const answered = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(id, { kind: "failed" }), PATIENCE);
      this.waiting.set(id, { resolve, reject, timer });
    });
    answered.catch(() => {});
    const body = {
      type, application_id: application, guild_id: channel.guild_id, channel_id: channel.id,
      session_id: this.store.sessionId, nonce: id, data, ...more,
    };
    try {
      await this.rest.post("/interactions", body, files);
    } catch (error) {
      clearTimeout(this.waiting.get(id)?.timer);
      this.waiting.delete(id);
      throw error;
    }
    return answered;
  }

  heard(detail) {
    if (detail.kind !== "sent" && detail.nonce) this.settle(detail.nonce, detail);
  }

  settle(id, detail) {
    const one = this.waiting.get(id);
    if (!one) return;
    clearTimeout(one.timer);
    this.waiting.delete(id);
    if (detail.kind === "failed") one.reject(new Error("The application did not answer in time."));
    else one.resolve(detail);
  }
}

function commandData(command, options, target, files = []) {
  const data = {
    version: command.version, id: command.id, name: command.name, type: command.type,
    options, attachments: files.map((file, index) => ({ id: String(index), filename: file.name })),
  };
  if (target) data.target_id = target;
  return data;
}
