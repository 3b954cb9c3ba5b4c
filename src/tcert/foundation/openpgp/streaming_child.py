"""The child of `streaming`: opens standard input to standard output, the key through a pipe.

It imports nothing of the hub, so that nothing but the library runs beside the secret.
"""

import json
import os
import resource
import sys


def main() -> int:
    """Open what comes; exit code 0 only when all of it was whole."""
    import pysequoia  # before the limits, which would forbid mapping it

    with os.fdopen(int(sys.argv[1]), "rb") as secrets:
        header = json.loads(secrets.read(int.from_bytes(secrets.read(4), "big")))
        secret_key = secrets.read(header["key"])
    resource.setrlimit(resource.RLIMIT_AS, (header["memory"], header["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # pipes only: no file may grow
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    key = pysequoia.Tsk.from_bytes(bytes=secret_key)
    pysequoia.decrypt_file(
        input="/dev/stdin",
        output="/dev/stdout",
        decryptor=key.decryptor(password=header["password"] or None),
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:  # noqa: BLE001 - the library's errors carry stack traces
        sys.exit(1)
