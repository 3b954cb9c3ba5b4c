"""Very many cases at once, and one with very many parties: as the hub would hold them after years.

Rows are written in bulk, past the domain, but in its shapes: every case has its embargo, its
coordinating team's row, its finder, its two threads with sealed messages, and its records. The
same seed makes the same crowd.
"""

import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import DeskFactory, OrganisationFactory, TeamFactory, member_of
from tests.factories.membership import ReviewFactory, VouchFactory
from tests.factories.responsibility import MatrixFactory
from tests.factories.sealed import Party, make_party

from tcert.community.accounts.models import Person
from tcert.community.desk.models import Interest
from tcert.community.directory.enums import OrganisationKind, TeamRole
from tcert.community.directory.models import Team
from tcert.community.inventory.models import Equipment, Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import KeyPacket, Message, Recipient, RecipientSet, Thread
from tcert.response.cases.enums import (
    CaseKind,
    Consent,
    EmbargoState,
    InvitationState,
    Management,
    Position,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import (
    Case,
    CaseNetwork,
    CaseProduct,
    CaseThread,
    Embargo,
    Exclusion,
    Invitation,
    Participant,
    ParticipantRole,
    PromisedAnswer,
    Statement,
    ThreadReader,
)
from tcert.response.intake.models import Report

SHARES = (
    (Management.RECEIVED, 4),
    (Management.VALID, 3),
    (Management.ACCEPTED, 20),
    (Management.DEFERRED, 5),
    (Management.INVALID, 8),
    (Management.CLOSED, 60),
)
PRESENCES = (
    (Presence.TAKING_PART, 80),
    (Presence.INVITED, 8),
    (Presence.DECLINED, 6),
    (Presence.EXPIRED, 6),
)
BATCH = 2_000


@dataclass
class Crowd:
    """Who is there, and what was made of them."""

    desk: Party
    coordinator: Person
    vendors: list[Party]
    representative: Person
    reporter: Party
    chance: random.Random = field(default_factory=lambda: random.Random(17))  # noqa: S311 - a seeded crowd
    rows: dict[type[models.Model], list[models.Model]] = field(
        default_factory=lambda: defaultdict(list)
    )
    products: list[Product] = field(default_factory=list)
    made: int = 0

    def add(self, row: models.Model) -> None:
        """Take a row to be written with the others of its kind."""
        self.rows[type(row)].append(row)

    def write(self) -> None:
        """Write what was taken, in the order in which rows refer to each other."""
        for model in ORDER:
            model._default_manager.bulk_create(self.rows.pop(model, []), batch_size=BATCH)
        assert not self.rows, f"no place in the order: {set(self.rows)}"


ORDER = (
    Case, Embargo, Participant, ParticipantRole, Invitation, CaseProduct, CaseNetwork, Exclusion,
    Statement, Thread, RecipientSet, Recipient, CaseThread, ThreadReader, Message, KeyPacket,
    Report, PromisedAnswer, AuditRecord,
)  # fmt: skip


def gather(vendors: int) -> Crowd:
    """The desk with a coordinator, and so many vendors: each with a key, products, a network."""
    desk = DeskFactory()
    coordinator = member_of(desk, TeamRole.REPRESENTATIVE, name="Ada")
    member_of(desk, TeamRole.REPRESENTATIVE, name="Ben")
    held = give_key(desk)
    desk.keys.update(offline_backup_tested_at=clock.now())
    crowd = Crowd(
        desk=held,
        coordinator=coordinator,
        vendors=[],
        representative=coordinator,
        reporter=make_party(HolderKind.REPORTER, name="reporter"),
    )
    # The coordinator is tied to a house, so that every page asks what is to be kept from her.
    tied = OrganisationFactory(name="Tied house")
    Equipment.objects.create(
        organisation=tied, product=Product.objects.create(vendor=tied, name="Tied core")
    )
    Interest.objects.create(person=coordinator, organisation=tied)
    add_vendors(crowd, vendors)
    return crowd


def add_vendors(crowd: Crowd, count: int) -> None:
    """Add so many vendors, each with a person, a key, a product, a network and equipment."""
    first = len(crowd.vendors)
    for number in range(first, first + count):
        house = OrganisationFactory(kind=OrganisationKind.VENDOR, name=f"Vendor {number:03}")
        team = TeamFactory(name=f"PSIRT {number:03}", organisation=house)
        person = member_of(team, TeamRole.REPRESENTATIVE, name=f"Person {number:03}")
        if not number:
            crowd.representative = person
        _vouched_for(team, crowd.vendors)
        MatrixFactory(organisation=house)
        crowd.vendors.append(give_key(team))
        product = Product.objects.create(vendor=house, name=f"Core {number:03}")
        crowd.products.append(product)
        Equipment.objects.create(organisation=house, product=crowd.products[number // 2])
        ClaimFactory(organisation=house, value=f"999-{number:02}"[:7])


def _vouched_for(team: Team, earlier: list[Party]) -> None:
    """Let a few of those who came before stand for a team, and a third of the teams be thin."""
    givers = {earlier[len(earlier) // part].holder.id for part in (2, 3, 5) if earlier[part:]}
    for giver in sorted(givers, key=str):
        VouchFactory(from_team=Team.objects.get(id=giver), to_team=team)
    if len(earlier) % 3 == 0:
        ReviewFactory(team=team)


def add_cases(crowd: Crowd, count: int) -> None:
    """Add ordinary cases: a few parties each, spread over three years."""
    for _ in range(count):
        _case(crowd)
        if sum(map(len, crowd.rows.values())) > 20 * BATCH:
            crowd.write()
    crowd.write()


def _pick(chance: random.Random, shares: tuple) -> str:
    return chance.choices([s[0] for s in shares], [s[1] for s in shares])[0]


def _begin(
    crowd: Crowd, management: Management, embargo: EmbargoState, at: datetime
) -> tuple[Case, Participant, Participant]:
    """A case with its embargo, the desk's row and the finder's."""
    crowd.made += 1
    judged = management not in {Management.RECEIVED, Management.INVALID}
    case = Case(
        code_name=f"{crowd.chance.choice(WORDS)} {crowd.chance.choice(WORDS)} {crowd.made}",
        number=f"TCERT-{at.year}-{crowd.made:05}" if judged else None,
        kind=CaseKind.INCIDENT if crowd.made % 5 == 0 else CaseKind.VULNERABILITY,
        coordinating_team_id=crowd.desk.holder.id,
        received_on=at.date(),
        numbered_at=at if judged else None,
        exclusions_settled_at=at if judged else None,
        closed_at=_closed(crowd, at) if management == Management.CLOSED else None,
    )
    crowd.add(case)
    crowd.add(
        Embargo(
            case=case,
            state=embargo,
            ends_at=None if embargo == EmbargoState.NONE else at + timedelta(days=90),
        )
    )
    leader = _party(crowd, case, crowd.desk.holder.id, Role.COORDINATOR, management=management)
    finder = Participant(
        case=case, reporter_id=crowd.reporter.holder.id, management=Management.ACCEPTED
    )
    crowd.add(finder)
    for role in (Role.FINDER, Role.REPORTER):
        crowd.add(ParticipantRole(participant=finder, role=role))
    return case, leader, finder


def _closed(crowd: Crowd, at: datetime) -> datetime:
    """A moment of the last year: what was closed before that is deleted."""
    kept = timedelta(days=crowd.chance.randrange(settings.RETENTION_DAYS))
    return max(at + timedelta(hours=1), clock.now() - kept)


WORDS = ("Quiet", "Harbour", "Amber", "Ridge", "Silver", "Otter", "North", "Lantern", "Maple")


def _party(crowd: Crowd, case: Case, team_id: UUID, role: Role, **states: object) -> Participant:
    row = Participant(case=case, team_id=team_id, **states)
    crowd.add(row)
    crowd.add(ParticipantRole(participant=row, role=role))
    return row


def _case(crowd: Crowd) -> None:
    chance = crowd.chance
    at = clock.now() - timedelta(days=chance.randrange(3 * 365), seconds=chance.randrange(86_400))
    management = Management(_pick(chance, SHARES))
    open_case = management in {Management.VALID, Management.ACCEPTED, Management.DEFERRED}
    embargo = EmbargoState.ACTIVE if open_case and chance.random() < 0.6 else EmbargoState.NONE
    case, leader, finder = _begin(crowd, management, embargo, at)
    product = chance.choice(crowd.products)
    about = CaseProduct(case=case, product=product, name=str(product), added_at=at)
    crowd.add(about)
    if crowd.made % 3 == 0:
        crowd.add(CaseNetwork(case=case, plmn=f"999-{chance.randrange(100):02}"))
    if crowd.made % 10 == 0:
        crowd.add(Exclusion(case=case, name=f"House {crowd.made}", entered_at=at))
    parties = chance.sample(crowd.vendors, chance.randrange(min(7, len(crowd.vendors))))
    for party in parties if management not in {Management.RECEIVED, Management.INVALID} else ():
        _invited(crowd, case, party, about, at)
    readers = [(leader, crowd.desk), (finder, crowd.reporter)]
    _thread(crowd, case, ThreadPurpose.REPORT, readers, [(crowd.reporter, Kind.FACTS)], at)
    talk = [(crowd.reporter, Kind.WISHES)]
    if management != Management.RECEIVED:
        talk += [(crowd.desk, Kind.MESSAGE)]
    thread = _thread(crowd, case, ThreadPurpose.REPORTER, readers, talk, at)
    crowd.add(
        Report(
            case=case,
            receipt_hash=hashlib.sha256(thread.id.bytes).hexdigest(),
            certificate=crowd.reporter.certificate,
            locked_secret=b"x" * 400,
            talk_thread=thread.id,
            received_on=at.date(),
        )
    )
    crowd.add(
        PromisedAnswer(
            case=case,
            team_id=crowd.desk.holder.id,
            received_on=at.date(),
            answered_on=None if management == Management.RECEIVED else at.date(),
        )
    )
    for act in ("received", "validate", "accept", "invite"):
        _record(crowd, case, f"cases:{act}", at, participant=str(leader.id))


def _invited(crowd: Crowd, case: Case, party: Party, about: CaseProduct, at: datetime) -> None:
    """One vendor of a case, with its invitation and perhaps a statement."""
    presence = Presence(_pick(crowd.chance, PRESENCES))
    joined = presence == Presence.TAKING_PART
    row = _party(
        crowd, case, party.holder.id, Role.VENDOR,
        presence=presence,
        management=Management.ACCEPTED if joined else Management.START,
        consent=Consent.SIGNATORY if joined else Consent.INVITED,
        shows_itself=crowd.chance.random() < 0.3,
        joined_at=at if joined else None,
        last_heard_at=at if joined else None,
    )  # fmt: skip
    crowd.add(
        Invitation(
            participant=row,
            state={
                Presence.TAKING_PART: InvitationState.ACCEPTED,
                Presence.INVITED: InvitationState.WAITING,
                Presence.DECLINED: InvitationState.DECLINED,
            }.get(presence, InvitationState.EXPIRED),
            tlp=case.tlp,
            invited_at=at,
            expires_at=clock.now() + timedelta(days=3),
        )
    )
    if joined and crowd.chance.random() < 0.5:
        crowd.add(
            Statement(
                participant=row,
                product=about,
                version="4.2",
                position=crowd.chance.choice(list(Position)),
            )
        )


def _thread(
    crowd: Crowd,
    case: Case,
    purpose: ThreadPurpose,
    readers: list[tuple[Participant, Party]],
    messages: list[tuple[Party, Kind]],
    at: datetime,
    participant: Participant | None = None,
) -> Thread:
    """A conversation with its readers and messages; ciphertext is random bytes."""
    kind = "report" if purpose in {ThreadPurpose.REPORT, ThreadPurpose.REPORTER} else "case"
    thread = Thread(subject_kind=kind, subject_id=case.id, purpose=purpose, created_on=at.date())
    known = RecipientSet(thread=thread, version=1)
    link = CaseThread(case=case, thread=thread, purpose=purpose, participant=participant)
    for row in (thread, known, link):
        crowd.add(row)
    recipients = []
    for reader, party in readers:
        fingerprint, certificate = _public(party)
        recipient = Recipient(
            recipient_set=known,
            holder_kind=party.holder.kind,
            holder_id=party.holder.id,
            fingerprint=fingerprint,
            certificate=certificate,
        )
        recipients.append(recipient)
        crowd.add(recipient)
        crowd.add(ThreadReader(thread=link, participant=reader, joined_at=at))
    for position, (author, about) in enumerate(messages, 1):
        _message(crowd, thread, known, recipients, author, about, position, at)
    return thread


_known: dict[UUID, tuple[str, str]] = {}


def _public(party: Party) -> tuple[str, str]:
    if party.holder.id not in _known:
        from tcert.foundation.openpgp.certificates import describe

        info = describe(party.certificate, clock.now())
        _known[party.holder.id] = (info.fingerprint, info.armoured)
    return _known[party.holder.id]


def _message(
    crowd: Crowd,
    thread: Thread,
    known: RecipientSet,
    recipients: list[Recipient],
    author: Party,
    kind: Kind,
    position: int,
    at: datetime,
) -> None:
    body = b"\xd2" + crowd.chance.randbytes(crowd.chance.randrange(400, 3_000))
    message = Message(
        thread=thread,
        recipient_set=known,
        author_kind=author.holder.kind,
        author_id=author.holder.id,
        author_fingerprint=_public(author)[0],
        kind=kind,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        size_bucket=4096,
        created_at=None if author.holder.kind == HolderKind.REPORTER else at,
        created_on=at.date(),
        position=position,
    )
    crowd.add(message)
    for recipient in recipients:
        crowd.add(KeyPacket(message=message, recipient=recipient, packet=body[:94]))


def _record(crowd: Crowd, case: Case, act: str, at: datetime, **data: str) -> None:
    crowd.add(
        AuditRecord(
            at=at,
            actor_kind="person",
            actor_id=crowd.coordinator.id,
            team_id=crowd.desk.holder.id,
            act=act,
            object_kind="case",
            object_id=case.id,
            data=data,
        )
    )


def add_big_case(crowd: Crowd, *, messages: int, at: datetime | None = None) -> Case:
    """Add a case in which every vendor of the crowd takes part, with one thread of them all."""
    at = at or clock.now() - timedelta(days=40)
    case, leader, finder = _begin(crowd, Management.ACCEPTED, EmbargoState.ACTIVE, at)
    about = [
        CaseProduct(case=case, product=one, name=str(one), added_at=at)
        for one in crowd.products[:10]
    ]
    for product in about:
        crowd.add(product)
    everybody = [(leader, crowd.desk)]
    for number, party in enumerate(crowd.vendors):
        row = _party(
            crowd, case, party.holder.id, Role.VENDOR,
            management=Management.ACCEPTED,
            consent=Consent.SIGNATORY,
            shows_itself=number % 2 == 0,
            joined_at=at,
            last_heard_at=at,
        )  # fmt: skip
        everybody.append((row, party))
        crowd.add(
            Statement(
                participant=row,
                product=about[number % len(about)],
                version="1",
                position=Position.KNOWN_AFFECTED,
            )
        )
        pair = [(leader, crowd.desk), (row, party)]
        talk = [(crowd.desk, Kind.HANDOVER), (party, Kind.MESSAGE)]
        _thread(crowd, case, ThreadPurpose.DESK, pair, talk, at, participant=row)
        _record(crowd, case, "cases:accept-invitation", at, participant=str(row.id))
    first = [(leader, crowd.desk), (finder, crowd.reporter)]
    _thread(crowd, case, ThreadPurpose.REPORT, first, [(crowd.reporter, Kind.FACTS)], at)
    _thread(crowd, case, ThreadPurpose.REPORTER, first, [(crowd.reporter, Kind.WISHES)], at)
    talk = [(everybody[n % len(everybody)][1], Kind.MESSAGE) for n in range(messages)]
    _thread(crowd, case, ThreadPurpose.ALL, everybody, talk, at)
    crowd.write()
    return case


def team_of(party: Party) -> Team:
    """The team that holds a key."""
    return Team.objects.get(id=party.holder.id)
