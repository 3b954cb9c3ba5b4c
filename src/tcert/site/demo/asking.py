"""Requests of a police in the demonstration: one answered with a file, one that waits, a hold."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from tcert.community.talks.domain import writing
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.inner import Attachment
from tcert.foundation.sealed.inner import Kind as Written
from tcert.response.requests import queries
from tcert.response.requests.domain import answering, handing, sending
from tcert.response.requests.domain.sending import Facts
from tcert.response.requests.enums import Basis, Data, Kind, Reason
from tcert.response.requests.models import Request
from tcert.site.demo.community import Side, passphrase
from tcert.site.demo.conversation import written

ASKED = "Order 77 Js 12 of the district court. Which node sent the requests of Monday night?"
GIVEN = "The trace of our edge, cut to the two hours of the order."


def ask_all(sides: dict[str, Side]) -> None:
    """Let the police ask three operators: one has handed over, one holds, one has not answered."""
    police, north = sides["police"], sides["north-mobile"]
    now = clock.now()
    with clock.frozen(now - timedelta(days=3)):
        given = _sent(police, north, Kind.INFORMATION, Basis.COURT)
        _say(police, given, ASKED)
        held = _sent(police, sides["isle-telecom"], Kind.PRESERVATION, Basis.PROSECUTOR)
    with clock.frozen(now - timedelta(days=2)):
        _accept(north, given)
        _accept(sides["isle-telecom"], held)
    with clock.frozen(now - timedelta(days=1)):
        _give(north, given)
    with clock.frozen(now - timedelta(hours=4)):
        waits = _sent(police, sides["sunda"], Kind.INFORMATION, Basis.POWER)
        _say(police, waits, "Who leased the Global Title of the incident at North Mobile?")


def _sent(police: Side, addressee: Side, kind: Kind, basis: Basis) -> Request:
    today = clock.today()
    return sending.send(
        principal=police.principal(),
        key=uuid4(),
        authority=police.team,
        addressee=addressee.team,
        facts=Facts(
            kind=kind,
            basis=basis,
            country="XA",
            data=[Data.SIGNALLING, Data.ROUTING],
            period_from=today - timedelta(days=9),
            period_to=today - timedelta(days=7),
            deadline=clock.now() + timedelta(days=7),
            tlp=Tlp.AMBER_STRICT,
        ),
    )


def _accept(side: Side, found: Request) -> None:
    by = side.principal()
    found = answering.acknowledge(principal=by, found=found, revision=1)
    preserves = found.kind == Kind.PRESERVATION
    answering.accept(
        principal=by,
        found=found,
        revision=found.revision,
        reason=None if preserves else Reason.DISPROPORTIONATE,
        held_until=clock.today() + timedelta(days=60) if preserves else None,
    )


def _give(side: Side, found: Request) -> None:
    trace, key = b"demonstration: what a trace of two hours would be", passphrase()
    sealed = seal_with_password(trace, key)
    inside = Attachment(
        name="edge-two-hours.txt",
        size=len(trace),
        sha256=hashlib.sha256(trace).hexdigest(),
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        passphrase=key,
    )
    _say(side, found, GIVEN, (inside,), [SealedFile(sealed)])
    message = queries.presentable(found).first()
    found.refresh_from_db()
    if message is not None:
        handing.hand_over(
            principal=side.principal(),
            found=found,
            revision=found.revision,
            message_id=message.id,
        )


def _say(
    side: Side,
    found: Request,
    text: str,
    inside: tuple[Attachment, ...] = (),
    files: Sequence[SealedFile] = (),
) -> None:
    talk = queries.talk_of(found)
    if talk is not None:
        writing.post(
            principal=side.principal(),
            talk=talk,
            set_version=talk.thread.current_set.version,
            sealed=written(side, talk.thread, Tlp.AMBER_STRICT, text, Written.MESSAGE, inside),
            files=files,
        )
