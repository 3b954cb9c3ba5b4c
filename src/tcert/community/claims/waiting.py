"""What claims ask of who leads an organisation's teams, and of the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.claims import queries
from tcert.community.claims.enums import Phase, State
from tcert.community.claims.models import KEPT_FOR, Batch, Claim, Dispute
from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import spoken_organisation_ids
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting

_MOST = 20


def claims(principal: Principal) -> Iterator[Waiting]:
    """Show disputes, words that are asked for, imports to confirm, and what ends soon."""
    leading = spoken_organisation_ids(principal)
    if not leading or not principal.is_member:
        return
    open_disputes = Dispute.objects.visible_to(principal).open()
    for dispute in open_disputes.filter(claim__organisation__in=leading)[:_MOST]:
        yield Waiting(
            title=_("A claim of yours is contested"),
            why=_("You speak for the holder. Say what speaks for it."),
            otherwise=_("A coordinator decides on what the other side says."),
            url=reverse("claims:dispute", args=[dispute.id]),
        )
    for asked in queries.asked_for_word(principal)[:_MOST]:
        yield Waiting(
            title=_("Your team's word on a claim is asked for"),
            why=_("You speak for %(team)s.") % {"team": asked.by_team},
            otherwise=_("It runs out on that day, and the holder asks somebody else."),
            url=reverse("claims:attest", args=[asked.id]),
            due=asked.expires_at,
        )
    for batch in Batch.objects.filter(organisation__in=leading, phase=Phase.PREVIEW)[:_MOST]:
        yield Waiting(
            title=_("Confirm or cancel an import of claims"),
            why=_("It was read, and nothing is changed before somebody confirms."),
            otherwise=_("It is forgotten on that day."),
            url=reverse("claims:batch", args=[batch.id]),
            due=batch.begun_at + KEPT_FOR,
        )
    ending = Claim.objects.counting().filter(organisation__in=leading)
    ending = ending.filter(queries.ends_soon(clock.now()))
    ids = ending.order_by().values("organisation_id")
    for house in Organisation.objects.filter(id__in=ids).order_by("name"):
        yield Waiting(
            title=_("Claims of %(name)s end within 30 days") % {"name": house.short_name},
            why=_("You lead one of its teams. Verify them anew, or let them end."),
            otherwise=_("They count as not verified, or not at all."),
            url=reverse("claims:of_organisation", args=[house.id]) + "?state=ending",
            urgency=Urgency.WHENEVER,
        )


def desk(principal: Principal) -> Iterator[Waiting]:
    """Ask the desk to verify claims and to decide disputes; one line for each."""
    if not principal.is_desk:
        return
    contested = Dispute.objects.open().count()
    if contested:
        yield Waiting(
            title=_("Contested claims: %(count)d") % {"count": contested},
            why=_("Two organisations say different things; somebody tied to neither decides."),
            otherwise=_("The claims stay marked as disputed."),
            url=reverse("claims:queue"),
        )
    waiting = Claim.objects.filter(state=State.CLAIMED).count()
    if waiting:
        yield Waiting(
            title=_("Claims to verify: %(count)d") % {"count": waiting},
            why=_("Nobody has verified them yet."),
            otherwise=_("They count for less than what is verified."),
            url=reverse("claims:queue"),
            urgency=Urgency.WHENEVER,
        )
