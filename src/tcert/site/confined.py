"""Whose records a coordinator may read: of a case, its threads and advisories only who coordinates.

A coordinator whose own house a case concerns must not learn from records who takes part in it,
and a case that the reporter took to another team than the desk is none of the desk's business. Nor
that a party of their house came by an invitation: its organisation, its teams and what these did.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tcert.community.directory.models import Team, kept_from
from tcert.foundation.kernel import records
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import Message, Thread
from tcert.response.advisories.models import Advisory
from tcert.response.cases.models import Case, CaseThread


def _cases(principal: Principal) -> QuerySet:
    return Case.objects.coordinated_by(principal)


def _links(principal: Principal) -> QuerySet:
    return CaseThread.objects.filter(Case.objects.coordinated_by(principal).this("case"))


def _threads(principal: Principal) -> QuerySet:
    return Thread.objects.filter(Exists(_links(principal).filter(thread=OuterRef("pk"))))


def _messages(principal: Principal) -> QuerySet:
    return Message.objects.filter(Exists(_links(principal).filter(thread=OuterRef("thread"))))


def _advisories(principal: Principal) -> QuerySet:
    own_house = Case.objects.in_conflict_for(principal).values("id")
    return Advisory.objects.visible_to(principal).exclude(case_id__in=own_house)


def _teams_kept_from(principal: Principal) -> frozenset[UUID]:
    bodies = kept_from(principal)
    if not bodies:
        return frozenset()
    return frozenset(Team.objects.filter(organisation__in=bodies).values_list("id", flat=True))


records.hide("organisation", kept_from)
records.hide("team", _teams_kept_from)
records.confine("case", _cases)
records.confine("thread", _threads)
records.confine("message", _messages)
records.confine("advisory", _advisories)
