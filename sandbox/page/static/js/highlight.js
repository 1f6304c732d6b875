// Light colouring of code: strings, comments, numbers and common words. No grammar of any language.

import { h } from "./dom.js";

const WORDS = new Set(("and as assert async await break case catch class const continue def delete do elif else " +
  "enum except export extends false False finally fn for from func function if impl import in interface is " +
  "lambda let match mod mut new nil None not null or pass pub raise return self static struct super switch " +
  "this throw true True try type typeof use var void while with yield fi then done echo local").split(" "));
const HASH = new Set(["py", "python", "sh", "bash", "yaml", "yml", "toml", "rb", "ruby", "ini", "make"]);
const PIECES = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)|(\b\d[\w.]*)|([A-Za-z_]\w*)/g;

/** Nodes of `text`; plain when no language was named. */
export function highlight(text, language) {
  if (!language || ["text", "txt", "plain"].includes(language)) return [text];
  const nodes = [];
  let from = 0;
  const take = (end) => {
    if (end > from) nodes.push(text.slice(from, end));
  };
  for (const match of text.matchAll(PIECES)) {
    const kind = kindOf(match, language.toLowerCase());
    if (!kind) continue;
    take(match.index);
    nodes.push(h("span", { class: `hl-${kind}` }, match[0]));
    from = match.index + match[0].length;
  }
  take(text.length);
  return nodes;
}

function kindOf([, string, comment, number, word], language) {
  if (string) return "string";
  if (comment) return comment.startsWith("#") && !HASH.has(language) ? null : "comment";
  if (number) return "number";
  return WORDS.has(word) ? "word" : null;
}
