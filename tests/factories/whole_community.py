"""The community's part of the whole hub: one thing of each kind in the rooms beside the directory.

Each function makes the things of one room and returns what addresses name of them
(`whole_hub.Scene`).
"""

import json
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

from tests.factories.bundle import issued
from tests.factories.conduct import AppealFactory, MeasureFactory
from tests.factories.directory import TeamFactory
from tests.factories.duties import DutyFactory
from tests.factories.groups import GroupFactory, SeatFactory, WordFactory
from tests.factories.imports import EntryFactory, ImportFactory
from tests.factories.joining import (
    ApplicationFactory,
    ApplicationMessageFactory,
    ObjectionFactory,
    SponsorshipFactory,
    in_period,
    sponsored,
    submitted,
)
from tests.factories.keyring import (
    AttestationFactory,
    KeyProofFactory,
    PublicationFactory,
    PurposeKeyFactory,
    keyed,
)
from tests.factories.market import (
    ContactFactory,
    HappenedFactory,
    MeasureClaimFactory,
    NeedFactory,
    OfferFactory,
    ReportFactory,
)
from tests.factories.maturity import AssessmentFactory, MentorRequestFactory, answered, published
from tests.factories.participation import AbsenceFactory, OfficeFactory, active
from tests.factories.reachability import (
    CallFactory,
    DeliveryFactory,
    DrillFactory,
    EnrolmentFactory,
    HalfYearFactory,
    PauseFactory,
    closed,
)
from tests.factories.responsibility import (
    ChangeFactory,
    ConfirmLinkFactory,
    MatrixFactory,
    StepFactory,
    named,
)

from tcert.community.accounts.models import Person
from tcert.community.conduct.enums import End
from tcert.community.directory.models import Channel, Team
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.imports.enums import Phase, Verdict
from tcert.community.imports.models import ImportPart
from tcert.community.keyring import wkd
from tcert.foundation.kernel import clock


@dataclass
class Scene:
    """Things that belong together: what one address names of them."""

    values: dict[str, object]
    typed: dict[str, str] = field(default_factory=dict)
    """What is typed to confirm an act on them."""


def scenes(vendor: Team, representative: Person, colleague: Person) -> list[Scene]:
    """Make one of everything around a vendor's team, which two people belong to."""
    channel = vendor.channels.get(kind="email")
    return [
        *_maturity(vendor),
        *_responsibility(vendor, representative, colleague),
        *_taking_part(vendor, colleague),
        *_reached(vendor, channel),
        *_conduct(vendor),
        *_market(vendor),
        *_keyring(vendor),
        *_joining(vendor, representative),
        *_elsewhere(vendor),
        *_groups(vendor),
    ]


def _maturity(vendor: Team) -> list[Scene]:
    """An assessment that was published and a draft; requests for a mentor in three states."""
    kept = published(AssessmentFactory(team=vendor))
    draft = answered(AssessmentFactory(team=vendor))
    asked, mentored = MentorRequestFactory(), MentorRequestFactory(mentor=vendor)
    own = MentorRequestFactory(team=vendor)
    judged = {"teams/pk": vendor.id, "assessment_id": draft.id, "parameter": "O-1"}
    return [
        Scene({**judged, "request_id": own.id}, {"confirm_name": vendor.name}),
        Scene({**judged, "assessment_id": kept.id, "request_id": mentored.id}),
        Scene({"request_id": asked.id}),
    ]


def _elsewhere(vendor: Team) -> list[Scene]:
    """A bundle; an import that waits, and what earlier ones say of the team."""
    waiting = ImportFactory(phase=Phase.PREVIEW, rows=1, counts={"new": 1})
    row = [1, "cert", {"official_name": "CERT"}, "", None, None, []]
    content = zlib.compress(json.dumps([row]).encode())
    ImportPart.objects.create(batch=waiting, verdict=Verdict.NEW, number=1, content=content)
    said = {"official_name": vendor.name, "emails": [{"address": "cert@vendor.example"}]}
    entry = EntryFactory(team=vendor, data=said, certificate="-----BEGIN")
    done = ImportFactory(ended_at=clock.now())
    values = {"serial": issued().serial, "entry_id": entry.id, "teams/pk": vendor.id}
    return [Scene({**values, "import_id": waiting.id}), Scene({**values, "import_id": done.id})]


def _taking_part(vendor: Team, colleague: Person) -> list[Scene]:
    """An absence that was asked for, and an office."""
    absence = AbsenceFactory(organisation=active(vendor.organisation))
    office = OfficeFactory(organisation=vendor.organisation, person=colleague.id)
    values = {
        "organisation_id": vendor.organisation_id,
        "absence_id": absence.id,
        "office_id": office.id,
    }
    return [Scene(values, {"confirm_name": vendor.organisation.name})]


def _conduct(vendor: Team) -> list[Scene]:
    """A suspension with an appeal, one that is over, a duty to report."""
    appealed = AppealFactory().measure
    name = {"confirm_name": vendor.organisation.name}
    over = MeasureFactory(
        organisation=vendor.organisation, ended_at=clock.now(), ended_how=End.LIFTED
    )
    duty = DutyFactory(organisation=vendor.organisation)
    return [
        Scene({"measure_id": appealed.id}, name),
        Scene({"measure_id": over.id, "duty_id": duty.id}),
    ]


def _market(vendor: Team) -> list[Scene]:
    """Entries in each state that counts: one's own, another's with claims, one without a name."""
    own = OfferFactory(team=vendor, valid_until=clock.today() + timedelta(days=5))
    need = NeedFactory(team=vendor, state="draft", listed_from=None)
    offer = MeasureClaimFactory().entry
    unnamed = NeedFactory()
    HappenedFactory(entry=own)
    HappenedFactory(entry=need, act="take-up")
    asked = ContactFactory(entry=NeedFactory(team=vendor))
    asking = ContactFactory(entry=unnamed, team=vendor)
    decided = ReportFactory(entry=unnamed, settled_at=clock.now(), outcome="stays", answer="True.")
    waiting = ReportFactory(entry=offer)
    return [
        Scene({"entry_id": entry.id, "contact_id": contact.id, "report_id": report.id})
        for entry, contact, report in (
            (own, asked, waiting),
            (need, asking, decided),
            (offer, asked, waiting),
            (unnamed, asking, decided),
        )
    ]


def _keyring(vendor: Team) -> list[Scene]:
    """An attestation, a key for another purpose, one that can be attested and looked up."""
    attested = AttestationFactory(from_team=vendor)
    theirs = {"teams/pk": attested.to_team_id, "fingerprint": attested.fingerprint}
    purpose = PurposeKeyFactory(team=vendor)
    own = {"teams/pk": vendor.id, "purpose_key": purpose.id, "fingerprint": purpose.fingerprint}
    stranger = TeamFactory(name="Stranger")
    address = "cert@stranger.example"
    Channel.objects.create(team=stranger, kind="email", value=address, is_public=True)
    fingerprint = keyed(stranger, address).fingerprint
    PublicationFactory(team=stranger)
    KeyProofFactory(team=stranger, fingerprint=fingerprint, address=address)
    found = {
        "teams/pk": stranger.id,
        "fingerprint": fingerprint,
        "openpgpkey/domain": "stranger.example",
        "hu/name": wkd.name_of(address),
    }
    return [
        Scene({**theirs, "attestation_id": attested.id}, {"confirm_name": attested.to_team.name}),
        Scene(own, {"confirm_name": vendor.name}),
        Scene(found, {"typed": fingerprint[-16:]}),
    ]


def _responsibility(vendor: Team, representative: Person, colleague: Person) -> list[Scene]:
    """A matrix with somebody by mail, somebody by account, a chain; an organisation without one."""
    matrix = MatrixFactory(organisation=vendor.organisation)
    named(matrix, "core")
    named(matrix, "ran", person=representative)
    named(matrix, "ims", person=colleague, confirmed_at=clock.now())
    StepFactory(matrix=matrix, place=1)
    ChangeFactory(matrix=matrix)
    link = ConfirmLinkFactory(matrix=matrix)
    assert link.is_open(clock.now())
    whole = {"organisations/pk": vendor.organisation_id, "answer/token": "letmein"}
    typed = {"confirm_name": vendor.organisation.name}
    return [Scene({**whole, "domains/domain": code}, typed) for code in ("core", "ran")]


def _reached(vendor: Team, channel: Channel) -> list[Scene]:
    """A team with a drill under way, one that is over, an address that fails, a pause."""
    Channel.objects.create(team=vendor, kind="phone", purpose="24/7", value="+358401234567")
    failing = DeliveryFactory(address=channel.value)
    HalfYearFactory()
    EnrolmentFactory(team=vendor)
    earlier = DrillFactory(team=vendor, started_at=clock.now() - timedelta(days=100))
    drill = DrillFactory(team=closed(earlier).team)
    CallFactory(drill=drill, channel=channel, delivery=failing, secret="of-a-drill")
    CallFactory(drill=None, channel=channel, delivery=failing, secret="of-a-test-mail")
    pause = PauseFactory(team=vendor)
    shared = {"teams/pk": vendor.id, "drill": drill.id, "pause": pause.id, "channel": channel.id}
    typed = {"confirm_name": vendor.name}
    return [
        Scene({**shared, "answer/token": "of-a-drill"}, typed),
        Scene({**shared, "works/token": "of-a-test-mail"}, typed),
    ]


def _joining(vendor: Team, representative: Person) -> list[Scene]:
    """An application at each point; the draft is the representative's own."""
    draft = ApplicationFactory(applicant=representative, mail_proved_at=None)
    SponsorshipFactory(application=draft)
    new, looked, ready = submitted(), submitted(examined=True), sponsored()
    asked = SponsorshipFactory(application=looked, team=vendor)
    given = SponsorshipFactory(
        application=ready, team=vendor, state="given", basis="met-in-person", statement="Met."
    )
    period, contested = in_period(), in_period()
    raised = ObjectionFactory(application=contested)
    own = ObjectionFactory(application=contested, team=vendor)
    ApplicationMessageFactory(application=new)
    put_off = submitted(state="deferred", deferred_until=clock.now() + timedelta(days=9))
    return [
        Scene({"mine/pk": draft.id, "queue/pk": new.id}, {"confirm_name": draft.name}),
        Scene({"queue/pk": new.id, "sponsorships/pk": asked.id}, {"confirm_name": new.name}),
        Scene({"queue/pk": looked.id, "sponsorships/pk": given.id}),
        Scene({"queue/pk": ready.id, "objections/pk": own.id}),
        Scene({"queue/pk": contested.id, "applicants/pk": period.id, "objections/pk": raised.id}),
        Scene({"queue/pk": put_off.id, "applicants/pk": contested.id, "objections/pk": own.id}),
    ]


def _groups(vendor: Team) -> list[Scene]:
    """A confidential group and an open one that the team stewards; seats of it in each state."""
    quiet = GroupFactory(name="Quiet circle", founded_by=vendor)
    own = SeatFactory(group=quiet, team=vendor, is_steward=True)
    other = SeatFactory(group=quiet)
    gone = SeatFactory(
        group=quiet,
        state=State.REMOVED,
        ended_at=clock.now(),
        ended_by=vendor,
        objection="Not us.",
        objected_at=clock.now(),
    )
    public = GroupFactory(
        name="Night watch", kind=Kind.OPEN, admission=Admission.VOUCHES, founded_by=vendor
    )
    SeatFactory(group=public, team=vendor, is_steward=True)
    asks = WordFactory(seat__group=public, by_team=SeatFactory(group=public).team).seat
    foreign = GroupFactory(kind=Kind.OPEN)
    SeatFactory(group=foreign, is_steward=True)
    invited = SeatFactory(group=GroupFactory(), team=vendor, state=State.INVITED)
    removed = SeatFactory(
        group=GroupFactory(),
        team=vendor,
        state=State.REMOVED,
        ended_at=clock.now(),
        ended_by=TeamFactory(),
        known_as="Old circle",
        reason="No.",
    )
    return [
        Scene({"group_id": quiet.id, "seat_id": own.id}, {"confirm_name": vendor.name}),
        Scene({"group_id": quiet.id, "seat_id": other.id}, {"confirm_name": other.team.name}),
        Scene({"group_id": quiet.id, "seat_id": gone.id}, {"confirm_name": quiet.name}),
        Scene({"group_id": public.id, "seat_id": asks.id}, {"confirm_name": public.name}),
        Scene({"group_id": foreign.id, "seat_id": invited.id}),
        Scene({"seat_id": removed.id}),
    ]
