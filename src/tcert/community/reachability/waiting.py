"""What reachability asks of people: correct an address, answer a drill, look after a contact."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import ChannelKind
from tcert.community.directory.models import Channel
from tcert.community.directory.rules import led_team_ids
from tcert.community.reachability import queries
from tcert.community.reachability.enums import DrillKind
from tcert.community.reachability.models import NOBODY, Delivery, Drill
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def addresses(principal: Principal) -> Iterator[Waiting]:
    """Ask who leads a team to correct an address that takes no mail, or to show that it does."""
    leading = led_team_ids(principal)
    if not leading or not principal.is_member:
        return
    channels = Channel.objects.filter(team__in=leading, kind=ChannelKind.EMAIL).order_by()
    known = Delivery.objects.troubled().filter(address__in=channels.values(low=Lower("value")))
    if not known.exists():  # one question on most days
        return
    for told in queries.addresses_of(principal, leading):
        row = told.delivery
        if row is None or not row.is_troubled:
            continue
        yield Waiting(
            title=_("Mail to %(address)s does not arrive") % {"address": told.channel.value},
            why=_("Since %(day)s: %(reason)s. You speak for %(team)s.")
            % {
                "day": f"{row.since:%d %B %Y}",
                "reason": row.get_reason_display(),
                "team": told.channel.team.name,
            },
            otherwise=_("Your team misses what the hub has to say. Correct it, or test it."),
            url=reverse("reachability:team", args=[told.channel.team_id]),
            urgency=Urgency.NOW,
        )


def own_address(principal: Principal) -> Iterator[Waiting]:
    """Tell a person that mail to their own address does not arrive."""
    if not principal.is_member:
        return
    own = Person.objects.filter(pk=principal.person_id or NOBODY)
    row = Delivery.objects.troubled().filter(address__in=own.values(low=Lower("email"))).first()
    if row is not None:
        yield Waiting(
            title=_("Mail to your own address does not arrive"),
            why=_("Since %(day)s: %(reason)s.")
            % {"day": f"{row.since:%d %B %Y}", "reason": row.get_reason_display()},
            otherwise=_("A new passphrase could not reach you. Ask the desk to correct it."),
            url=reverse("accounts:account"),
        )


def drills(principal: Principal) -> Iterator[Waiting]:
    """Ask everybody of a team to answer a drill, and who leads it to see to one that failed."""
    if not principal.is_member:
        return
    leading = led_team_ids(principal)
    own = Drill.objects.filter(team__in=principal.team_ids).select_related("team")
    counted = Q(kind__in=DrillKind.counted(), team__in=leading)
    found = list(own.filter(counted | Q(closed_at=None))[: queries.LONGEST_LIST])
    for drill in found:
        if drill.is_open:
            yield Waiting(
                title=_("Exercise: answer the drill of %(team)s") % {"team": drill.team.name},
                why=_("You are in the team. It tests whether the team is reached at any hour."),
                otherwise=_("After that moment it counts as late, after a day as not answered."),
                url=reverse("reachability:team", args=[drill.team_id]),
                urgency=Urgency.NOW,
                due=drill.answer_by,
            )
    latest: dict[UUID, Drill] = {}
    for drill in found:
        if drill.closed_at is not None and not drill.is_practice and drill.team_id in leading:
            latest.setdefault(drill.team_id, drill)
    for drill in latest.values():
        if drill.has_failed:
            yield Waiting(
                title=_("The last drill of %(team)s: %(result)s")
                % {"team": drill.team.name, "result": drill.get_result_display()},
                why=_("You speak for the team."),
                otherwise=_("Nobody can rely on reaching you at night. Correct it, and practise."),
                url=reverse("reachability:team", args=[drill.team_id]),
            )


def overview(principal: Principal) -> Iterator[Waiting]:
    """Tell coordinators how many teams are not reached; one line, whatever their number."""
    if not principal.is_coordinator:
        return
    count = queries.count_in_trouble(principal)
    if count:
        yield Waiting(
            title=_("Teams that are not reached: %(count)d") % {"count": count},
            why=_("Mail to them does not arrive, or their last drill failed."),
            otherwise=_("In an emergency nobody of them answers."),
            url=reverse("reachability:overview"),
            urgency=Urgency.WHENEVER,
        )
