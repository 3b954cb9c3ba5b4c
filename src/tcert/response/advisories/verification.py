"""Is this file what was published? Hashes and OpenPGP signature of one document, in words."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tcert.foundation.openpgp.hubchanges import Predecessor
from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached

_HASH_FILE = re.compile(r"^([0-9a-fA-F]+)(?:[ \t]+[ *]?(.*))?$")
_LENGTH = {"sha256": 64, "sha512": 128}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; `passed` is None when there was nothing to check it with."""

    name: str
    passed: bool | None
    message: str


def check_hash(algorithm: str, data: bytes, text: bytes) -> Check:
    """Hold a file against its `.sha256` or `.sha512` file."""
    try:
        first = text.decode("ascii").splitlines()[0].strip()
    except (UnicodeDecodeError, IndexError):
        return Check(algorithm, False, "the hash file is damaged: download it again")
    match = _HASH_FILE.match(first)
    if match is None or len(match[1]) != _LENGTH[algorithm]:
        return Check(algorithm, False, "the hash file is damaged: download it again")
    found = hashlib.new(algorithm, data).hexdigest()
    if found != match[1].lower():
        return Check(
            algorithm,
            False,
            f"the file has {found[:16]}…, the hash file says {match[1].lower()[:16]}…: the file "
            "was changed, or the two belong to different releases",
        )
    return Check(algorithm, True, f"{found[:16]}… fits")


def check_signature(
    data: bytes,
    signature: bytes,
    certificate: bytes,
    predecessors: Sequence[Predecessor] = (),
) -> Check:
    """Hold a file against its detached signature and one key, or a key that handed over to it."""
    try:
        verified = verify_detached(data, signature, certificate)
    except SignatureRefused:
        return _by_predecessor(data, signature, predecessors)
    return Check("signature", True, f"good signature of {verified.certificate}")


def _by_predecessor(data: bytes, signature: bytes, predecessors: Sequence[Predecessor]) -> Check:
    for before in predecessors:
        try:
            verified = verify_detached(data, signature, before.certificate.certificate)
        except SignatureRefused:
            continue
        day = f"{before.on:%Y-%m-%d}"
        if not before.signed_in_time(verified):
            return Check(
                "signature",
                False,
                f"signed by {verified.certificate} after it was replaced on {day}: somebody else "
                "may have that key",
            )
        return Check(
            "signature",
            True,
            f"good signature of {verified.certificate}, an earlier key: on {day} it handed over "
            f"to {before.followed_by} by a note that both have signed",
        )
    return Check(
        "signature",
        False,
        "the signature does not fit: the file was changed, or another key signed it",
    )


def check(
    data: bytes,
    *,
    sha256: bytes | None = None,
    sha512: bytes | None = None,
    signature: bytes | None = None,
    certificate: bytes | None = None,
    predecessors: Sequence[Predecessor] = (),
) -> Iterator[Check]:
    """Yield one check per hash file and one for the signature."""
    for algorithm, text in (("sha256", sha256), ("sha512", sha512)):
        if text is None:
            yield Check(algorithm, None, f"there is no .{algorithm} file beside it")
        else:
            yield check_hash(algorithm, data, text)
    if signature is None:
        yield Check("signature", None, "there is no .asc file beside it: give one by --signature")
    elif certificate is None:
        yield Check("signature", None, "no key to check it with: give one by --key")
    else:
        yield check_signature(data, signature, certificate, predecessors)
