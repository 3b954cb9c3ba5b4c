"""What measures ask of the organisation's people and of the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.conduct.enums import Kind
from tcert.community.conduct.models import KINDS, Appeal, Measure, kept_away
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def own_measures(principal: Principal) -> Iterator[Waiting]:
    """Tell people that their organisation is off the list, and what they can do."""
    if not any(m.is_unlisted for m in principal.memberships):
        return
    own = Measure.objects.standing().filter(organisation_id__in=principal.organisation_ids)
    for measure in own.select_related("organisation", "appeal"):
        open_to = measure.may_be_appealed
        yield Waiting(
            title=_("%(organisation)s is off the list: %(kind)s")
            % {"organisation": measure.organisation.name, "kind": KINDS[Kind(measure.kind)]},
            why=_("Two coordinators decided so. The page says why and until when."),
            otherwise=_("You can appeal until that day; after it the decision stands.")
            if open_to
            else _("Your cases and notices go on; nothing else is open to you meanwhile."),
            url=reverse("conduct:measure", args=[measure.id]),
            urgency=Urgency.NOW if open_to else Urgency.WHENEVER,
            due=measure.appeal_until if open_to else measure.ends_at,
        )


def appeals(principal: Principal) -> Iterator[Waiting]:
    """Ask the desk to decide on appeals, but for those that a tie keeps away."""
    if not principal.is_desk:
        return
    waiting = Appeal.objects.filter(decided_at=None, measure__ended_at=None)
    waiting = waiting.exclude(measure__organisation__in=kept_away(principal))
    waiting = waiting.select_related("measure")
    oldest = waiting.order_by("written_at").first()
    if oldest is not None:
        yield Waiting(
            title=_("Appeals to decide on: %(count)d") % {"count": waiting.count()},
            why=_("An organisation says that a measure against it is wrong."),
            otherwise=_("It stays off the list without an answer."),
            url=reverse("conduct:measures"),
            due=oldest.decide_by,
        )
