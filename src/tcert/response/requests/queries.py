"""Reads of requests that pages and acts share."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tcert.community.directory.models import Team
from tcert.community.talks.domain.opening import About
from tcert.community.talks.models import Talk
from tcert.community.talks.queries import correspondents, speaking_teams
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import File, KeyPacket, Message
from tcert.response.requests.enums import ASKED, ASKING, Basis, Kind, Receipt, Side, State
from tcert.response.requests.models import SUBJECT, Exhibit, Request, of_side

NEAR = timedelta(days=1)
"""How long before a deadline an answer presses."""
HOLD_NEAR = timedelta(days=7)
"""How long before its end a hold is shown to both teams."""


def about(found: Request) -> About:
    """Return what a request's talk is about."""
    return About(SUBJECT, found.id)


def talk_of(found: Request) -> Talk | None:
    """Return the talk of a request that goes on, if one does."""
    talks = Talk.objects.filter(about_kind=SUBJECT, about_id=found.id, closed_on=None)
    return talks.select_related("thread").first()


def asking_teams(principal: Principal) -> QuerySet[Team]:
    """Return the teams of authorities for which the person may send requests."""
    return speaking_teams(principal).filter(organisation__kind__in=ASKING, is_desk=False)


def addressees(principal: Principal, text: str) -> QuerySet[Any]:
    """Return the teams of operators and vendors, by the beginning of a word of their names."""
    return correspondents(principal, text).filter(organisation__kind__in=ASKED, is_desk=False)


def listed(principal: Principal, *, over: bool) -> QuerySet[Request]:
    """Return the requests of the person's teams: those that go on, or those that are over."""
    seen = Request.objects.visible_to(principal).select_related("authority", "addressee")
    if over:
        return seen.filter(state__in=State.over()).order_by("-ended_at", "id")
    return seen.exclude(state__in=State.over()).order_by("deadline", "id")


def presentable(found: Request) -> QuerySet[Message]:
    """Return the messages that can be handed over: of the addressee, with files.

    Sealed to the authority, and not handed over before. Of a request that is over what the
    authority had by then: who ends it in between does not keep that out of the chain of custody.
    """
    packets = KeyPacket.objects.filter(
        message=OuterRef("pk"), recipient__holder_id=found.authority_id
    )
    talks = Talk.objects.filter(about_kind=SUBJECT, about_id=found.id)
    written: QuerySet[Message] = Message.objects.filter(
        Exists(packets),
        Exists(File.objects.filter(message=OuterRef("pk"))),
        thread__in=talks.values("thread"),
        author_id=found.addressee_id,
    )
    if found.ended_at is not None:
        written = written.filter(created_at__lte=found.ended_at)
    before = Exhibit.objects.filter(request=found).values("message")
    return written.exclude(pk__in=before).defer("body").order_by("-position")


def waiting_counts(principal: Principal) -> dict[str, int]:
    """Count what waits for the person's teams, by one question for each side."""
    now, today = clock.now(), clock.today()
    presses = Q(basis=Basis.EMERGENCY) | Q(deadline__lte=now + NEAR)
    agreed = Q(state__in=[State.ACCEPTED, State.PARTLY])
    holds = Q(held_until__range=(today, today + HOLD_NEAR))
    asked = Request.objects.filter(of_side(principal, Side.ADDRESSEE)).aggregate(
        unanswered=Count("pk", filter=Q(state__in=State.unanswered())),
        pressing=Count("pk", filter=Q(state__in=State.unanswered()) & presses),
        given=Count("pk", filter=agreed & ~Q(kind=Kind.PRESERVATION)),
        holds=Count("pk", filter=holds),
    )
    unreceived = Exhibit.objects.filter(request=OuterRef("pk"), receipt=Receipt.NONE)
    asking = Request.objects.filter(of_side(principal, Side.AUTHORITY)).aggregate(
        unreceived=Count("pk", filter=Q(Exists(unreceived))),
        own_holds=Count("pk", filter=holds),
    )
    return {**asked, **asking}
