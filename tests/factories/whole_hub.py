"""A hub in which every address finds something: one thing of each kind, in each state that counts.

`Scene.values` are what stands in addresses: by parameter, or by ``segment/parameter`` where a
parameter's name means several things.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)
from tests.factories import advisories as texts
from tests.factories import reference
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import (
    CaseFactory,
    CaseProductFactory,
    ExclusionFactory,
    InvitationFactory,
    ParticipantFactory,
    StatementFactory,
)
from tests.factories.claims import (
    AnswerFactory,
    BatchFactory,
    ClaimFactory,
    DisputeFactory,
    VerificationFactory,
)
from tests.factories.desk import confirmed
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.feedkeys import key_of
from tests.factories.incidents import (
    DeletedIncidentFactory,
    HoldFactory,
    IncidentFactory,
    IndicatorFactory,
    PartyFactory,
    TallyFactory,
    TaskFactory,
)
from tests.factories.inventory import (
    EquipmentFactory,
    ProductFactory,
    ProductVersionFactory,
)
from tests.factories.keys import TeamKeyFactory, VaultFactory
from tests.factories.membership import ReviewFactory, VouchFactory
from tests.factories.notices import HookFactory, NoticeFactory
from tests.factories.notifications import holder_of, sent_by
from tests.factories.parties import asked_out, brought, joined
from tests.factories.records import make_record, seal_at
from tests.factories.requests import AuthorityTeamFactory, ExhibitFactory, RequestFactory
from tests.factories.sealed import Party, seal_for
from tests.factories.talks import RefusalFactory, Side, cannot_open, say, side, talk_between
from tests.factories.whole_community import Scene, scenes
from tests.principals import principal_of

from tcert.community.accounts.domain import invite_person
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.tokens import digest
from tcert.community.claims.enums import Phase, Verdict, Way
from tcert.community.claims.models import BatchPart
from tcert.community.claims.rows import RefusedRow, packed
from tcert.community.directory.enums import KeyState, OrganisationKind, TeamRole
from tcert.community.directory.models import Channel, Team, TeamChange, TeamSection
from tcert.community.notices.domain import paging
from tcert.community.notices.enums import Urgency
from tcert.community.talks.domain import ending, opening
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.kernel.worker import WorkerBeat
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.models import File, Message
from tcert.response.advisories.domain import final_text, release, review, writing
from tcert.response.advisories.models import FinalCopy, Release
from tcert.response.cases.domain import embargo, facts, threads
from tcert.response.cases.enums import CaseEvent, EmbargoState, ThreadPurpose
from tcert.response.followups.models import Followup
from tcert.response.incidents.models import CaseLink
from tcert.response.notifications.models import DeliveryRule, Denial, Notification, Step


@dataclass
class WholeHub:
    """The things, and who may look at them."""

    scenes: list[Scene]
    coordinator: Person
    second: Person
    representative: Person


def populate() -> WholeHub:
    """Make one of everything; the hub's own key must stand (`hubkey.create`)."""
    WorkerBeat.objects.create(at=clock.now() + timedelta(hours=1))  # however long the test
    coordinator, second = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    vendor = TeamFactory(
        name="PSIRT of Vendor", organisation=OrganisationFactory(kind=OrganisationKind.VENDOR)
    )
    representative = member_of(vendor, TeamRole.REPRESENTATIVE, name="Ines")
    hub = WholeHub([], coordinator, second, representative)
    held = give_key(vendor)
    hub.scenes += [
        *_directory(vendor, held),
        *scenes(vendor, representative, vendor.memberships.get(person__name="Pavel").person),
        *_talks(hub, vendor, held),
        *_cases(hub, vendor, held),
        *_advisories(hub),
        *_incidents(vendor),
        *_requests(hub, vendor),
        *_notifications(vendor, held),
        *_reference(vendor),
        *_rest(hub),
    ]
    return hub


def _directory(vendor: Team, held: Party) -> list[Scene]:
    """A team with people, a channel, a hook, keys in two states; its products and networks."""
    colleague = member_of(vendor, name="Pavel")
    VaultFactory(person=colleague, who="ben")
    waiting = TeamKeyFactory(team=vendor, which="second", state=KeyState.PENDING)
    channel = Channel.objects.create(team=vendor, kind="email", value="cert@vendor.example")
    TeamSection.objects.create(team=vendor, section="3.1", language="en", text="We repair.")
    TeamChange.objects.create(team=vendor, field="section:3.1:en", after="We repair.")
    organisation = vendor.organisation
    product = ProductFactory(vendor=organisation)
    ProductVersionFactory(product=product)
    shared = {
        "organisations/pk": organisation.id,
        "organisation_id": organisation.id,
        "product_id": product.id,
        "teams/pk": vendor.id,
        "sections/section": "3.1",
        "language": "en",
        "membership": colleague.memberships.get().id,
        "channel": channel.id,
    }
    typed = {"confirm_name": "Pavel"}
    runs = EquipmentFactory(organisation=organisation)
    equipment = {"kind": "equipment", "declaration_id": runs.id}
    active = vendor.keys.get(fingerprint=held.fingerprint)
    hook, notice = HookFactory(team=vendor), NoticeFactory(team=vendor)
    page = paging.make(hook=hook, notice=notice, urgency=Urgency.NORMAL)
    told = {"teams/pk": vendor.id, "hook": hook.id, "notice": notice.id, "token": page.token}
    given = VouchFactory(from_team=vendor)
    VouchFactory(from_team=given.to_team)
    vouched = {"teams/pk": given.to_team_id, "vouch_id": given.id}
    return [
        Scene(told, {"confirm_name": hook.name}),
        Scene({**vouched, "review_id": ReviewFactory().id}, {"confirm_name": given.to_team.name}),
        Scene({**shared, **equipment, "key": active.id, "fingerprint": held.fingerprint}, typed),
        Scene({**shared, **equipment, "key": waiting.id, "fingerprint": held.fingerprint}, typed),
        *_claims(vendor),
    ]


def _claims(vendor: Team) -> list[Scene]:
    """A claim in each state that counts, proofs that wait, a dispute, an import to confirm."""
    house = vendor.organisation
    plain = ClaimFactory(organisation=house)
    VerificationFactory(claim=plain, way=Way.DNS, by_team=None, record="tcert-claim=x")
    mailed, token = ClaimFactory(organisation=house, value="999-71", verified=True), "a" * 43
    VerificationFactory(claim=mailed, way=Way.MAIL, by_team=None, digest=digest(token))
    contested = DisputeFactory(claim__organisation=house, claim__value="999-72")
    AnswerFactory(dispute=contested)
    other = VerificationFactory(by_team=vendor, claim__value="999-73")
    batch = BatchFactory(organisation=house, phase=Phase.PREVIEW, rows=1, counts={"refused": 1})
    row = packed(RefusedRow(2, "plmn", "x", "kind"))
    BatchPart.objects.create(
        batch=batch,
        verdict=Verdict.REFUSED,
        number=1,
        content=zlib.compress(json.dumps([row]).encode()),
    )
    common = {"organisation_id": house.id, "batch_id": batch.id, "dispute_id": contested.id}
    return [
        Scene(
            {
                **common,
                "claim_id": claim.id,
                "verification_id": other.id,
                "words/verification_id": other.id,
                "verifications/verification_id": claim.verifications.values_list("id").first()[0]
                if claim.verifications.exists()
                else other.id,
                "confirm/token": token,
            }
        )
        for claim in (plain, mailed, contested.claim)
    ]


def _talks(hub: WholeHub, vendor: Team, held: Party) -> list[Scene]:
    """A talk with a message that somebody cannot open, a closed one, and one to be joined."""
    own = Side(vendor, held, hub.representative)
    other = side("Birch CERT")
    talk, over, asks = (
        talk_between(own, other),
        talk_between(own, other),
        talk_between(other, side()),
    )
    sealed = SealedFile(seal_with_password(b"a trace", "passphrase"))
    posted = say(own, talk, other, files=[sealed])
    cannot_open(other, talk, posted)
    ending.close(principal=own.principal, place=own.place(over))
    asked = opening.ask(principal=other.principal, talk=asks, by=other.place(asks), team=vendor)
    RefusalFactory(team=vendor)
    shared = {"teams/pk": other.team.id, "message_id": posted.message_id}
    shared |= {"file_id": File.objects.get(message=posted.message_id).id}
    typed = {"confirm_name": vendor.name}
    return [
        Scene({**shared, "talk_id": one.id, "place_id": place.id}, typed)
        for one, place in ((talk, own.place(talk)), (over, own.place(over)), (asks, asked))
    ]


def _cases(hub: WholeHub, vendor: Team, held: Party) -> list[Scene]:
    """A case as it was received, and one with parties, threads, an embargo, claims, invitations."""
    desk = DeskFactory()
    desk_key = give_key(desk)
    VaultFactory(person=hub.coordinator)
    received, _stranger = make_report(desk_key)
    case = CaseFactory(coordinating_team=desk, parts__embargo=EmbargoState.ACTIVE)
    row = ParticipantFactory(case=case, team=vendor, consent="signatory")
    by, leader = principal_of(hub.representative), principal_of(hub.coordinator, coordinator=True)
    CaseProductFactory(case=case)
    statement = StatementFactory(participant=row)
    ExclusionFactory(case=case)
    facts.claim(principal=by, case=case, by=row, event=CaseEvent.PUBLIC_AWARE, evidence="A page.")
    embargo.propose_end(
        principal=by,
        case=case,
        by=row,
        ends_at=case.embargo.ends_at + timedelta(days=30),
        zone="UTC",
        revision=case.embargo.revision,
    )
    link = threads.open_with_desk(principal=by, participant=row)
    threads.open_title(principal=leader, case=case)
    wide = threads.open_wide(principal=leader, case=case, purpose=ThreadPurpose.ALL, asked=[row])
    posted = threads.post(
        principal=by,
        link=link,
        set_version=link.thread.current_set.version,
        sealed=seal_for(link.thread, held, [held, desk_key]),
    )
    asked = InvitationFactory(participant__case=case)
    own_case = CaseFactory(coordinating_team=desk)
    invited = InvitationFactory(
        participant__case=own_case, participant__team=vendor, participant__management="start"
    )
    typed = {"typed_name": str(row.name)}
    common = {
        "case_id": case.id,
        "participant_id": row.id,
        "statement_id": statement.id,
        "reader_id": wide.readers.get(participant=row).id,
        "message_id": posted.message_id,
        "file_id": posted.message_id,
    }
    report = received.threads.get(purpose=ThreadPurpose.REPORT)
    out = asked_out(case, leader)
    came, newcomer = joined(asked_out(case, leader, name="Tern", addresses=["psirt@tern.example"]))
    brought(came, newcomer, "third")
    return [
        Scene({"case_id": case.id, "party_id": out.id}),
        Scene({"case_id": case.id, "party_id": came.id}),
        Scene({**common, "thread_id": link.id, "invitation_id": asked.id}, typed),
        Scene({**common, "thread_id": wide.id, "invitation_id": invited.id}, typed),
        Scene(
            {
                "case_id": received.id,
                "thread_id": report.id,
                "message_id": Message.objects.filter(thread=report.thread).first().id,
            }
        ),
    ]


def _advisories(hub: WholeHub) -> list[Scene]:
    """A text in every state, and a final copy that a party may read."""
    leader = principal_of(hub.second, coordinator=True)
    out = texts.published(leader)
    green = texts.published(leader, tlp=Tlp.GREEN)
    withdrawn = texts.published(leader).advisory
    release.withdraw(
        principal=leader,
        advisory_id=withdrawn.id,
        confirmation=confirmed(release.WITHDRAW, withdrawn.id),
        text_version=withdrawn.text_version,
        reason="It was no flaw.",
        typed_number=withdrawn.number or "",
    )
    jobs.run_due()
    planned = texts.approved(leader)
    release.schedule(
        principal=leader,
        advisory_id=planned.id,
        text_version=planned.text_version,
        at=clock.now() + timedelta(days=9),
        zone="UTC",
    )
    shown = _shown_to_parties(hub, leader)
    states = [texts.a_draft(leader), texts.in_review(leader), texts.approved(leader), planned]
    scenes = [
        Scene({"advisory_id": text.id}, {"typed_number": text.number or ""})
        for text in (*states, out.advisory, withdrawn, shown.advisory)
    ]
    current = Release.objects.get(pk=out.pk)
    name = {"csaf_name/name": current.file_name, "number": out.advisory.number}
    scenes[0].values |= {"copy_id": shown.id}
    scenes[1].values |= {**name, "year": current.year, "suffix": ".asc"}
    scenes[1].values |= {"fingerprint/fingerprint": current.signer}
    for_members = {"csaf_name/name": green.file_name, "number": green.advisory.number}
    scenes[2].values |= {**for_members, "year": green.year, "suffix": ".sha256"}
    return scenes


def _shown_to_parties(hub: WholeHub, leader: Principal) -> FinalCopy:
    """An approved text of the representative's case, of which the party has its marked copy."""
    case = CaseFactory()
    ParticipantFactory(case=case, team=hub.representative.memberships.get().team)
    text = writing.start(
        principal=leader,
        team=case.coordinating_team,
        publisher=case.coordinating_team.organisation,
        content=texts.TEXT,
        case_id=case.id,
    )
    review.submit(principal=leader, advisory_id=text.id, text_version=1)
    other = principal_of(hub.coordinator, coordinator=True)
    review.approve(principal=other, advisory_id=text.id, text_version=1)
    final_text.send(principal=leader, advisory_id=text.id, text_version=1)
    return FinalCopy.objects.get(advisory=text)


def _incidents(vendor: Team) -> list[Scene]:
    """Incidents that a team steers, reads and is asked into; one of everything in the first."""
    own = IncidentFactory(reporter=vendor)
    other, asked = PartyFactory(incident=own), PartyFactory(team=vendor, standing="asked")
    joined = IncidentFactory(reporter=vendor, joined_to=own)
    silent = PartyFactory(incident=own, standing="named", side="suspected")
    TallyFactory(incident=own)
    indicator, task = IndicatorFactory(incident=own), TaskFactory(incident=own)
    done = TaskFactory(incident=own, team=other.team, done_at=clock.now())
    link = CaseLink.objects.create(
        incident=own, case=ParticipantFactory(team=vendor).case, by_team=vendor
    )
    read = PartyFactory(team=vendor)
    at = clock.now()
    typed = {
        "began_day": f"{at:%Y-%m-%d}",
        "noticed_day": f"{at:%Y-%m-%d}",
        "first_day": f"{at:%Y-%m-%d}",
        "last_day": f"{at:%Y-%m-%d}",
        "due_day": f"{at + timedelta(days=1):%Y-%m-%d}",
    }
    HoldFactory(incident=own)
    DeletedIncidentFactory()
    shared = {"indicator_id": indicator.id, "link_id": link.id, "incidents/number": own.number}
    shared["mail/key"] = uuid4()
    return [
        Scene({**shared, "incident_id": own.id, "party_id": other.id, "task_id": task.id}, typed),
        Scene({**shared, "incident_id": joined.id, "party_id": silent.id, "task_id": done.id}),
        Scene({"incident_id": asked.incident_id, "party_id": asked.id}),
        Scene({"incident_id": read.incident_id, "party_id": read.id}, typed),
    ]


def _requests(hub: WholeHub, vendor: Team) -> list[Scene]:
    """Requests to a team in each state that counts; somebody of the desk is a police as well."""
    unit = AuthorityTeamFactory()
    give_key(unit)
    TeamMembershipFactory(team=unit, person=hub.second, role=TeamRole.REPRESENTATIVE)
    between = {"authority": unit, "addressee": vendor}
    at = clock.now() + timedelta(days=2)
    typed = {"deadline_day": f"{at:%Y-%m-%d}", "country": "XA", "until": f"{at:%Y-%m-%d}"}
    made = [RequestFactory(state=state, **between) for state in ("sent", "acknowledged")]
    made.append(RequestFactory(state="accepted", kind="preservation", **between))
    made[2].held_until = clock.today() + timedelta(days=9)
    made[2].save()
    made.append(RequestFactory(state="refused", ended_at=clock.now(), **between))
    given = RequestFactory(state="handed-over", **between)
    exhibit = ExhibitFactory(request=given)
    shared = {"addressee_id": vendor.id, "exhibit_id": exhibit.id}
    return [Scene({**shared, "asked_id": one.id}, typed) for one in (*made, given)]


def _notifications(vendor: Team, held: Party) -> list[Scene]:
    """Notifications that a team sent and received, at the desk, taken; a rule and a denial."""
    sender = Side(vendor, held, member_of(vendor, TeamRole.DUTY_OFFICER, name="Nina"))
    receiver = holder_of("Receiver of notifications", "999-75")
    sent_by(sender, "999-75", "998-11")
    sent_by(receiver, "998-12")
    sent = Notification.objects.get(organisation=receiver.team.organisation)
    queued, taken = Notification.objects.filter(organisation=None)
    Notification.objects.filter(pk=taken.pk).update(state="taken")
    step = Step.objects.create(
        notification=taken,
        position=5,
        hop="chosen",
        team=vendor,
        body=sent.steps.get(position=0).body,
        why="sent-on",
        reached_at=clock.now(),
    )
    house = vendor.organisation
    rule = DeliveryRule.objects.create(organisation=house, topic="other", pace="never")
    denial = Denial.objects.create(organisation=house, team=vendor, matched="999-76")
    incident = IncidentFactory(reporter=vendor)
    Followup.objects.create(notification=sent, incident=incident, team=vendor)
    shared = {
        "organisation_id": house.id,
        "rule_id": rule.id,
        "denial_id": denial.id,
        "sending_id": sent.sending_id,
        "incident_id": incident.id,
    }
    typed = {
        "denial": str(denial.id),
        "lines": "998-11",
        "team": str(receiver.team.id),
        "what": "999-75",
    }
    return [
        Scene(
            {**shared, "notification_id": sent.id, "step_id": step.id},
            {**typed, "team": str(vendor.id)},  # for whom a rule or an incident of it is
        ),
        Scene({**shared, "notification_id": taken.id, "step_id": step.id}, typed),
        Scene({**shared, "notification_id": queued.id, "step_id": step.id}, typed),
    ]


def _reference(vendor: Team) -> list[Scene]:
    """Two editions of a public list, with what the second changed; an operator that is tied."""
    reference.taken(reference.ROWS[1:])
    edition = reference.taken(version="1.0.1")
    row = edition.networks.get(plmn="208-01")
    tied = reference.TieFactory(
        operator=row.operator, country_code=row.country_code, organisation=vendor.organisation
    )
    return [Scene({"edition_id": edition.id, "network_id": row.id, "tie_id": tied.id})]


def _rest(hub: WholeHub) -> list[Scene]:
    """A dead job, an invitation to the hub, a passkey, a sealed record."""
    sealed = make_record(at=clock.now() - timedelta(days=2))
    seal_at(clock.now() - timedelta(days=1))
    dead = jobs.Job.objects.create(name="site.gone", run_at=clock.now(), state=jobs.State.DEAD)
    leader = principal_of(hub.coordinator, coordinator=True)
    invite_person(principal=leader, email="new@vendor.example", name="New", places=[])
    passkey = Authenticator.objects.create(
        user=hub.coordinator,
        type="webauthn",
        data={"name": "blue key", "credential": _passkey(), "passwordless": False},
    )
    return [
        Scene(
            {
                "job_id": dead.id,
                "people/pk": hub.representative.id,
                "invitations/pk": OneTimeLink.objects.get(email="new@vendor.example").id,
                "passkeys/pk": passkey.pk,
                "feed-keys/pk": key_of(hub.representative)[0].id,
                "record_id": sealed.id,
                "tree/number": 1,
                "slug/slug": "3gpp-function",
                "playbooks/slug": "ss7-location-tracking",
            }
        )
    ]


def _passkey() -> dict[str, object]:
    """Return what an authenticator answers when it makes a passkey for this hub."""
    private = ec.generate_private_key(ec.SECP256R1())
    made = AttestedCredentialData.create(
        bytes(16), b"passkey", ES256.from_cryptography_key(private.public_key())
    )
    about = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), 0x41, 0, made)
    answer = AuthenticatorAttestationResponse(
        client_data=CollectedClientData.create("webauthn.create", "AAAA", "http://localhost:8000"),
        attestation_object=AttestationObject.create("none", about, {}),
    )
    found = dict(RegistrationResponse(raw_id=b"passkey", response=answer))
    return {**found, "type": "public-key"}
