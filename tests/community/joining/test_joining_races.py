"""Two at once: an objection in the last second and the listing; two coordinators; the limit."""

from datetime import timedelta

import pytest
from django.db.models.signals import pre_save
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.factories.joining import ObjectionFactory, SponsorshipFactory, in_period, submitted
from tests.factories.membership import VouchFactory
from tests.meeting import Moment, meet
from tests.principals import declared, principal_of

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation
from tcert.community.joining.domain import deciding, listing, objecting, sponsoring
from tcert.community.joining.enums import ObjectionState, State
from tcert.community.joining.models import Application, Objection
from tcert.community.membership import trust
from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def leader_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == act)


def at(moment, act):
    def run():
        with clock.frozen(moment):
            return act()

    return run


@pytest.mark.parametrize("first", ["objection", "listing"])
def test_of_the_last_second_either_the_objection_or_the_listing_wins(first):
    """Never both: nobody is listed while an objection is open, and none is lost without a word."""
    found, team = in_period(), TeamFactory()
    boss, end = leader_of(team), found.objections_until
    objecting_ = at(
        end - timedelta(microseconds=1),
        lambda: objecting.raise_objection(
            principal=boss, application=found, team=team, reason="No."
        ),
    )
    listing_ = at(end, lambda: listing.advance(found.id))
    acts = (objecting_, listing_) if first == "objection" else (listing_, objecting_)
    moment = "joining:object" if first == "objection" else "joining:list"
    one, other = meet(*acts, at=record_of(moment))
    found.refresh_from_db()
    if first == "objection":
        assert isinstance(one, Objection)
        assert (found.state, other) == (State.OBJECTIONS, None)
    else:
        assert (found.state, one) == (State.LISTED, None)
        assert isinstance(other, Conflict)
        assert not Objection.objects.exists()


def test_two_workers_list_it_once():
    found = in_period(left=timedelta(seconds=-1))
    meet(
        lambda: listing.advance(found.id),
        lambda: listing.advance(found.id),
        at=record_of("joining:list"),
    )
    assert Organisation.objects.filter(name=found.name).count() == 1


def test_two_coordinators_decide_on_an_objection_once():
    raised = ObjectionFactory(application=in_period())
    people = [coordinator_of_desk() for _ in range(2)]
    for person in people:
        declared(person)
    one, other = (principal_of(person, coordinator=True) for person in people)
    first, second = meet(
        lambda: objecting.decide(principal=one, objection=raised, upholds=True, answer="Yes."),
        lambda: objecting.decide(principal=other, objection=raised, upholds=False, answer="No."),
        at=record_of("joining:objection:decide"),
    )
    raised.refresh_from_db()
    assert raised.state == ObjectionState.UPHELD
    assert isinstance(first, Objection)
    assert isinstance(second, AlreadyDone)


def test_a_word_and_a_vouch_do_not_pass_the_limit_together():
    team, other = TeamFactory(), TeamFactory()
    asked = SponsorshipFactory(application=submitted(examined=True), team=team)
    for _ in range(trust.MOST_A_YEAR - 1):
        VouchFactory(from_team=team)
    one, two = leader_of(team), leader_of(team)
    _made, refused = meet(
        lambda: sponsoring.give(
            principal=one,
            sponsorship=asked,
            basis=Basis.MET_IN_PERSON,
            statement="Met.",
            lasts=trust.YEAR,
        ),
        lambda: vouches.give(
            principal=two,
            from_team=team,
            to_team=other,
            basis=Basis.MET_IN_PERSON,
            statement="Met.",
        ),
        at=record_of("joining:sponsor-answer"),
    )
    assert isinstance(refused, DomainError)
    assert vouches.used_this_year(team.id, clock.now()) == trust.MOST_A_YEAR


def test_who_declines_and_who_asks_do_not_both_win():
    found = submitted()
    people = [coordinator_of_desk() for _ in range(2)]
    for person in people:
        declared(person)
    one, other = (principal_of(person, coordinator=True) for person in people)
    _made, refused = meet(
        lambda: deciding.decline(
            principal=one, application=found, reason="No.", confirmed_name=found.name
        ),
        lambda: deciding.ask(principal=other, application=found, text="?"),
        at=record_of("joining:decline"),
    )
    assert isinstance(refused, Conflict)
    assert Application.objects.get().state == State.DECLINED
    assert not found.messages.exists()
