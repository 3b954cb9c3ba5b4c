import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const source = new URL("../../../src/tcert/foundation/sealed/static/sealed/inner.js", import.meta.url);
// Imported from its text: under this name Node would take the file for CommonJS.
const inner = await import(`data:text/javascript,${encodeURIComponent(readFileSync(source, "utf8"))}`);
const vectors = JSON.parse(readFileSync(new URL("../../vectors/inner.json", import.meta.url)));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

for (const { why, fields, text, parsed } of vectors.composed) {
  test(`composes and parses: ${why}`, () => {
    assert.equal(inner.compose(fields), text);
    assert.deepEqual(inner.parse(text), parsed);
    assert.deepEqual(inner.parse(`\ufeff${text.replaceAll("\n", "\r\n")}`), parsed);
    assert.ok(inner.isPadded(text));
  });
}

for (const { why, text, line } of vectors.refused) {
  test(`refuses: ${why}`, () => {
    assert.throws(() => inner.parse(text), (error) => error instanceof inner.InnerRefused && error.line === line);
  });
}

test("a field that has no place in the format is not written", () => {
  const [{ fields }] = vectors.composed;
  for (const [change, line] of [
    [{ subject: `case:x\nThread: ${fields.thread}` }, "Subject"],
    [{ counter: 0 }, "Counter"],
    [{ recipients: [] }, "Recipients"],
    [{ recipients: [fields.author, fields.author] }, "Recipients"],
    [{ tlp: "AMBER\n" }, "TLP"],
    [{ person: "A\nCounter: 1" }, "Person"],
    [{ person: "A\u202eB" }, "Person"],
    [{ person: 7 }, "Person"],
    [{ files: [{ name: "a\nb" }] }, "File"],
  ]) {
    assert.throws(() => inner.compose({ ...fields, ...change }), (error) => error.line === line);
  }
});

test("hand-overs", () => {
  for (const { note, signed, body } of vectors.handovers) {
    assert.equal(inner.writeHandover(note, Uint8Array.from(Buffer.from(signed, "hex"))), body);
    const read = inner.readHandover(body);
    assert.deepEqual([read.note, hex(read.signed)], [note, signed]);
    for (const bad of [body.slice(0, -30), body + body, `${body}more`, body.replace("-----\n\n", "-----\n\n!")]) {
      assert.throws(() => inner.readHandover(bad), inner.InnerRefused);
    }
  }
});

test("differences from what the hub claims", () => {
  const message = inner.parse(vectors.composed[0].text);
  for (const { claim, names } of vectors.differences) {
    assert.deepEqual(inner.differences(message, claim), names);
  }
});

test("order and completeness of a thread", () => {
  const message = (author, counter, sha256, previous) => ({ inner: { author, counter, previous }, sha256 });
  assert.deepEqual(inner.sequenceProblems([]), []);
  assert.deepEqual(
    inner.sequenceProblems([message("A", 1, "a", null), message("B", 1, "b", "a"), message("A", 2, "c", "b")]),
    [],
  );
  assert.deepEqual(
    inner.sequenceProblems([
      message("A", 1, "a", null),
      message("A", 4, "b", "a"),
      message("A", 4, "c", "gone"),
      message("B", 1, "d", "e"),
      message("B", 2, "e", "d"),
    ]),
    [
      { at: 1, problem: "missing", detail: 2 },
      { at: 2, problem: "repeated", detail: 4 },
      { at: 2, problem: "unknown-previous", detail: "gone" },
      { at: 3, problem: "later-previous", detail: "e" },
    ],
  );
});

test("a message that is missing on one page of a long thread shows on every page", () => {
  const wrote = [..."AABABAABA"];
  const counts = new Map();
  const whole = wrote.map((author, at) => {
    counts.set(author, (counts.get(author) ?? 4) + 1); // the reader joined after four of each
    return { inner: { author, counter: counts.get(author), previous: at ? `${at - 1}` : "before" }, sha256: `${at}` };
  });
  const check = (messages, shown) => {
    const chain = messages.map(({ inner: { author }, sha256 }) => [sha256, author]);
    const ends = ["A", "B"].flatMap((who) => {
      const own = messages.filter((one) => one.inner.author === who);
      return [own[0], own.at(-1)];
    });
    const opened = new Map([...ends, ...messages.slice(...shown)].map((one) => [one.sha256, one]));
    return inner.sequenceProblems(inner.wholeThread(chain, opened)).map((one) => one.problem);
  };
  const pages = [[0, 3], [3, 6], [6, 9]];
  for (const page of pages) assert.deepEqual(check(whole, page), []);
  for (const gone of [3, 4, 5]) {
    const left = whole.filter((_one, at) => at !== gone);
    for (const page of pages) assert.ok(check(left, page).includes("missing"), `${gone} on ${page}`);
  }
  // What was tried and did not open is no message of its author's.
  const opened = new Map([[whole[0].sha256, whole[0]], [whole[1].sha256, null], [whole[3].sha256, whole[3]]]);
  const chain = whole.slice(0, 4).map(({ inner: { author }, sha256 }) => [sha256, author]);
  assert.deepEqual(
    inner.sequenceProblems(inner.wholeThread(chain, opened)).map((one) => one.problem),
    ["missing"],
  );
});

test("the hash of a body", async () => {
  for (const size of [1, 191, 192, 9000]) {
    const body = Buffer.concat([frame(18, Buffer.alloc(size, 7))]);
    const digest = await crypto.subtle.digest("SHA-256", body);
    for (const keys of [1, 3]) {
      const message = Buffer.concat([...Array(keys).fill(frame(1, Buffer.alloc(94, 3))), body]);
      assert.equal(await inner.bodyHash(new Uint8Array(message)), hex(digest));
    }
  }
  for (const bad of [[], [1, 2, 3], [...frame(1, [1])], [...frame(18, [1]), 0], [...frame(11, [1])]]) {
    await assert.rejects(inner.bodyHash(Uint8Array.from(bad)), inner.InnerRefused);
  }
});

function frame(tag, body) {
  const size = body.length;
  let head;
  if (size < 192) head = [size];
  else if (size < 8384) head = [192 + ((size - 192) >> 8), (size - 192) & 255];
  else head = [255, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  return Buffer.from([0xc0 | tag, ...head, ...body]);
}
