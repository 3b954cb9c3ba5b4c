"""Acts that need two coordinators: each of them, from the form to what is done, and every way out.

They stand in four rooms, so they are tested where all four are at hand.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.factories import advisories as texts
from tests.factories.accounts import PersonFactory
from tests.factories.cases import CaseFactory, CaseProductFactory, ExclusionFactory
from tests.factories.claims import ClaimFactory, DisputeFactory
from tests.factories.desk import InterestFactory, confirmed
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.factories.joining import submitted
from tests.factories.keys import TeamKeyFactory
from tests.factories.market import NeedFactory, ReportFactory
from tests.meeting import at_once
from tests.principals import declared, give_second_factor, principal_of, sign_in

from tcert.community.accounts import joining
from tcert.community.accounts.domain import people
from tcert.community.accounts.enums import Verified
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.claims.domain import claiming, disputes, verifying
from tcert.community.claims.enums import Outcome, State
from tcert.community.conduct.domain import measures
from tcert.community.conduct.enums import Ground, Kind
from tcert.community.desk import acts as definitions
from tcert.community.desk import queries
from tcert.community.desk.domain import acts
from tcert.community.desk.domain import declarations as interests
from tcert.community.desk.enums import ActState, InterestKind
from tcert.community.desk.models import Interest, ProposedAct
from tcert.community.desk.waiting import acts_of_two
from tcert.community.directory.domain import keys, organisations, teams
from tcert.community.directory.domain import people as places
from tcert.community.directory.enums import KeyState, OrganisationState, SecondChannel, TeamRole
from tcert.community.directory.models import Organisation, Team, TeamMembership
from tcert.community.inventory.domain import declarations
from tcert.community.joining.domain import deciding
from tcert.community.market.domain import reports
from tcert.community.market.enums import State as EntryState
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.kernel.second import NeedsSecond
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories.domain import release
from tcert.response.advisories.enums import Pending
from tcert.response.cases.domain import recusals, triage
from tcert.response.cases.models import Case, Exclusion
from tcert.response.retention.domain import holds

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(settings, tmp_path):
    """Two coordinators who have declared; the desk was founded long ago."""
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    ada, ben = coordinator_of_desk(name="Ada"), coordinator_of_desk(name="Ben")
    for person in (ada, ben):
        declared(person)
        give_second_factor(person)
    return ada, ben


def rights(person) -> Any:
    return principal_of(person, coordinator=True)


# Each act, begun as its page begins it, and how to see whether it was done --------------------


@dataclass
class Begun:
    name: str
    needed: NeedsSecond
    done: Any
    """Tells whether the act has been done."""
    change: Any
    """Changes what the act is about."""


def begin(act, *args: Any, **values: Any) -> NeedsSecond:
    with pytest.raises(NeedsSecond) as raised:
        act(*args, **values)
    return raised.value


def _withdraw(ada, _ben) -> Begun:
    hubkey.create()
    text = texts.published(rights(ada)).advisory
    needed = begin(
        release.withdraw,
        principal=rights(ada),
        advisory_id=text.id,
        text_version=text.text_version,
        reason="It was no flaw.",
        typed_number=text.number,
    )

    def done():
        text.refresh_from_db()
        return (text.pending, text.withdrawal_reason) == (Pending.WITHDRAWAL, "It was no flaw.")

    def change():
        release.start_revision(
            principal=rights(ada), advisory_id=text.id, text_version=text.text_version
        )

    return Begun(release.WITHDRAW, needed, done, change)


def _lift(ada, _ben) -> Begun:
    case = CaseFactory()
    exclusion = triage.exclude(principal=rights(ada), case=case, name="A firm")
    needed = begin(triage.lift_exclusion, principal=rights(ada), case=case, exclusion=exclusion)

    def change():
        exclusion.asked_by_reporter = False
        exclusion.save()

    return Begun(triage.LIFT, needed, lambda: not case.exclusions.exists(), change)


def _admit(ada, _ben) -> Begun:
    found = submitted(examined=True)
    needed = begin(deciding.admit, principal=rights(ada), application=found)

    def change():
        found.name = "Somebody Else"
        found.save()

    def done():
        found.refresh_from_db()
        return found.admitted_by_two

    return Begun(deciding.ADMIT, needed, done, change)


def _remove(ada, ben) -> Begun:
    place = TeamMembership.objects.get(person=ben)
    needed = begin(
        places.remove_person, principal=rights(ada), membership=place, confirmed_name="Ben"
    )

    def change():
        TeamMembership.objects.filter(pk=place.pk).update(role=TeamRole.DEPUTY)

    gone = lambda: not TeamMembership.objects.filter(pk=place.pk).exists()  # noqa: E731
    return Begun(places.REMOVE, needed, gone, change)


def _add(ada, _ben) -> Begun:
    person = PersonFactory(email="eva@desk.example", name="Eva")
    needed = begin(
        places.add_person,
        principal=rights(ada),
        team=DeskFactory(),
        person=person,
        role=TeamRole.MEMBER,
    )

    def change():
        Team.objects.filter(is_desk=True).update(name="Another desk")

    return Begun(places.ADD, needed, person.memberships.exists, change)


def _retire_team(ada, _ben) -> Begun:
    team = TeamFactory(name="CERT Altus")
    member_of(team)
    needed = begin(teams.retire_team, principal=rights(ada), team=team, confirmed_name="CERT Altus")

    def done():
        team.refresh_from_db()
        return team.retired_at is not None

    def change():
        Team.objects.filter(pk=team.pk).update(name="CERT Altus II")

    return Begun(teams.RETIRE, needed, done, change)


def _retire_organisation(ada, _ben) -> Begun:
    body = TeamFactory().organisation
    TeamKeyFactory(team=body.teams.get())
    needed = begin(
        organisations.retire_organisation,
        principal=rights(ada),
        organisation=body,
        confirmed_name=body.name,
    )

    def done():
        body.refresh_from_db()
        return body.state == OrganisationState.RETIRED

    return Begun(organisations.RETIRE, needed, done, lambda: TeamFactory(organisation=body))


def _change_ties(ada, _ben) -> Begun:
    body = OrganisationFactory(name="Altus Radio", group=OrganisationFactory(name="Altus Oyj"))
    other = OrganisationFactory(name="Another house")
    needed = begin(
        organisations.change_organisation, principal=rights(ada), organisation=body, group=other
    )

    def done():
        body.refresh_from_db()
        return body.group == other

    def change():
        organisations.change_organisation(
            principal=rights(ada), organisation=body, website="https://altus.example"
        )

    return Begun(organisations.CHANGE_TIES, needed, done, change)


def _rename(ada, _ben) -> Begun:
    team = TeamFactory(name="CERT Altus")
    needed = begin(
        teams.change_team, principal=rights(ada), team=team, name="CERT A", description="x"
    )

    def done():
        team.refresh_from_db()
        return (team.name, team.description) == ("CERT A", "x")

    def change():
        teams.change_team(principal=rights(ada), team=team, description="y")

    return Begun(teams.RENAME, needed, done, change)


def _let_in(ada, ben) -> Begun:
    needed = begin(people.let_in_again, principal=rights(ada), person=ben, verified=Verified.MET)
    return Begun(
        people.LET_IN,
        needed,
        lambda: not Authenticator.objects.filter(user=ben).exists(),
        lambda: Person.objects.filter(pk=ben.pk).update(email="new@desk.example"),
    )


def _change_email(ada, ben) -> Begun:
    needed = begin(
        people.change_email, principal=rights(ada), person=ben, email="Taken@evil.example"
    )
    return Begun(
        people.CHANGE_EMAIL,
        needed,
        lambda: Person.objects.get(pk=ben.pk).email == "taken@evil.example",
        lambda: Person.objects.filter(pk=ben.pk).update(email="new@desk.example"),
    )


def _close(ada, ben) -> Begun:
    needed = begin(people.close_account, principal=rights(ada), person=ben)
    return Begun(
        people.CLOSE,
        needed,
        lambda: not Person.objects.get(pk=ben.pk).is_active,
        lambda: Person.objects.filter(pk=ben.pk).update(email="new@desk.example"),
    )


def _reopen(ada, ben) -> Begun:
    Person.objects.filter(pk=ben.pk).update(is_active=False)
    ben.refresh_from_db()
    needed = begin(people.reopen_account, principal=rights(ada), person=ben)
    return Begun(
        people.REOPEN,
        needed,
        lambda: Person.objects.get(pk=ben.pk).is_active,
        lambda: Person.objects.filter(pk=ben.pk).update(email="new@desk.example"),
    )


def _lift_hold(ada, _ben) -> Begun:
    day = clock.today() + timedelta(days=30)
    hold = holds.set_hold(
        principal=rights(ada), case=CaseFactory(), reason="Court A, 1/26", review_on=day
    )
    needed = begin(holds.lift_hold, principal=rights(ada), hold=hold, reason="It ended.")

    def done():
        hold.refresh_from_db()
        return hold.lifted_at is not None

    def change():
        """Another court demands it by now; the day of the next look stays."""
        holds.review_hold(principal=rights(ada), hold=hold, reason="Court B, 2/26", review_on=day)

    return Begun(holds.LIFT, needed, done, change)


def _confirm_key(ada, ben) -> Begun:
    TeamKeyFactory(team=DeskFactory())
    key = TeamKeyFactory(
        team=DeskFactory(), which="second", state=KeyState.PENDING, added_by=ben.id
    )
    needed = begin(
        keys.confirm_key,
        principal=rights(ada),
        key=key,
        heard_fingerprint=key.fingerprint,
        channel=SecondChannel.MEETING,
    )

    def done():
        key.refresh_from_db()
        return key.state == KeyState.ACTIVE

    def change():
        keys.refuse_key(principal=rights(ada), key=key)

    return Begun(keys.CONFIRM, needed, done, change)


def _withdraw_equipment(ada, _ben) -> Begun:
    item = EquipmentFactory(versions="2.7")
    needed = begin(
        declarations.set_withdrawn, principal=rights(ada), declaration=item, withdrawn=True
    )

    def done():
        item.refresh_from_db()
        return item.withdrawn_at is not None

    def change():
        declarations.declare_equipment(
            principal=rights(ada),
            organisation=item.organisation,
            product=item.product,
            versions="2.8",
        )

    return Begun(declarations.WITHDRAW, needed, done, change)


def _withdraw_claim(ada, _ben) -> Begun:
    claim = ClaimFactory()
    needed = begin(claiming.withdraw, principal=rights(ada), claim=claim)

    def done():
        claim.refresh_from_db()
        return claim.state == State.WITHDRAWN

    def change():
        verifying.verify_by_desk(principal=rights(ada), claim=claim, note="The licence.")

    return Begun(claiming.WITHDRAW, needed, done, change)


def _end_claim(ada, _ben) -> Begun:
    dispute = DisputeFactory()
    needed = begin(
        disputes.decide,
        principal=rights(ada),
        dispute=dispute,
        outcome=Outcome.ENDED,
        decision="The regulator says so.",
    )

    def done():
        dispute.claim.refresh_from_db()
        return dispute.claim.state == State.ENDED

    def change():
        disputes.answer(
            principal=rights(ada), dispute=dispute, organisation=None, text="One moment."
        )

    return Begun(disputes.END, needed, done, change)


def _impose(ada, _ben) -> Begun:
    body = OrganisationFactory(name="Nordtel")
    needed = begin(
        measures.impose,
        principal=rights(ada),
        organisation=body,
        kind=Kind.SUSPENSION,
        ground=Ground.HARM,
        reason="It sold what it read here.",
        days=30,
        confirmed_name="Nordtel",
    )

    def done():
        body.refresh_from_db()
        return body.state == OrganisationState.SUSPENDED

    def change():
        Organisation.objects.filter(pk=body.pk).update(name="Sydtel")

    return Begun(measures.IMPOSE, needed, done, change)


def _end_interest(ada, _ben) -> Begun:
    interest = InterestFactory(person=ada)
    needed = begin(
        interests.end_interest,
        principal=principal_of(ada),
        interest=interest,
        until=clock.today() - timedelta(days=400),
    )

    def done():
        interest.refresh_from_db()
        return interest.until == clock.today() - timedelta(days=400)

    def change():
        Interest.objects.filter(pk=interest.pk).update(since=clock.today())

    return Begun(interests.END, needed, done, change)


def _take_off(ada, ben) -> Begun:
    """An unnamed need: to withdraw it always takes two."""
    about = ReportFactory(entry=NeedFactory())
    needed = begin(reports.take_off, principal=rights(ada), about=about, reason="Untrue.")

    def done():
        about.entry.refresh_from_db()
        return about.entry.state == EntryState.WITHDRAWN

    def change():
        reports.let_stay(principal=rights(ben), about=about, reason="It is true.")

    return Begun(reports.TAKE_OFF, needed, done, change)


BEGUN = {
    begun.__name__.lstrip("_"): begun
    for begun in (
        _withdraw,
        _lift,
        _remove,
        _add,
        _retire_team,
        _retire_organisation,
        _change_ties,
        _rename,
        _let_in,
        _change_email,
        _close,
        _reopen,
        _lift_hold,
        _confirm_key,
        _withdraw_equipment,
        _withdraw_claim,
        _end_claim,
        _end_interest,
        _impose,
        _admit,
        _take_off,
    )
}


def propose(by, needed: NeedsSecond, reason: str = "We agreed on it.") -> ProposedAct:
    return acts.propose(
        principal=rights(by),
        name=needed.act,
        object_id=needed.object_id,
        values=needed.values,
        reason=reason,
    )


def third() -> Person:
    """Somebody of the desk whom no act of the table is done to."""
    person = coordinator_of_desk(name="Eva")
    declared(person)
    return person


def test_every_registered_act_is_in_this_table():
    begun = [f"_{kind}" for kind in BEGUN]
    assert sorted(begun) == sorted(act.carry_out.__name__ for act in definitions.all_acts())


@pytest.mark.slow
@pytest.mark.parametrize("kind", BEGUN)
def test_proposed_by_one_it_waits_and_confirmed_by_another_it_is_done(desk, kind):
    ada, ben = desk
    begun = BEGUN[kind](ada, ben)
    proposal = propose(ada, begun.needed)
    eva = third()
    assert not begun.done()
    with pytest.raises(DomainError, match="Another coordinator confirms"):
        acts.confirm(principal=rights(ada), proposal=proposal)
    assert not begun.done()
    settled = acts.confirm(principal=rights(eva), proposal=proposal)
    assert (settled.state, settled.decided_by) == (ActState.DONE, eva)
    assert begun.done()
    done = AuditRecord.objects.get(act="desk:act:confirm")
    assert (done.actor_id, done.object_id) == (eva.id, proposal.about_id)
    assert done.data == {
        "what": begun.name,
        "proposal": str(proposal.id),
        "proposed_by": str(ada.id),
    }
    with pytest.raises(Conflict):
        acts.confirm(principal=rights(eva), proposal=proposal)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BEGUN)
def test_it_is_void_when_what_it_is_about_has_changed(desk, kind):
    ada, ben = desk
    begun = BEGUN[kind](ada, ben)
    proposal, eva = propose(ada, begun.needed), third()
    begun.change()
    assert acts.confirm(principal=rights(eva), proposal=proposal).state == ActState.VOID
    assert not begun.done()
    assert AuditRecord.objects.get(act="desk:act:void").actor_id == eva.id


@pytest.mark.slow
@pytest.mark.parametrize("kind", BEGUN)
def test_refused_or_taken_back_nothing_is_done(desk, kind):
    ada, ben = desk
    begun = BEGUN[kind](ada, ben)
    eva = third()
    first = propose(ada, begun.needed)
    with pytest.raises(DomainError, match="Take your own proposal back"):
        acts.refuse(principal=rights(ada), proposal=first, answer="No.")
    with pytest.raises(DomainError, match="Say why"):
        acts.refuse(principal=rights(eva), proposal=first, answer=" ")
    assert acts.refuse(principal=rights(eva), proposal=first, answer="No.").answer == "No."
    second = propose(ada, begun.needed)
    with pytest.raises(DomainError, match="Only who proposed"):
        acts.withdraw(principal=rights(eva), proposal=second)
    assert acts.withdraw(principal=rights(ada), proposal=second).state == ActState.WITHDRAWN
    assert not begun.done()


@pytest.mark.parametrize("kind", ["let_in", "change_email", "close", "remove"])
def test_whom_it_is_done_to_may_refuse_it(desk, kind):
    ada, ben = desk
    proposal = propose(ada, BEGUN[kind](ada, ben).needed)
    assert proposal in queries.to_decide(principal_of(ben))
    acts.refuse(principal=rights(ben), proposal=proposal, answer="It was not me who asked.")
    proposal.refresh_from_db()
    assert proposal.state == ActState.REFUSED


@pytest.mark.parametrize("kind", ["let_in", "change_email", "close", "reopen"])
def test_whom_it_is_done_to_does_not_confirm_it(desk, kind):
    ada, ben = desk
    proposal = propose(ada, BEGUN[kind](ada, ben).needed)
    with pytest.raises(PermissionDenied):
        acts.confirm(principal=rights(ben), proposal=proposal)


# Who decides, and how long -------------------------------------------------------------------


def test_without_a_reason_nothing_is_proposed_and_the_same_is_proposed_once(desk):
    ada, ben = desk
    needed = _withdraw(ada, ben).needed
    with pytest.raises(DomainError, match="Say why"):
        propose(ada, needed, reason="  ")
    propose(ada, needed)
    with pytest.raises(Conflict, match="proposed already"):
        propose(ben, needed)


def test_a_coordinator_with_a_conflict_neither_sees_nor_confirms_it(desk):
    ada, ben = desk
    begun = _lift(ada, ben)
    proposal = propose(ada, begun.needed)
    assert proposal in queries.to_decide(principal_of(ben))
    case = definitions.named(begun.name).find(begun.needed.object_id).case
    recusals.step_back(principal=rights(ben), case=case)
    assert queries.to_decide(principal_of(ben)) == []
    assert list(ProposedAct.objects.visible_to(rights(ben))) == []
    with pytest.raises(PermissionDenied):
        acts.confirm(principal=rights(ben), proposal=proposal)
    client = sign_in(Client(), ben, coordinator=True)
    assert client.get(f"/desk/acts/{proposal.id}/").status_code == 404
    assert f"/desk/acts/{proposal.id}/" not in client.get("/desk/acts/").content.decode()
    assert queries.could_confirm(proposal) == []


def test_it_lapses_after_seven_days(desk):
    ada, ben = desk
    begun = _change_email(ada, ben)
    proposal, eva = propose(ada, begun.needed), third()
    with clock.frozen(proposal.expires_at - timedelta(seconds=1)):
        assert acts.expire_unanswered() == 0
    with clock.frozen(proposal.proposed_at + timedelta(days=7)):
        with pytest.raises(Conflict):
            acts.confirm(principal=rights(eva), proposal=proposal)
        assert acts.expire_unanswered() == 1
        assert acts.expire_unanswered() == 0
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == (ActState.EXPIRED, None)
    assert not begun.done()


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_do_it_once(desk):
    ada, ben = desk
    begun = _add(ada, ben)
    proposal, eva = propose(ada, begun.needed), third()
    outcomes = at_once(
        lambda: acts.confirm(principal=rights(eva), proposal=proposal),
        lambda: acts.confirm(principal=rights(ben), proposal=proposal),
    )
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [Conflict]
    assert AuditRecord.objects.filter(act=places.ADD).count() == 1


# When nobody else can ------------------------------------------------------------------------


def test_alone_only_after_72_hours_and_only_while_nobody_else_can_confirm(desk):
    ada, ben = desk
    begun = _close(ada, ben)  # Ben is whom it is done to: there is nobody else
    proposal = propose(ada, begun.needed)
    assert queries.could_confirm(proposal) == []
    with pytest.raises(DomainError, match="72 hours"):
        acts.carry_out_alone(principal=rights(ada), proposal=proposal)
    assert list(acts_of_two(principal_of(ada))) == []
    with clock.frozen(proposal.proposed_at + timedelta(hours=72)):
        eva = third()
        with pytest.raises(DomainError, match="Another coordinator can confirm"):
            acts.carry_out_alone(principal=rights(ada), proposal=proposal)
        with pytest.raises(DomainError, match="somebody else proposed"):
            acts.carry_out_alone(principal=rights(eva), proposal=proposal)
        Person.objects.filter(pk=eva.pk).update(is_active=False)
        assert len(list(acts_of_two(principal_of(ada)))) == 1
        settled = acts.carry_out_alone(principal=rights(ada), proposal=proposal)
    assert settled.state == ActState.DONE
    assert begun.done()


def test_who_brings_a_colleague_into_conflict_decides_nothing_alone(client, desk):
    """An exclusion that one coordinator enters keeps the colleague from the case they confirm."""
    ada, ben = desk
    proposal = propose(ada, _lift(ada, ben).needed)
    house = OrganisationFactory()
    TeamMembershipFactory(team=TeamFactory(organisation=house), person=ben)
    assert ben in queries.could_confirm(proposal)
    ExclusionFactory(case=Exclusion.objects.get().case, team=None, organisation=house)
    assert queries.could_confirm(proposal) == []
    with clock.frozen(proposal.proposed_at + timedelta(hours=73)):
        assert list(acts_of_two(principal_of(ada))) == []
        with pytest.raises(DomainError, match="Bring a further coordinator"):
            acts.carry_out_alone(principal=rights(ada), proposal=proposal)
        sign_in(client, ada, coordinator=True)
        page = client.get(f"/desk/acts/{proposal.id}/").content.decode()
    assert "Bring a further coordinator" in page
    assert "Carry it out alone" not in page


@pytest.mark.parametrize(("days", "counts"), [(29, True), (31, False)])
def test_who_has_not_signed_in_for_a_month_is_not_waited_for(desk, days, counts):
    ada, ben = desk
    proposal = propose(ada, _retire_team(ada, ben).needed)
    long_ago = clock.now() - timedelta(days=days)
    Person.objects.filter(pk=ben.pk).update(created_at=long_ago, last_login=long_ago)
    assert (ben in queries.could_confirm(proposal)) is counts


def test_everybody_at_the_desk_is_mailed_and_the_mail_says_nothing(desk):
    ada, ben = desk
    begun = _change_email(ada, ben)
    Mail.objects.all().delete()
    Person.objects.filter(pk=ben.pk).update(is_active=False)
    propose(ada, begun.needed, reason="His house burnt down.")
    mails = list(Mail.objects.all())
    assert sorted(m.recipient for m in mails) == sorted([ada.email, ben.email])
    for mail in mails:
        text = mail.entity.decode() + mail.subject
        assert "taken@evil.example" not in text
        assert "burnt" not in text
        assert "Ben" not in text


# Founding the desk ---------------------------------------------------------------------------


def founder() -> Person:
    ada = coordinator_of_desk(name="Ada")
    declared(ada)
    return ada


def test_the_founder_alone_gives_the_second_place_freely_and_no_third():
    ada, desk = founder(), DeskFactory()
    by = rights(ada)
    places.add_person(principal=by, team=desk, person=PersonFactory(), role=TeamRole.MEMBER)
    with pytest.raises(NeedsSecond):
        places.add_person(principal=by, team=desk, person=PersonFactory(), role=TeamRole.MEMBER)


def test_a_desk_that_shrank_to_one_is_not_founded_again():
    ada, desk = founder(), DeskFactory()
    record(rights(ada), places.ADD, "team", desk.id, person=str(uuid4()), role="member")
    with pytest.raises(NeedsSecond):
        places.place_for(principal=rights(ada), team=desk, role=TeamRole.MEMBER)


def test_of_several_invitations_of_the_founder_only_the_first_taken_gives_rights():
    ada, desk = founder(), DeskFactory()
    offered = [
        places.place_for(principal=rights(ada), team=desk, role=TeamRole.MEMBER) for _ in range(2)
    ]
    first, second = PersonFactory(), PersonFactory()
    for person, place in zip((first, second), offered, strict=True):
        joining.take_places(people.as_principal(person), person, [place])
    assert (first.memberships.count(), second.memberships.count()) == (1, 0)
    assert AuditRecord.objects.get(act="directory:membership:refuse").actor_id == second.id


def test_an_invitation_that_nobody_confirmed_gives_no_place_at_the_desk(desk):
    person = PersonFactory()
    forged = {"team": str(DeskFactory().id), "role": "member"}
    joining.take_places(people.as_principal(person), person, [forged])
    assert not person.memberships.exists()


def test_a_newcomer_is_invited_once_two_have_agreed(desk):
    ada, ben = desk
    needed = begin(
        places.place_for,
        principal=rights(ada),
        team=DeskFactory(),
        role=TeamRole.DEPUTY,
        email="new@desk.example",
        name="Noor",
    )
    acts.confirm(principal=rights(ben), proposal=propose(ada, needed))
    link = OneTimeLink.objects.get(email="new@desk.example")
    assert link.places == [{"team": str(DeskFactory().id), "role": "deputy", "desk": "confirmed"}]
    person = PersonFactory()
    joining.take_places(people.as_principal(person), person, link.places)
    assert person.memberships.get().team == DeskFactory()


def proposed_newcomer(by) -> ProposedAct:
    desk, email = DeskFactory(), "noor@cert.example"
    needed = begin(
        places.place_for,
        principal=rights(by),
        team=desk,
        role=TeamRole.MEMBER,
        email=email,
        name="Noor",
    )
    return propose(by, needed)


def test_rights_agreed_for_an_address_do_not_go_to_an_account_that_was_moved_to_it(desk):
    """One coordinator alone can give a member's account the address: the second did not agree."""
    ada, ben = desk
    puppet, proposal = member_of(TeamFactory()), proposed_newcomer(ada)
    people.change_email(principal=rights(ada), person=puppet, email="noor@cert.example")
    assert acts.confirm(principal=rights(ben), proposal=proposal).state == ActState.VOID
    assert not puppet.memberships.filter(team__is_desk=True).exists()


def test_rights_agreed_for_an_account_do_not_go_to_another_or_to_its_old_address(desk):
    ada, ben = desk
    noor = member_of(TeamFactory(), email="noor@cert.example", name="Noor")
    proposal = proposed_newcomer(ada)
    people.change_email(principal=rights(ada), person=noor, email="noor@home.example")
    assert acts.confirm(principal=rights(ben), proposal=proposal).state == ActState.VOID
    assert not OneTimeLink.objects.exists()


def test_the_second_reads_the_name_of_the_account_and_not_the_one_that_was_typed(desk):
    ada, _ben = desk
    member_of(TeamFactory(), email="noor@cert.example", name="Puppet")
    proposal = proposed_newcomer(ada)
    act = definitions.named(places.ADD)
    shown = dict(act.shown(DeskFactory(), proposal.values))
    assert "Puppet, noor@cert.example" in shown.values()


# What decides whom a case is kept from ------------------------------------------------------


@pytest.mark.parametrize("floors", [1, 2])
def test_a_coordinator_alone_cannot_cut_the_tie_to_the_owner_of_a_party(desk, floors):
    """The vendor of the case belongs to Ada's employer: else she decides what she is kept from."""
    ada, ben = desk
    employer = OrganisationFactory(name="Altus Holding")
    InterestFactory(person=ada, organisation=employer)
    below = OrganisationFactory(name="Altus Oyj", group=employer)
    vendor = below if floors == 1 else OrganisationFactory(name="Altus Radio", group=below)
    case = CaseProductFactory(product=ProductFactory(vendor=vendor)).case
    client = sign_in(Client(), ada, coordinator=True)
    page = f"/directory/organisations/{below.id}/edit/"
    typed = {**client.get(page).context["form"].initial, "group": "", "website": "", "country": ""}
    typed = {name: "" if value is None else value for name, value in typed.items()}
    before = below.short_name
    answer = client.post(page, {**typed, "short_name": "Alone"})
    assert not Case.objects.visible_to(rights(ada)).exists()
    assert answer.headers["Location"] == "/desk/acts/propose/"
    below.refresh_from_db()
    assert (below.group, below.short_name) == (employer, before)
    shown = client.get("/desk/acts/propose/").content.decode()
    assert "Altus Holding" in shown
    assert "Alone" in shown
    address = client.post("/desk/acts/propose/", {"reason": "It was sold."}).headers["Location"]
    sign_in(Client(), ben, coordinator=True).post(address, {"act": "confirm"})
    below.refresh_from_db()
    assert (below.group, below.short_name) == (None, "Alone")
    assert list(Case.objects.visible_to(rights(ada))) == [case]


@pytest.mark.parametrize("named", ["name", "short_name", "team"])
def test_a_coordinator_alone_does_not_take_a_house_out_of_an_exclusion_by_its_name(desk, named):
    """Who must not be told may be entered by a name that nobody had listed then."""
    ada, _ben = desk
    case = CaseFactory()
    triage.exclude(principal=rights(ada), case=case, name="Corevale")
    body = OrganisationFactory(**{named: "Corevale"} if named != "team" else {})
    team = TeamFactory(organisation=body, name="Corevale" if named == "team" else "PSIRT")
    InterestFactory(person=ada, organisation=body)
    if named == "team":
        begin(teams.change_team, principal=rights(ada), team=team, name="Nobody")
    else:
        change = {named: "Nobody"}
        begin(organisations.change_organisation, principal=rights(ada), organisation=body, **change)
    assert case.exclusions.get().covers(Team.objects.get(pk=team.pk))
    assert not Case.objects.visible_to(rights(ada)).exists()


def test_a_circle_of_owners_above_a_house_does_not_cut_it_off():
    """To enter an owner needs no second, so it must never take anybody out of a house."""
    top = OrganisationFactory()
    middle = OrganisationFactory(group=top)
    below = [OrganisationFactory(id=UUID(int=n), group=middle) for n in (1, 2)]
    organisations.change_organisation(principal=rights(founder()), organisation=top, group=middle)
    houses = {Organisation.objects.get(pk=one.pk).house for one in (top, middle, *below)}
    assert len(houses) == 1


def test_nobody_of_the_desk_withdraws_alone_what_keeps_a_case_from_their_house(desk):
    """Ada leads the team of an operator that runs what the case is about."""
    ada, ben = desk
    operator = TeamFactory()
    TeamMembershipFactory(person=ada, team=operator, role=TeamRole.REPRESENTATIVE)
    colleague = member_of(operator, TeamRole.REPRESENTATIVE)
    item = EquipmentFactory(organisation=operator.organisation)
    case = CaseProductFactory(product=item.product).case
    path = f"/inventory/{operator.organisation_id}/equipment/{item.id}/withdraw/"
    client = sign_in(Client(), ada)
    for rights_on, leads_to in ((False, "/account/coordinator/"), (True, "/desk/acts/propose/")):
        sign_in(client, ada, coordinator=rights_on)
        assert client.post(path, {"act": "withdraw"}).headers["Location"] == leads_to
    assert not Case.objects.visible_to(rights(ada)).exists()
    client.post("/desk/acts/propose/", {"reason": "It was taken out of service."})
    acts.confirm(principal=rights(ben), proposal=ProposedAct.objects.get())
    assert list(Case.objects.visible_to(rights(ada))) == [case]
    client.post(path, {"act": "restore"})
    item.refresh_from_db()
    assert item.withdrawn_at is None
    declarations.set_withdrawn(principal=principal_of(colleague), declaration=item, withdrawn=True)


def test_a_coordinator_alone_does_not_end_a_tie_by_a_day_in_the_past(desk):
    ada, ben = desk
    interest = InterestFactory(person=ada, organisation=OrganisationFactory(name="Altus Oyj"))
    product = ProductFactory(vendor=interest.organisation)
    case = CaseProductFactory(product=product).case
    client = sign_in(Client(), ada, coordinator=True)
    ended = (clock.today() - timedelta(days=400)).isoformat()
    answer = client.post(f"/desk/declaration/interests/{interest.id}/end/", {"until": ended})
    assert not Case.objects.visible_to(rights(ada)).exists()
    assert answer.headers["Location"] == "/desk/acts/propose/"
    address = client.post("/desk/acts/propose/", {"reason": "I left."}).headers["Location"]
    other = sign_in(Client(), ben, coordinator=True)
    shown = other.get(address).content.decode()
    assert "Altus Oyj: " in shown
    assert f"{clock.today() - timedelta(days=400):%-d %b %Y}" in shown
    assert not Case.objects.visible_to(rights(ada)).exists()
    other.post(address, {"act": "confirm"})
    assert list(Case.objects.visible_to(rights(ada))) == [case]


@pytest.mark.parametrize("entered", [None, "to come", "over"])
def test_who_leaves_the_team_of_a_house_stays_tied_to_it_for_a_year(desk, entered):
    """Else a coordinator takes themselves out of the team, alone, and is served its cases."""
    ada, _ben = desk
    team = TeamFactory()
    place = TeamMembershipFactory(person=ada, team=team)
    member_of(team, TeamRole.REPRESENTATIVE)
    case = CaseProductFactory(product=ProductFactory(vendor=team.organisation)).case
    long = timedelta(days=400)
    dates = {"to come": {"since": clock.today() + long}, "over": {"until": clock.today() - long}}
    if entered:
        own = {"organisation": team.organisation, "kind": InterestKind.OTHER, **dates[entered]}
        interests.enter_interest(principal=principal_of(ada), **own)
    places.remove_person(principal=rights(ada), membership=place, confirmed_name="Ada")
    assert not Case.objects.visible_to(rights(ada)).exists()
    with clock.frozen(clock.now() + timedelta(days=365)):
        assert not Case.objects.visible_to(rights(ada)).exists()
    with clock.frozen(clock.now() + timedelta(days=366)):
        ends = entered != "to come"
        assert list(Case.objects.visible_to(rights(ada))) == ([case] if ends else [])


def test_a_team_that_is_taken_off_leaves_its_people_of_the_desk_tied(desk):
    ada, ben = desk
    team = TeamFactory()
    TeamMembershipFactory(person=ada, team=team)
    case = CaseProductFactory(product=ProductFactory(vendor=team.organisation)).case
    teams.retire_team(
        principal=rights(ben),
        team=team,
        confirmed_name=team.name,
        confirmation=confirmed(teams.RETIRE, team.id),
    )
    assert not Case.objects.visible_to(rights(ada)).exists()
    assert list(Case.objects.visible_to(rights(ben))) == [case]


def test_nobody_of_the_desk_is_put_into_a_house_by_a_colleague_alone(desk):
    """Its cases would be kept from them for a year, and the colleague would decide alone."""
    ada, ben = desk
    team = TeamFactory()
    case = CaseProductFactory(product=ProductFactory(vendor=team.organisation)).case
    typed = {"email": ben.email, "name": "Ben", "role": "member"}
    client = sign_in(Client(), ada, coordinator=True)
    assert client.post(f"/directory/teams/{team.id}/people/", typed).status_code == 200
    assert list(Case.objects.visible_to(rights(ben))) == [case]
    assert OneTimeLink.objects.get(email=ben.email).places[0]["team"] == str(team.id)
    typed = {"email": ada.email, "name": "Ada", "role": "member"}
    assert client.post(f"/directory/teams/{team.id}/people/", typed).status_code == 302
    assert not Case.objects.visible_to(rights(ada)).exists()


# What needs no second ------------------------------------------------------------------------


def test_what_is_not_dangerous_is_done_by_one(desk):
    ada, _ben = desk
    by, member = rights(ada), member_of(TeamFactory())
    people.let_in_again(principal=by, person=member, verified=Verified.MET)
    people.change_email(principal=by, person=member, email="other@member.example")
    people.close_account(principal=by, person=member)
    people.reopen_account(principal=by, person=member)
    empty = TeamFactory()
    teams.retire_team(principal=by, team=empty, confirmed_name=empty.name)
    organisations.retire_organisation(
        principal=by, organisation=empty.organisation, confirmed_name=empty.organisation.name
    )
    coordinator_of_desk(name="Eva")
    places.remove_person(
        principal=by,
        membership=TeamMembership.objects.get(person__name="Eva"),
        confirmed_name="Eva",
    )
    case = CaseFactory()
    own = triage.exclude(principal=by, case=case, name="A firm", asked_by_reporter=False)
    triage.lift_exclusion(principal=by, case=case, exclusion=own)
    assert not ProposedAct.objects.exists()


def test_a_confirmation_of_another_act_or_thing_does_not_do(desk):
    ada, ben = desk
    for wrong in (confirmed(people.LET_IN, ben.id), confirmed(people.CLOSE, UUID(int=1))):
        with pytest.raises(NeedsSecond):
            people.close_account(principal=rights(ada), person=ben, confirmation=wrong)


# The pages -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_from_the_form_to_the_confirmation(desk):
    ada, ben = desk
    hubkey.create()
    text = texts.published(rights(ada)).advisory
    client, other = (sign_in(Client(), p, coordinator=True) for p in (ada, ben))
    typed = {
        "text_version": text.text_version,
        "reason": "It was no flaw.",
        "typed_number": text.number,
    }
    answer = client.post(f"/advisories/texts/{text.id}/withdraw/", typed)
    assert answer.headers["Location"] == "/desk/acts/propose/"
    page = client.get("/desk/acts/propose/").content.decode()
    assert "It was no flaw." in page
    assert client.post("/desk/acts/propose/", {"reason": ""}).status_code == 422
    assert client.post("/desk/acts/propose/", {"reason": "a\x00b"}).status_code == 422
    address = client.post("/desk/acts/propose/", {"reason": "Two agree."}).headers["Location"]
    assert client.get("/desk/acts/propose/").headers["Location"] == "/desk/acts/"
    shown = client.get(address).content.decode()
    assert "Confirm and carry out" not in shown
    assert "Ben" in shown
    assert "Confirm or refuse" in other.get("/my-day/").content.decode()
    assert "Two agree." in other.get(address).content.decode()
    assert other.post(address, {"act": "refuse", "answer": ""}).status_code == 422
    other.post(address, {"act": "nonsense"})
    text.refresh_from_db()
    assert text.pending == ""
    assert "Carried out" in other.post(address, {"act": "confirm"}, follow=True).content.decode()
    text.refresh_from_db()
    assert text.pending == Pending.WITHDRAWAL
    assert "carried out" in client.get("/desk/acts/?state=done").content.decode()
    assert "Nothing was proposed" in client.get("/desk/acts/?state=void").content.decode()


def test_who_has_no_rights_switched_on_is_led_to_them(client):
    ada = coordinator_of_desk()
    coordinator_of_desk()
    sign_in(client, ada)
    typed = {"email": "new@desk.example", "name": "Noor", "role": "member"}
    answer = client.post(f"/directory/teams/{DeskFactory().id}/people/", typed)
    assert answer.headers["Location"] == "/account/coordinator/"
    assert not OneTimeLink.objects.exists()


def test_the_values_are_encrypted_at_rest(desk):
    from django.db import connection

    ada, ben = desk
    propose(ada, _change_email(ada, ben).needed, reason="His house burnt down.")
    with connection.cursor() as cursor:
        cursor.execute('SELECT "values", reason FROM desk_proposedact')
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"evil" not in stored
    assert b"burnt" not in stored


def test_an_interest_keeps_an_act_about_a_case_away(desk):
    ada, ben = desk
    begun = _lift(ada, ben)
    proposal = propose(ada, begun.needed)
    exclusion = definitions.named(begun.name).find(begun.needed.object_id)
    house = TeamFactory(organisation__name="A firm").organisation
    InterestFactory(person=ben, organisation=house)
    assert exclusion.name == "A firm"
    assert queries.to_decide(principal_of(ben)) == []
    assert queries.could_confirm(proposal) == []
