/**
 * Unsealed text as a small Markdown subset, built with DOM calls only: headings, lists, quotes,
 * fenced code, bold, emphasis, code. Links and pictures stay text: a sealed message never makes a
 * reader's browser fetch anything.
 *
 *     element.replaceChildren(render(text));
 */
const INLINE = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*([^\s*](?:[^*]*[^\s*])?)\*\*|(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/gu;
const LONGEST_LINE = 20_000;

const element = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

/** Bold, emphasis and code inside one paragraph; everything else is text. */
function inline(text) {
  const parts = document.createDocumentFragment();
  if (text.length > LONGEST_LINE) {
    parts.append(text);
    return parts;
  }
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.append(text.slice(at, found.index));
    const [whole, , code, strong, emphasis] = found;
    if (code !== undefined) parts.append(element("code", code));
    else if (strong !== undefined) parts.append(element("strong", strong));
    else parts.append(element("em", emphasis));
    at = found.index + whole.length;
  }
  parts.append(text.slice(at));
  return parts;
}

function paragraph(lines) {
  const made = document.createElement("p");
  lines.forEach((line, index) => {
    if (index > 0) made.append(document.createElement("br"));
    made.append(inline(line));
  });
  return made;
}

const KINDS = [
  ["heading", /^(#{1,4})\s+(.*)$/u],
  ["bullet", /^\s{0,3}[-*+]\s+(.*)$/u],
  ["number", /^\s{0,3}\d{1,9}[.)]\s+(.*)$/u],
  ["quote", /^>\s?(.*)$/u],
  ["fence", /^(```|~~~)/u],
  ["blank", /^\s*$/u],
];

function kindOf(line) {
  for (const [kind, pattern] of KINDS) {
    const found = pattern.exec(line);
    if (found) return { kind, found };
  }
  return { kind: "text", found: null };
}

export function render(text) {
  const page = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/gu, "\n").split("\n");
  let at = 0;
  const take = (wanted, read) => {
    const taken = [];
    while (at < lines.length) {
      const { kind, found } = kindOf(lines[at]);
      if (kind !== wanted) break;
      taken.push(read(found, lines[at]));
      at += 1;
    }
    return taken;
  };
  while (at < lines.length) {
    const { kind, found } = kindOf(lines[at]);
    if (kind === "blank") at += 1;
    else if (kind === "heading") {
      page.append(element(`h${Math.min(found[1].length + 2, 6)}`, inline(found[2])));
      at += 1;
    } else if (kind === "fence") {
      const end = lines.findIndex((line, index) => index > at && line.startsWith(found[1]));
      const last = end < 0 ? lines.length : end;
      page.append(element("pre", element("code", lines.slice(at + 1, last).join("\n"))));
      at = last + 1;
    } else if (kind === "bullet" || kind === "number") {
      const items = take(kind, (match) => element("li", inline(match[1])));
      page.append(element(kind === "bullet" ? "ul" : "ol", ...items));
    } else if (kind === "quote") {
      page.append(element("blockquote", paragraph(take("quote", (match) => match[1]))));
    } else page.append(paragraph(take("text", (_match, line) => line)));
  }
  return page;
}
