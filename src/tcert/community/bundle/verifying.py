"""`tcert verify` for a bundle: offline, without a database.

Exit codes: 0 it holds; 1 altered; 2 wrong use, or a file that cannot be read; 3 expired; 4 rolled
back; 5 not of the line of the one accepted before; 6 dated in the future.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tcert.community.bundle import packing
from tcert.community.bundle.checking import (
    SKEW,
    Accepted,
    BundleRefused,
    Known,
    Refusal,
    after,
    check,
)
from tcert.community.bundle.domain.issuing import ISSUE
from tcert.foundation.kernel import clock, lasting
from tcert.foundation.openpgp.certificates import CertificateRefused, describe
from tcert.foundation.openpgp.hubchanges import predecessors
from tcert.foundation.transparency.enums import Signed
from tcert.foundation.transparency.headtext import NoHead
from tcert.foundation.transparency.proving import check_proof
from tcert.foundation.transparency.signing import Keys

DONE, PROBLEM, WRONG_USE = 0, 1, 2
CODES = {
    Refusal.ALTERED: PROBLEM,
    Refusal.EXPIRED: 3,
    Refusal.ROLLED_BACK: 4,
    Refusal.OTHER_LINE: 5,
    Refusal.EARLY: 6,
}
_LONGEST_NOTE = 100_000
_ZIP = b"PK"
_HASH = re.compile(r"[0-9a-f]{64}")


class _Unusable(Exception):
    """Something given beside the bundle cannot be used; the message says what."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the verification of a bundle asks beyond a file and a key."""
    parser.add_argument(
        "--known",
        type=Path,
        metavar="NOTE",
        help="for a bundle: where the one accepted last is noted, and this one once it holds",
    )
    parser.add_argument(
        "--known-serial",
        type=int,
        metavar="N",
        help="for a bundle: refuse serials below N",
    )
    parser.add_argument(
        "--proof",
        type=Path,
        help="for a bundle: the proof that it stands in the hub's log, from the hub's page",
    )


def is_bundle(path: Path) -> bool:
    """Tell whether a file is to be read as a bundle: named .zip, or beginning as one.

    Raises:
        OSError: it cannot be read.

    """
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP or path.suffix.lower() == ".zip"


def run(options: argparse.Namespace, certificate: bytes | None, notes: Sequence[str]) -> int:
    """Verify a bundle and say what was found; `notes` are changes of the hub's key."""
    try:
        code, told = _verify(options, certificate, notes)
    except (OSError, _Unusable) as error:
        name = getattr(error, "filename", None)
        said = f"{name}: {error.strerror}" if isinstance(error, OSError) and name else str(error)
        code, told = WRONG_USE, {"refused": "unusable", "message": said}
    if options.json:
        told = {"file": str(options.file), **told}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        where = sys.stdout if code == DONE else sys.stderr
        where.write(f"{options.file}: {told['message']}\n")
    return code


def _verify(
    options: argparse.Namespace, certificate: bytes | None, notes: Sequence[str]
) -> tuple[int, dict[str, Any]]:
    if certificate is None:
        raise _Unusable("There is no key to check it with: give the hub's by --key.")
    try:
        key = describe(certificate, clock.now())
    except CertificateRefused as error:
        raise _Unusable(f"What --key names is no OpenPGP key: {error.message}") from None
    if options.file.stat().st_size > packing.MOST_BYTES:
        raise _Unusable("This file is larger than any bundle.")
    noted = _noted(options.known) if options.known else None
    typed = Known(options.known_serial) if options.known_serial is not None else None
    before = predecessors(key, notes)
    try:
        found = check(
            options.file.read_bytes(),
            key=key,
            now=clock.now(),
            predecessors=before,
            known=noted,
        )
        if typed is not None:
            after(found.manifest, found.digest, typed)
        logged = _logged(options, found, Keys([key, *(one.certificate for one in before)]))
    except BundleRefused as refused:
        word = refused.refusal.replace("-", " ").upper()
        return CODES[refused.refusal], {
            "refused": refused.refusal.value,
            "message": f"REFUSED, {word}. {refused}",
        }
    if options.known:
        _note(options.known, found.known)
    return DONE, {
        "serial": found.manifest.serial,
        "hub": found.manifest.hub,
        "issued": f"{found.manifest.issued:%Y-%m-%dT%H:%M:%SZ}",
        "expires": f"{found.manifest.expires:%Y-%m-%dT%H:%M:%SZ}",
        "manifest": found.digest,
        "signer": found.signer,
        "message": _words(found, noted or typed, logged=logged),
    }


def _words(found: Accepted, known: Known | None, *, logged: bool) -> str:
    said = found.manifest
    skew = int(SKEW.total_seconds()) // 60
    made = (
        f"It was made on {said.issued:%Y-%m-%d %H:%M} UTC and expires on "
        f"{said.expires:%Y-%m-%d %H:%M} UTC (by this machine's clock, which may be behind by "
        f"{skew} minutes)."
    )
    whole = f"This is bundle {said.serial} of {said.hub}, whole, signed by {found.signer}."
    sentences = [whole, made]
    if known is None:
        sentences.append("It was compared with no earlier bundle: give --known to notice old ones.")
    elif not known.manifest or found.manifest.serial == known.serial:
        sentences.append(f"It is not older than serial {known.serial}.")
    elif said.said_of(known.serial) is None:
        sentences.append(
            f"Serial {known.serial}, accepted before, is too long ago: whether this one follows "
            "it cannot be told."
        )
    else:
        sentences.append(f"It follows serial {known.serial}; {found.missed} came between.")
    if logged:
        sentences.append("It stands in the hub's log.")
    return " ".join(sentences)


def _logged(options: argparse.Namespace, found: Accepted, keys: Keys) -> bool:
    """Tell whether a proof was given; one that does not hold refuses the bundle."""
    if options.proof is None:
        return False
    try:
        with options.proof.open(encoding="utf-8") as file:
            proven = check_proof(file.read(_LONGEST_NOTE), keys)
        said = json.loads(proven.committed)
        about = (said["act"], said["data"]["manifest"], said["data"]["serial"])
    except (UnicodeDecodeError, NoHead, KeyError, TypeError, ValueError, RecursionError):
        raise _Unusable(f"{options.proof}: this is no proof of a bundle.") from None
    signed = proven.signed in {Signed.PRESENT_KEY, Signed.EARLIER_KEY}
    if not (proven.holds and signed and about == (ISSUE, found.digest, found.manifest.serial)):
        raise BundleRefused(
            Refusal.ALTERED, "The proof does not show that this bundle stands in the hub's log."
        )
    return True


def _noted(path: Path) -> Known | None:
    """Return what was accepted last; None before the first."""
    try:
        with path.open(encoding="ascii") as file:
            raw = json.loads(file.read(_LONGEST_NOTE))
        found = Known(raw["serial"], raw["manifest"], raw["hub"])
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, RecursionError):
        found = Known(0)
    is_serial = isinstance(found.serial, int) and not isinstance(found.serial, bool)
    texts = isinstance(found.manifest, str) and isinstance(found.hub, str)
    if not is_serial or not texts or found.serial < 1 or not _HASH.fullmatch(found.manifest):
        raise _Unusable(
            f"{path}: this is no note of an accepted bundle. If it is lost, take a new name, and "
            "compare the serial with what the hub's page says."
        )
    return found


def _note(path: Path, accepted: Known) -> None:
    """Remember it: the note is there whole, in its old form or in its new one."""
    raw = {"serial": accepted.serial, "manifest": accepted.manifest, "hub": accepted.hub}
    lasting.replace(path, json.dumps(raw, indent=1) + "\n")
