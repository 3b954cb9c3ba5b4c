"""The child of `opening`: reads one request from standard input, writes one answer.

It imports nothing of the hub, so that nothing but the library runs beside a secret.
"""

import json
import resource
import sys


def _limit(header: dict[str, int]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (header["memory"], header["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (header["cpu"], header["cpu"]))
    # No file may grow and none can be dumped: plaintext stays in memory.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Open what came; exit code 0 with an answer, 1 without a word."""
    source = sys.stdin.buffer
    header = json.loads(source.read(int.from_bytes(source.read(4), "big")))
    import pysequoia  # before the limits, which would forbid mapping it

    _limit(header)
    secret_key = source.read(header["secret_key"])
    data = source.read(header["data"])
    keys = [pysequoia.Cert.from_bytes(bytes=source.read(size)) for size in header["signers"]]
    decryptor = None
    if secret_key:
        key = pysequoia.Tsk.from_bytes(bytes=secret_key)
        decryptor = key.decryptor(password=header["password"] or None)
    opened = pysequoia.decrypt(
        bytes=data,
        decryptor=decryptor,
        store=(lambda _ids: keys) if keys else None,
        passwords=[] if decryptor else [header["password"]],
    )
    plaintext = opened.bytes or b""
    if len(plaintext) > header["max_output"]:
        return 1
    known = {key.fingerprint for key in keys}
    signers = sorted({s.certificate.upper() for s in opened.valid_sigs if s.certificate in known})
    answer = json.dumps({"size": len(plaintext), "signers": signers}).encode()
    sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer + plaintext)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:  # noqa: BLE001 - the library's errors carry stack traces
        sys.exit(1)
