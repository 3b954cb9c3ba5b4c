"""How mail to addresses fares, drills and pauses of teams."""

from datetime import timedelta

import factory
from tests.factories.directory import TeamFactory

from tcert.community.accounts.tokens import digest
from tcert.community.directory.models import Channel, Team
from tcert.community.reachability.enums import DeliveryState, DrillKind, Reason, Result
from tcert.community.reachability.models import (
    Call,
    Delivery,
    DeliveryEvent,
    Drill,
    Enrolment,
    HalfYear,
    Pause,
)
from tcert.foundation.kernel import clock


class DeliveryFactory(factory.django.DjangoModelFactory):
    """An address that has refused mail for two days."""

    class Meta:
        model = Delivery

    address = factory.Sequence(lambda n: f"soc{n}@operator.example")
    state = DeliveryState.REFUSED
    since = factory.LazyFunction(lambda: clock.now() - timedelta(days=2))
    reason = Reason.NO_SUCH_ADDRESS


class DeliveryEventFactory(factory.django.DjangoModelFactory):
    """A refusal."""

    class Meta:
        model = DeliveryEvent

    delivery = factory.SubFactory(DeliveryFactory)
    number = factory.Sequence(lambda n: n)
    hour = factory.LazyFunction(clock.now)
    outcome = "refused"
    reason = Reason.NO_SUCH_ADDRESS


class DrillFactory(factory.django.DjangoModelFactory):
    """A drill that counts and is under way."""

    class Meta:
        model = Drill

    team = factory.SubFactory(TeamFactory)
    kind = DrillKind.BY_HAND
    code = "0A1B2C3D4E5F"
    minutes = 30
    started_at = factory.LazyFunction(clock.now)


class CallFactory(factory.django.DjangoModelFactory):
    """A notice of a drill; `secret` is what stands in its link."""

    class Meta:
        model = Call

    class Params:
        secret = factory.Sequence(lambda n: f"secret-{n}")

    drill = factory.SubFactory(DrillFactory)
    told = "sealed"
    digest = factory.LazyAttribute(lambda o: digest(o.secret))


class PauseFactory(factory.django.DjangoModelFactory):
    """Three days from tomorrow on."""

    class Meta:
        model = Pause

    team = factory.SubFactory(TeamFactory)
    first = factory.LazyFunction(lambda: clock.today() + timedelta(days=1))
    last = factory.LazyFunction(lambda: clock.today() + timedelta(days=3))


class EnrolmentFactory(factory.django.DjangoModelFactory):
    """A team that has had a round-the-clock contact for a year."""

    class Meta:
        model = Enrolment

    team = factory.SubFactory(TeamFactory)
    since = factory.LazyFunction(lambda: clock.now() - timedelta(days=365))


class HalfYearFactory(factory.django.DjangoModelFactory):
    """The secret of a half-year."""

    class Meta:
        model = HalfYear

    name = "2026-H2"
    secret = "5e" * 32


def reachable(team: Team, address: str = "soc@operator.example") -> Channel:
    """Give a team a round-the-clock telephone and a mail address; returns the latter."""
    Channel.objects.create(team=team, kind="phone", purpose="24/7", value="+358401234567")
    return Channel.objects.create(team=team, kind="email", purpose="main", value=address)


def closed(drill: Drill, result: Result = Result.IN_TIME) -> Drill:
    """Let a drill have ended."""
    drill.result = result
    drill.closed_at = drill.started_at + timedelta(hours=24)
    if result in {Result.IN_TIME, Result.LATE}:
        hours = 0 if result is Result.IN_TIME else 5
        drill.answered_at = drill.closed_at = drill.started_at + timedelta(hours=hours, minutes=7)
        drill.answered = "link"
    drill.save()
    return drill
