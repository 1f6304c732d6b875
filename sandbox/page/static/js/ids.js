// Snowflakes and times: their order, age and wording.

const EPOCH = 1420070400000n;

/** When the thing with this id was made. */
export const madeAt = (id) => new Date(Number((BigInt(id) >> 22n) + EPOCH));

/** Sorts ids, oldest first. */
export const byAge = (one, other) =>
  one.length - other.length || (one < other ? -1 : Number(one > other));

/** A new nonce: an id of this moment that no other request of this page has. */
let count = 0n;
export function nonce() {
  count = (count + 1n) & 0xfffn;
  return String(((BigInt(Date.now()) - EPOCH) << 22n) | count);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** `14:05` */
export const timeOf = (date) => clock.format(date);
/** `3 May 2026` */
export const dayOf = (date) => day.format(date);
/** `Sunday, 3 May 2026 at 14:05` */
export const momentOf = (date) => whole.format(date);

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" },
  D: { dateStyle: "long" }, f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** `<t:seconds:style>` as words. */
export function stamp(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "invalid date";
  if (style === "R") return relative(seconds - Date.now() / 1000);
  return new Intl.DateTimeFormat(undefined, STYLES[style] ?? STYLES.f).format(date);
}

const STEPS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600],
  ["minute", 60], ["second", 1]];

function relative(seconds) {
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS.at(-1);
  return words.format(Math.round(seconds / size), unit);
}
