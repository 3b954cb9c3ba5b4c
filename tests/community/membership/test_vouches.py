"""Acts on vouches: who may, what is refused, what they leave behind, and who sees them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.membership import VouchFactory, stood_for, withdrawn
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamKind, TeamRole
from tcert.community.membership import trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis, Withdrawal
from tcert.community.membership.models import WITHDRAWALS, Review, Vouch
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def giver():
    return TeamFactory()


@pytest.fixture
def receiver():
    return TeamFactory(name="Fjord CERT")


@pytest.fixture
def leader(giver):
    return principal_of(member_of(giver, TeamRole.DEPUTY))


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def give(principal, from_team, to_team, **values):
    given = {"basis": Basis.WORKED_TOGETHER, "statement": "We know them.", **values}
    return vouches.give(principal=principal, from_team=from_team, to_team=to_team, **given)


def take_back(principal, vouch, **values):
    typed = {"reason": Withdrawal.NOT_KNOWN, "remark": "They moved.", **values}
    typed.setdefault("confirmed_name", vouch.to_team.name)
    return vouches.withdraw(principal=principal, vouch=vouch, **typed)


def test_a_vouch_stands_for_a_year_with_record_and_event_of_ids_alone(giver, receiver, leader):
    vouch = give(leader, giver, receiver)
    assert vouch.is_standing
    assert vouch.expires_at - vouch.given_at == trust.YEAR
    record = AuditRecord.objects.get(act=vouches.GIVE)
    assert (record.object_id, record.actor_id) == (vouch.id, leader.person_id)
    assert "We know them" not in str(record.data)
    event = Event.objects.get(kind=vouches.VOUCHED)
    assert (event.object_id, event.data) == (receiver.id, {"by": str(giver.id)})


@pytest.mark.parametrize("role", [TeamRole.MEMBER, TeamRole.DUTY_OFFICER])
def test_who_does_not_speak_for_a_team_gives_no_vouch(giver, receiver, role):
    with pytest.raises(PermissionDenied):
        give(principal_of(member_of(giver, role)), giver, receiver)
    other = principal_of(member_of(receiver, TeamRole.REPRESENTATIVE))
    with pytest.raises(PermissionDenied):
        give(other, giver, receiver)


def test_neither_the_desk_nor_a_provisional_team_vouches(receiver, coordinator):
    with pytest.raises(PermissionDenied):
        give(coordinator, DeskFactory(), receiver)
    came = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    with pytest.raises(PermissionDenied):
        give(principal_of(member_of(came, TeamRole.REPRESENTATIVE)), came, receiver)


def test_a_team_that_left_the_list_since_the_page_was_opened_is_refused(giver, receiver, leader):
    receiver.retired_at = clock.now()
    receiver.save()
    with pytest.raises(DomainError, match="not on the list"):
        give(leader, giver, receiver)
    assert not Vouch.objects.exists()


def test_a_house_does_not_vouch_for_its_own_however_deep(giver, leader):
    top = OrganisationFactory(group=giver.organisation)
    below = TeamFactory(organisation=OrganisationFactory(group=OrganisationFactory(group=top)))
    with pytest.raises(DomainError, match="one house"):
        give(leader, giver, below)


def test_one_between_two_teams_whichever_way(giver, receiver, leader):
    give(leader, giver, receiver)
    with pytest.raises(Conflict, match="already"):
        give(leader, giver, receiver)
    back = principal_of(member_of(receiver, TeamRole.REPRESENTATIVE))
    with pytest.raises(Conflict, match="vouches for yours"):
        give(back, receiver, giver)
    assert Vouch.objects.count() == 1


@pytest.mark.parametrize("turned", [False, True])
def test_the_database_itself_takes_no_second_one_between_two(giver, receiver, turned):
    VouchFactory(from_team=giver, to_team=receiver)
    pair = (receiver, giver) if turned else (giver, receiver)
    with pytest.raises(IntegrityError), transaction.atomic():
        VouchFactory(from_team=pair[0], to_team=pair[1])


def test_the_database_itself_takes_none_for_oneself(giver):
    with pytest.raises(IntegrityError), transaction.atomic():
        VouchFactory(from_team=giver, to_team=giver)


def test_what_has_run_out_makes_room_in_both_directions(giver, receiver, leader):
    VouchFactory(from_team=receiver, to_team=giver, given_at=clock.now() - timedelta(days=400))
    give(leader, giver, receiver)
    assert Vouch.objects.filter(ended_at=None).count() == 1


def test_the_sixth_within_a_year_is_refused_though_one_was_withdrawn(giver, receiver, leader):
    first = give(leader, giver, TeamFactory())
    take_back(leader, first)
    for _ in range(4):
        give(leader, giver, TeamFactory())
    with pytest.raises(DomainError, match="five vouches"):
        give(leader, giver, receiver)
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert give(leader, giver, receiver).is_standing


def test_two_years_are_the_most(giver, receiver, leader):
    with pytest.raises(DomainError, match="two years"):
        give(leader, giver, receiver, lasts=trust.LONGEST + timedelta(days=1))
    assert give(leader, giver, receiver, lasts=trust.LONGEST).is_standing


def test_renewing_counts_from_now_and_is_no_new_vouch(giver, receiver, leader):
    vouch = give(leader, giver, receiver)
    with pytest.raises(DomainError, match="longer"):
        vouches.renew(principal=leader, vouch=vouch, lasts=trust.YEAR / 2)
    with clock.frozen(vouch.expires_at - timedelta(days=10)):
        renewed = vouches.renew(principal=leader, vouch=vouch)
        assert renewed.expires_at == clock.now() + trust.YEAR
        assert Vouch.objects.count() == 1
        assert AuditRecord.objects.filter(act=vouches.RENEW).count() == 1


def test_what_is_over_is_not_renewed_or_withdrawn_again(giver, receiver, leader):
    vouch = give(leader, giver, receiver)
    take_back(leader, vouch)
    with pytest.raises(AlreadyDone):
        vouches.renew(principal=leader, vouch=vouch, lasts=trust.LONGEST)
    with pytest.raises(AlreadyDone):
        take_back(leader, vouch)
    ran_out = VouchFactory(from_team=giver, given_at=clock.now() - timedelta(days=400))
    with pytest.raises(AlreadyDone):
        vouches.renew(principal=leader, vouch=ran_out)


def test_withdrawing_asks_for_the_name_and_leaves_no_reason_in_the_record(giver, receiver, leader):
    vouch = give(leader, giver, receiver)
    with pytest.raises(DomainError, match="Type the name"):
        take_back(leader, vouch, confirmed_name="Another")
    done = take_back(leader, vouch, reason=Withdrawal.PRESSURE, remark="They pressed us.")
    assert not done.is_standing
    record = AuditRecord.objects.get(act=vouches.WITHDRAW)
    assert record.data == {"by_desk": False}
    event = Event.objects.get(kind=vouches.VOUCH_WITHDRAWN)
    assert (event.object_id, event.data) == (receiver.id, {"by": str(giver.id)})


def test_the_receiver_cannot_withdraw_what_was_given_to_it(giver, receiver, leader):
    vouch = give(leader, giver, receiver)
    with pytest.raises(PermissionDenied):
        take_back(principal_of(member_of(receiver, TeamRole.REPRESENTATIVE)), vouch)


def test_a_coordinator_withdraws_with_a_reason_in_words(coordinator):
    vouch = VouchFactory()
    with pytest.raises(DomainError, match="in words"):
        take_back(coordinator, vouch, remark="  ")
    assert take_back(coordinator, vouch).withdrawn_by == coordinator.person_id


@pytest.mark.parametrize("side", ["from_team", "to_team"])
def test_a_coordinator_tied_to_either_house_leaves_it_to_a_colleague(side):
    vouch = VouchFactory()
    person = coordinator_of_desk()
    owner = OrganisationFactory()
    house = getattr(vouch, side).organisation
    house.group = owner
    house.save()
    InterestFactory(person=person, organisation=owner)
    with pytest.raises(PermissionDenied):
        take_back(principal_of(person, coordinator=True), vouch)
    assert Vouch.objects.get().is_standing


# Who sees what -----------------------------------------------------------------------------------


def viewers(vouch):
    desk = coordinator_of_desk()
    came = TeamFactory(organisation__state=OrganisationState.PROVISIONAL)
    return {
        "stranger": ANONYMOUS,
        "provisional": principal_of(member_of(came)),
        "member": principal_of(member_of(TeamFactory())),
        "giver": principal_of(member_of(vouch.from_team)),
        "receiver": principal_of(member_of(vouch.to_team)),
        "desk": principal_of(desk),
        "coordinator": principal_of(desk, coordinator=True),
    }


def who_sees(vouch, row=None):
    """Return who sees it, by the list and by the row, which must agree."""
    found = set()
    for name, principal in viewers(vouch).items():
        listed = Vouch.objects.visible_to(principal).filter(pk=vouch.pk).exists()
        assert listed == Vouch.objects.get(pk=vouch.pk).is_visible_to(principal), name
        if listed:
            found.add(name)
    return found


MEMBERS = {"member", "giver", "receiver", "desk", "coordinator"}


def test_members_see_what_stands_and_strangers_nothing():
    assert who_sees(VouchFactory()) == MEMBERS


def test_what_is_over_only_both_teams_and_coordinators_see():
    those = {"giver", "receiver", "coordinator"}
    assert who_sees(withdrawn(VouchFactory())) == those
    assert who_sees(VouchFactory(given_at=clock.now() - timedelta(days=400))) == those


def test_a_lawful_interception_team_shows_to_members_only():
    assert who_sees(VouchFactory(from_team__kind=TeamKind.LAWFUL_INTERCEPTION)) == MEMBERS


@pytest.mark.parametrize("side", ["from_team", "to_team"])
def test_a_retired_team_shows_to_its_own_people_and_coordinators(side):
    vouch = VouchFactory(**{f"{side}__retired_at": clock.now()})
    assert who_sees(vouch) == {"coordinator"}


@pytest.mark.parametrize("side", ["from_team", "to_team"])
def test_a_provisional_organisation_is_kept_from_a_coordinator_of_its_house(side):
    house = OrganisationFactory()
    vouch = VouchFactory(
        **{
            f"{side}__organisation__state": OrganisationState.PROVISIONAL,
            f"{side}__organisation__group": house,
        }
    )
    assert who_sees(vouch) == {"coordinator"}
    tied = coordinator_of_desk()
    InterestFactory(person=tied, organisation=house)
    principal = principal_of(tied, coordinator=True)
    assert not Vouch.objects.visible_to(principal).exists()
    assert not vouch.is_visible_to(principal)
    by_this = AuditRecord(act="membership:vouch:give", object_kind="vouch", object_id=vouch.id)
    assert not by_this.is_visible_to(principal)


def test_the_reason_is_for_both_teams_and_coordinators():
    seen = viewers(withdrawn(vouch := VouchFactory()))
    told = {name for name, principal in seen.items() if vouch.why(principal)}
    assert told == {"giver", "receiver", "coordinator"}
    assert vouch.why(seen["receiver"])[1] == "They moved."


def test_pressure_looks_to_the_other_team_like_any_other_reason():
    vouch = withdrawn(VouchFactory(), Withdrawal.PRESSURE, "They threatened us.")
    plain = withdrawn(VouchFactory(to_team=vouch.to_team), Withdrawal.OTHER, "")
    seen = viewers(vouch)
    assert vouch.why(seen["receiver"]) == plain.why(seen["receiver"])
    for name in ("giver", "coordinator"):
        assert vouch.why(seen[name]) == (
            str(WITHDRAWALS[Withdrawal.PRESSURE]),
            "They threatened us.",
        )


@pytest.mark.parametrize("tie", ["team", "interest"])
def test_pressure_is_kept_from_a_coordinator_of_the_house_that_may_have_pressed(tie):
    vouch = withdrawn(VouchFactory(), Withdrawal.PRESSURE, "They threatened us.")
    person = coordinator_of_desk()
    if tie == "team":
        TeamMembershipFactory(team=vouch.to_team, person=person)
    else:
        InterestFactory(person=person, organisation=vouch.to_team.organisation)
    told = vouch.why(principal_of(person, coordinator=True))
    assert told == (str(WITHDRAWALS[Withdrawal.OTHER]), "")


def test_a_review_shows_to_the_team_and_to_coordinators():
    vouch = VouchFactory()
    review = Review.objects.create(team=vouch.to_team)
    found = set()
    for name, principal in viewers(vouch).items():
        listed = Review.objects.visible_to(principal).exists()
        assert listed == review.is_visible_to(principal), name
        if listed:
            found.add(name)
    assert found == {"receiver", "coordinator"}


def test_withdrawing_the_second_last_house_opens_a_review_at_once(receiver):
    first, _second = stood_for(receiver)
    leader = principal_of(member_of(first.from_team, TeamRole.REPRESENTATIVE))
    take_back(leader, first)
    assert Review.objects.get().team == receiver
