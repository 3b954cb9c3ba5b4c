// Proof of work: find a nonce so that SHA-256 of `token:nonce` begins with `bits` zero bits.
// Works in short turns, so that the page stays alive without a worker.

const TURN = 512;

export async function prove(token, bits) {
  const encoder = new TextEncoder();
  for (let first = 0; ; first += TURN) {
    const nonces = Array.from({ length: TURN }, (_, i) => String(first + i));
    const digests = await Promise.all(
      nonces.map((n) => crypto.subtle.digest("SHA-256", encoder.encode(`${token}:${n}`))));
    const found = digests.findIndex((d) => new DataView(d).getUint32(0) >>> (32 - bits) === 0);
    if (found >= 0) return nonces[found];
    await new Promise((go) => setTimeout(go));
  }
}
