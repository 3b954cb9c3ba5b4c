// Take the metadata out of a picture without touching the picture. The same as metadata.py.
// No canvas: segments are dropped, pixels stay as they are.

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_KEPT = new Set(("IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT cICP bKGD pHYs acTL " +
  "fcTL fdAT").split(" "));
const CAPTURES = ["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a"];
const starts = (data, bytes) => bytes.every((b, i) => data[i] === b);
const ascii = (data, from, length) => String.fromCharCode(...data.subarray(from, from + length));
const isStandalone = (m) => m === 0x01 || (m >= 0xd0 && m <= 0xd7);
const isJpeg = (data) => starts(data, [0xff, 0xd8, 0xff]);

/** The picture's frame does not hold together. */
export class Damaged extends Error {}

/** What a file is, told by content: "picture", "pdf", "office", "capture" or "other". */
export function kind(data) {
  if (isJpeg(data) || starts(data, PNG)) return "picture";
  if (ascii(data, 0, 1024).includes("%PDF-")) return "pdf";
  const head = ascii(data, 0, 8);
  if (head.startsWith("PK\x03\x04") || head === "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" ||
      head.startsWith("{\\rtf")) return "office";
  const hex = Array.from(data.subarray(0, 4), (b) => b.toString(16).padStart(2, "0")).join("");
  return CAPTURES.includes(hex) ? "capture" : "other";
}

/** A JPEG or PNG without metadata, anything else as it is; throws Damaged. */
export function cleaned(data) {
  if (isJpeg(data)) return cleanedJpeg(data);
  return starts(data, PNG) ? cleanedPng(data) : data;
}

function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

function cleanedJpeg(data) {
  const out = [data.subarray(0, 2)], head = [];
  let at = 2, orientation = 1;
  for (;;) {
    let marker;
    [at, marker] = nextMarker(data, at);
    if (marker === 0xd9) { out.push(Uint8Array.of(0xff, 0xd9)); break; }
    if (isStandalone(marker)) continue;
    if (marker === 0xd8 || at + 2 > data.length) throw new Damaged("a picture inside a picture");
    const size = data[at] * 256 + data[at + 1];
    if (size < 2 || at + size > data.length) throw new Damaged("a segment beyond the end");
    const body = data.subarray(at + 2, at + size);
    at += size;
    if (marker === 0xe1 && ascii(body, 0, 6) === "Exif\0\0" && orientation === 1)
      orientation = readOrientation(body.subarray(6));
    const kept = keptSegment(marker, body);
    if (kept) (marker === 0xe0 && out.length === 1 ? head : out).push(kept);
    if (marker === 0xda) {
      const end = endOfScan(data, at);
      out.push(data.subarray(at, end));
      at = end;
    }
  }
  const exif = orientation === 1 ? [] : [orientationSegment(orientation)];
  return joined([out[0], ...head, ...exif, ...out.slice(1)]);
}

function nextMarker(data, at) {
  if (at >= data.length || data[at] !== 0xff) throw new Damaged("a marker was expected");
  while (at < data.length && data[at] === 0xff) at += 1;
  if (at >= data.length || data[at] === 0) throw new Damaged("a marker was expected");
  return [at + 1, data[at]];
}

function keptSegment(marker, body) {
  if (marker === 0xe0) {
    if (ascii(body, 0, 5) !== "JFIF\0" || body.length < 14) return null;
    body = joined([body.subarray(0, 12), Uint8Array.of(0, 0)]);
  } else if (marker === 0xe2) {
    if (ascii(body, 0, 12) !== "ICC_PROFILE\0") return null;
  } else if (marker === 0xee) {
    if (ascii(body, 0, 5) !== "Adobe" || body.length < 12) return null;
    body = body.subarray(0, 12);
  } else if ((marker > 0xe0 && marker <= 0xef) || marker === 0xfe) return null;
  const size = body.length + 2;
  return joined([Uint8Array.of(0xff, marker, size >> 8, size & 255), body]);
}

function endOfScan(data, at) {
  for (;;) {
    at = data.indexOf(0xff, at);
    if (at < 0 || at + 1 >= data.length) throw new Damaged("the picture has no end");
    const following = data[at + 1];
    if (following === 0 || isStandalone(following)) at += 2;
    else if (following === 0xff) at += 1;
    else return at;
  }
}

function readOrientation(tiff) {
  const order = ascii(tiff, 0, 2), little = order === "II";
  if ((!little && order !== "MM") || tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const start = view.getUint32(4, little);
  if (start + 2 > tiff.length) return 1;
  const count = view.getUint16(start, little);
  for (let index = 0; index < count; index += 1) {
    const entry = start + 2 + 12 * index;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, little) === 0x0112 && view.getUint16(entry + 2, little) === 3) {
      const value = view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

function orientationSegment(value) {
  return Uint8Array.of(0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42,
    0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0);
}

function cleanedPng(data) {
  const out = [data.subarray(0, 8)], view = new DataView(data.buffer, data.byteOffset);
  let at = 8;
  for (;;) {
    if (at + 12 > data.length) throw new Damaged("the picture has no end");
    const end = at + 12 + view.getUint32(at), name = ascii(data, at + 4, 4);
    if (end > data.length) throw new Damaged("a chunk beyond the end");
    if (PNG_KEPT.has(name)) out.push(data.subarray(at, end));
    else if (!(data[at + 4] & 0x20)) throw new Damaged("an unknown chunk that the picture needs");
    if (name === "IEND") return joined(out);
    at = end;
  }
}
