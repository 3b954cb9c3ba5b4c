"""Hooks of teams, and what teams were told."""

import factory
from tests.factories.directory import TeamFactory

from tcert.community.notices.enums import HookKind, Occasion, Told
from tcert.community.notices.models import Hook, Notice
from tcert.foundation.kernel import clock


class HookFactory(factory.django.DjangoModelFactory):
    """A webhook that pages for everything."""

    class Meta:
        model = Hook

    team = factory.SubFactory(TeamFactory)
    kind = HookKind.WEBHOOK
    name = factory.Sequence(lambda n: f"duty {n}")
    occasions = factory.LazyFunction(lambda: [one.value for one in Occasion.paged()])
    url = "https://hooks.example/s3cr3t-path"
    secret = "s3cr3t-of-the-hook"


class SmsFactory(HookFactory):
    """A gateway that reaches a duty phone."""

    kind = HookKind.SMS
    secret = "Bearer s3cr3t-token"
    number = "+358401234567"
    number_field = "to"
    text_field = "text"


class NoticeFactory(factory.django.DjangoModelFactory):
    """An invitation that a team was mailed."""

    class Meta:
        model = Notice

    team = factory.SubFactory(TeamFactory)
    occasion = Occasion.INVITATION
    told = Told.SEALED
    hour = factory.LazyFunction(clock.now)
    subject = "Case Quiet Harbour"
    text = "Your team is invited."
