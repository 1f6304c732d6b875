// Discord's markdown as a tree of plain objects: text in, nodes out. Draws nothing.
//
// Blocks: p, pre, h, sub, quote, list. Inline: text, br, b, i, u, s, spoiler, code, link, user,
// role, channel, emoji, time, command, everyone.

const DEEPEST = 12;
const FENCE = /```(?:([\w+#.-]{1,20})\n)?\n*([\s\S]*?)\n?```/g;

/** Blocks of a message. A fence that is not closed stays text, as Discord shows it. */
export function parse(source, depth = 0) {
  const blocks = [];
  let from = 0;
  for (const fence of source.matchAll(FENCE)) {
    if (!fence[2].trim()) continue;
    const before = source.slice(from, fence.index).replace(/\n$/, "");
    if (before) blocks.push(...parseLines(before, depth));
    blocks.push({ t: "pre", lang: fence[1] ?? "", v: fence[2] });
    from = fence.index + fence[0].length;
    if (source[from] === "\n") from += 1;
  }
  if (from < source.length) blocks.push(...parseLines(source.slice(from), depth));
  return blocks;
}

const HEADING = /^(#{1,3})\s+(\S.*)$/;
const SUBTEXT = /^-#\s+(\S.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.)\s+(\S.*)$/;
const QUOTE = /^> ?(?!>>)(.*)$/;

function parseLines(source, depth) {
  const lines = source.split("\n");
  const blocks = [];
  let plain = [];
  const flush = () => {
    if (plain.length) blocks.push({ t: "p", c: parseInline(plain.join("\n")) });
    plain = [];
  };
  for (let at = 0; at < lines.length;) {
    const [block, used] = blockAt(lines, at, depth);
    if (block) {
      flush();
      blocks.push(block);
    } else plain.push(lines[at]);
    at += used;
  }
  flush();
  return blocks;
}

/** The block that starts at line `at` and how many lines it takes; [null, 1] for plain text. */
function blockAt(lines, at, depth) {
  const line = lines[at];
  const heading = HEADING.exec(line);
  if (heading) return [{ t: "h", level: heading[1].length, c: parseInline(heading[2]) }, 1];
  const subtext = SUBTEXT.exec(line);
  if (subtext) return [{ t: "sub", c: parseInline(subtext[1]) }, 1];
  if (depth < 2 && line.startsWith(">>> ")) {
    const rest = [line.slice(4), ...lines.slice(at + 1)].join("\n");
    return [{ t: "quote", c: parse(rest, depth + 2) }, lines.length - at];
  }
  if (depth < 2 && QUOTE.test(line)) return run(lines, at, QUOTE, (all) =>
    ({ t: "quote", c: parse(all.map((one) => one[1]).join("\n"), depth + 2) }));
  if (ITEM.test(line)) return run(lines, at, ITEM, (all) => listOf(all));
  return [null, 1];
}

function run(lines, at, pattern, make) {
  const found = [];
  while (at + found.length < lines.length) {
    const match = pattern.exec(lines[at + found.length]);
    if (!match) break;
    found.push(match);
  }
  return [make(found), found.length];
}

function listOf(matches) {
  const items = matches.map(([, indent, mark, text]) =>
    ({ depth: Math.min(Math.floor(indent.length / 2), 4), mark, c: parseInline(text) }));
  return { t: "list", items };
}

// --- inline ---------------------------------------------------------------------------------

const PAIRS = [["**", "b"], ["__", "u"], ["~~", "s"], ["||", "spoiler"]];
const ESCAPED = /[\\`*_~|<>#@:()[\]-]/;
const ANGLE = [
  [/<@!?(\d{1,20})>/y, ([, id]) => ({ t: "user", id })],
  [/<@&(\d{1,20})>/y, ([, id]) => ({ t: "role", id })],
  [/<#(\d{1,20})>/y, ([, id]) => ({ t: "channel", id })],
  [/<a?:(\w{1,32}):(\d{1,20})>/y, ([, name, id]) => ({ t: "emoji", name, id })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, ([, at, style]) => ({ t: "time", at: Number(at), style })],
  [/<\/([^:>\n]{1,64}):(\d{1,20})>/y, ([, name, id]) => ({ t: "command", name, id })],
  [/<(https?:\/\/[^\s<>]{1,1800})>/y, ([, url]) => ({ t: "link", url, c: [{ t: "text", v: url }] })],
];
const MASKED = /\[([^[\]\n]{1,400})\]\(<?(https?:\/\/[^\s<>()]{1,1800})>?\)/y;
const BARE = /https?:\/\/[^\s<>"]{1,1800}/y;
const ALL = /@(?:everyone|here)\b/y;

/** Inline nodes of one run of text. */
export function parseInline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push({ t: "text", v: plain });
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const found = depth < DEEPEST ? nodeAt(text, at, depth) : null;
    if (!found) {
      plain += text[at];
      at += 1;
    } else if (typeof found.node === "string") {
      plain += found.node;
      at = found.end;
    } else {
      flush();
      nodes.push(found.node);
      at = found.end;
    }
  }
  flush();
  return nodes;
}

function nodeAt(text, at, depth) {
  switch (text[at]) {
    case "\n": return { node: { t: "br" }, end: at + 1 };
    case "\\": return ESCAPED.test(text[at + 1] ?? "") ? { node: text[at + 1], end: at + 2 } : null;
    case "`": return code(text, at);
    case "<": return first(ANGLE, text, at);
    case "[": return masked(text, at, depth);
    case "h": return bare(text, at);
    case "@": return sticky(ALL, text, at, ([all]) => ({ t: "everyone", v: all }));
    case "*": case "_": case "~": case "|": return marked(text, at, depth);
    default: return null;
  }
}

function sticky(pattern, text, at, make) {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match ? { node: make(match), end: pattern.lastIndex } : null;
}

function first(rules, text, at) {
  for (const [pattern, make] of rules) {
    const found = sticky(pattern, text, at, make);
    if (found) return found;
  }
  return null;
}

function code(text, at) {
  const mark = text.startsWith("``", at) ? "``" : "`";
  const end = text.indexOf(mark, at + mark.length);
  if (end <= at + mark.length - 1 || end === at + mark.length) return null;
  const inside = text.slice(at + mark.length, end);
  return { node: { t: "code", v: mark === "``" ? inside.trim() : inside }, end: end + mark.length };
}

function masked(text, at, depth) {
  return sticky(MASKED, text, at, ([, words, url]) =>
    ({ t: "link", url, c: parseInline(words, Math.max(depth + 1, DEEPEST - 2)), masked: true }));
}

function bare(text, at) {
  if (/\w/.test(text[at - 1] ?? " ")) return null;
  const found = sticky(BARE, text, at, ([url]) => url);
  if (!found) return null;
  let url = found.node.replace(/[.,:;!?'"*_~|\]]+$/, "");
  while (url.endsWith(")") && !url.includes("(")) url = url.slice(0, -1);
  return { node: { t: "link", url, c: [{ t: "text", v: url }] }, end: at + url.length };
}

/** Bold, underline, strike, spoiler, and italics by one star or underscore. */
function marked(text, at, depth) {
  for (const [mark, t] of PAIRS) {
    if (!text.startsWith(mark, at)) continue;
    const end = closing(text, at + 2, mark);
    if (end > at + 2) return { node: { t, c: parseInline(text.slice(at + 2, end), depth + 1) }, end: end + 2 };
  }
  const mark = text[at];
  if ((mark !== "*" && mark !== "_") || /\s/.test(text[at + 1] ?? " ")) return null;
  if (mark === "_" && /\w/.test(text[at - 1] ?? " ")) return null;
  const end = closing(text, at + 1, mark);
  if (end <= at + 1 || /\s/.test(text[end - 1])) return null;
  return { node: { t: "i", c: parseInline(text.slice(at + 1, end), depth + 1) }, end: end + 1 };
}

/** Where `mark` closes: escapes and code are passed over; of a longer run its end counts. */
function closing(text, from, mark) {
  const char = mark[0];
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") at = (code(text, at)?.end ?? at + 1) - 1;
    else if (text[at] === char) {
      let length = 1;
      while (text[at + length] === char) length += 1;
      const fits = mark.length === 2 ? length >= 2 : length === 1 || length === 3;
      const bounded = mark !== "_" || !/\w/.test(text[at + length] ?? " ");
      if (fits && bounded) return at + length - mark.length;
      at += length - 1;
    }
  }
  return -1;
}
