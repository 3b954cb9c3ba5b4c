// Turn what a reporter filled in into the text that is sealed. The same as writing.py.

const plain = (value) => value.replace(/\r\n?/g, "\n").trim();

/** `sections` is [[heading, [[label, value], …]], …]; empty ones are left out. */
export function compose(sections) {
  const parts = [];
  for (const [heading, answers] of sections) {
    const given = answers.map(([l, v]) => [l, plain(v)]).filter(([, v]) => v);
    if (!given.length) continue;
    parts.push(`## ${heading}`);
    for (const [l, v] of given) parts.push(v.includes("\n") ? `${l}:\n\n${v}` : `${l}: ${v}`);
  }
  return parts.join("\n\n");
}
