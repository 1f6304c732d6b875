// Polls: drawn under a message, voted in by a press, and the notice of how one ended.

import { h, svg } from "./dom.js";
import { ICONS } from "./icons.js";
import { stamp } from "./ids.js";
import { attempt } from "./widgets.js";

/** The poll of a message as a card. */
export function pollCard(message, app) {
  const { poll } = message;
  const over = poll.results.is_finalized;
  const votes = poll.results.answer_counts.reduce((sum, one) => sum + one.count, 0);
  const hint = over ? "This poll has ended." : poll.allow_multiselect ? "Choose one or more." : "Choose one.";
  return h("section", { class: "poll", "aria-label": `Poll: ${poll.question.text}` },
    h("h4", {}, poll.question.text), h("p", { class: "poll-hint" }, hint),
    h("div", { class: "poll-answers" }, poll.answers.map((one) => answer(one, message, votes, app))),
    h("p", { class: "poll-foot" }, `${counted(votes)} · `, over ? "final" : `ends ${stamp(Date.parse(poll.expiry) / 1000, "R")}`));
}

function answer(one, message, votes, app) {
  const { results } = message.poll;
  const count = results.answer_counts.find((each) => each.id === one.answer_id) ?? { count: 0, me_voted: false };
  const share = votes ? Math.round((100 * count.count) / votes) : 0;
  const { text, emoji } = one.poll_media;
  const node = h("button", {
    type: "button", class: count.me_voted ? "poll-answer mine" : "poll-answer",
    "aria-pressed": String(Boolean(count.me_voted)), disabled: results.is_finalized,
    "aria-label": `${text}, ${counted(count.count)}`, onclick: () => vote(message, one.answer_id, app),
  }, h("span", { class: "poll-text" }, emoji?.name && h("span", { "aria-hidden": "true" }, `${emoji.name} `), text),
  count.me_voted && svg(ICONS.check, 16), h("span", { class: "poll-share" }, `${share} %`));
  node.style.setProperty("--share", `${share}%`);
  return node;
}

const counted = (number) => `${number} ${number === 1 ? "vote" : "votes"}`;

/** Send the whole vote: one more answer, or one less when it was chosen already. */
function vote(message, number, app) {
  const { poll } = app.store.message(message.channel_id, message.id) ?? message;
  const mine = poll.results.answer_counts.filter((one) => one.me_voted).map((one) => one.id);
  const kept = poll.allow_multiselect ? mine.filter((one) => one !== number) : [];
  const chosen = mine.includes(number) ? kept : [...kept, number];
  const path = `/channels/${message.channel_id}/polls/${message.id}/answers/@me`;
  return attempt(() => app.rest.put(path, { answer_ids: chosen.map(String) }));
}

/** A poll with one vote more or less; `mine` when it was this person's. */
export function counting(poll, number, step, mine) {
  const answer_counts = poll.results.answer_counts.map((one) => (one.id === number
    ? { ...one, count: one.count + step, me_voted: mine ? step > 0 : one.me_voted } : one));
  return { ...poll, results: { ...poll.results, answer_counts } };
}

/** A poll as an event gives it, which does not say whose votes are this person's. */
export function merged(old, fresh) {
  if (!old || !fresh) return fresh;
  const mine = new Set(old.results.answer_counts.filter((one) => one.me_voted).map((one) => one.id));
  const answer_counts = fresh.results.answer_counts.map((one) => ({ ...one, me_voted: mine.has(one.id) }));
  return { ...fresh, results: { ...fresh.results, answer_counts } };
}

/** The words of the notice that a poll has ended. */
export function outcome(message) {
  const fields = Object.fromEntries((message.embeds?.[0]?.fields ?? []).map((one) => [one.name, one.value]));
  const won = fields.victor_answer_text;
  return [`The poll “${fields.poll_question_text ?? ""}” has ended: `,
    won ? `${won}, with ${counted(Number(fields.victor_answer_votes))} of ${fields.total_votes}.`
      : `no answer won, ${counted(Number(fields.total_votes ?? 0))} in all.`];
}
