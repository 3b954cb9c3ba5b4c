"""A closed case with one of everything that may be stored of a case, and its way to deletion."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tests.factories import advisories as texts
from tests.factories.case_parties import give_key
from tests.factories.cases import (
    CaseProductFactory,
    ExclusionFactory,
    InvitationFactory,
    ParticipantFactory,
    StatementFactory,
)
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.intake import Sealer, ready_desk
from tests.factories.notices import NoticeFactory
from tests.factories.sealed import Party, seal_for
from tests.principals import declared, principal_of

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain import SealedFile
from tcert.foundation.sealed.inner import Attachment
from tcert.foundation.sealed.models import File, KeyPacket, Message
from tcert.response.advisories.domain import final_text, writing
from tcert.response.advisories.models import FinalCopy
from tcert.response.cases.domain import facts, threads, triage
from tcert.response.cases.enums import CaseEvent, ManagementAct
from tcert.response.cases.models import Case, CaseThread, Participant, Unopened
from tcert.response.intake.domain import keeping, receiving
from tcert.response.intake.models import Report
from tcert.response.retention.domain import deleting, warning

BEGUN = datetime(2026, 1, 10, 12, tzinfo=UTC)
CLOSED = BEGUN + timedelta(days=2)
DUE = CLOSED + timedelta(days=90)
PASSPHRASE = "p4ss" * 16
ATTACHED = b"attached: how the HSS answers anyone"


@dataclass
class FullCase:
    """The case, and those around it."""

    case: Case
    report: Report
    sealer: Sealer
    desk: Party
    vendor: Party
    member: Person
    ada: Person
    ben: Person
    row: Participant
    link: CaseThread
    traces: list[bytes] = field(default_factory=list)
    """What lies in database and folder while the case stands: pieces of ciphertext and texts."""


def full_case() -> FullCase:
    """A report with its reporter, a vendor with a conversation and a file, and all around it."""
    with clock.frozen(BEGUN):
        made = _open()
        _surround(made)
    with clock.frozen(CLOSED):
        close(made)
    made.traces = _traces(made)
    return made


def close(made: FullCase) -> None:
    """Close it as the desk does."""
    triage.judge(
        principal=principal_of(made.ada, coordinator=True),
        case=made.case,
        revision=None,
        act=ManagementAct.CLOSE,
    )


def warned(made: FullCase) -> datetime:
    """Tell the parties as the worker does, and return the moment from which it is deleted."""
    for days in (30, 7):
        with clock.frozen(DUE - timedelta(days=days)):
            warning.warn_all()
    return DUE + timedelta(minutes=1)


def deleted(made: FullCase) -> bool:
    """Warn, wait, delete."""
    with clock.frozen(warned(made)):
        return deleting.delete_case(made.case.id)


def _open() -> FullCase:
    TeamKey.objects.filter(state=KeyState.ACTIVE).update(state=KeyState.SUPERSEDED)
    team, desk = ready_desk()
    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    for person in (ada, ben):
        declared(person)
    sealer = Sealer()
    report = receiving.receive(letter=sealer.letter(team, desk), token=sealer.token, nonce=None)
    leader = principal_of(ada, coordinator=True)
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        triage.judge(principal=leader, case=report.case, revision=None, act=act)
    house = TeamFactory(name="PSIRT of Vendor", organisation=OrganisationFactory())
    vendor, member = give_key(house), member_of(house, name="Ines")
    row = ParticipantFactory(case=report.case, team=house)
    by = principal_of(member)
    link = threads.open_with_desk(principal=by, participant=row)
    file = seal_with_password(ATTACHED, PASSPHRASE)
    attached = Attachment(
        name="trace.txt",
        size=len(ATTACHED),
        sha256=sha256(ATTACHED).hexdigest(),
        sealed_sha256=sha256(file).hexdigest(),
        passphrase=PASSPHRASE,
    )
    threads.post(
        principal=by,
        link=link,
        set_version=1,
        sealed=seal_for(
            link.thread, vendor, [vendor, desk], body="We reproduced it.", files=(attached,)
        ),
        files=[SealedFile(file)],
    )
    return FullCase(report.case, report, sealer, desk, vendor, member, ada, ben, row, link)


def _surround(made: FullCase) -> None:
    """Everything else that rooms keep of a case."""
    case, leader = made.case, principal_of(made.ada, coordinator=True)
    StatementFactory(
        participant=made.row, product=CaseProductFactory(case=case), text="Affected, in words."
    )
    ExclusionFactory(case=case)
    InvitationFactory(participant__case=case, reason="Because you run it.")
    facts.claim(
        principal=principal_of(made.member),
        case=case,
        by=made.row,
        event=CaseEvent.PUBLIC_AWARE,
        evidence="https://example.org/seen",
    )
    Unopened.objects.create(
        thread=made.link,
        message=Message.objects.get(thread=made.link.thread),
        participant=case.participants.get(team=case.coordinating_team),
        position=1,
    )
    NoticeFactory(team=made.row.team, about=case.id, acknowledged_at=clock.now())
    keeping.keep(form=made.report.id, sealed=seal_with_password(b"not sent yet", PASSPHRASE))
    draft = writing.start(
        principal=leader,
        team=case.coordinating_team,
        publisher=case.coordinating_team.organisation,
        content=texts.TEXT,
        case_id=case.id,
    )
    FinalCopy.objects.create(
        advisory=draft,
        team=made.row.team,
        text_version=1,
        mark=final_text.new_mark(),
        document=texts.TEXT.to_json(),
    )


def _traces(made: FullCase) -> list[bytes]:
    """Return pieces of what must be gone, as they lie on disk."""
    of_case = Message.objects.filter(thread__in=made.case.threads.values("thread"))
    found = [bytes(message.body)[40:90] for message in of_case]
    packets = KeyPacket.objects.filter(message__in=of_case)
    found += [bytes(packet.packet)[20:60] for packet in packets]
    found += [file.read()[40:90] for file in File.objects.filter(message__in=of_case)]
    found += [bytes(made.report.locked_secret)[20:60], made.report.receipt_hash.encode()]
    return found
