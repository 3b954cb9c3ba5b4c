"""Whose records a coordinator may read: of a case, its threads and advisories only who coordinates.

A coordinator whose own house a case concerns must not learn from records who takes part in it,
and a case that the reporter took to another team than the desk is none of the desk's business.
"""

from django.db.models import QuerySet

from tcert.foundation.kernel import records
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.models import Message
from tcert.response.advisories.models import Advisory
from tcert.response.cases.models import Case, CaseThread


def _cases(principal: Principal) -> QuerySet:
    return Case.objects.coordinated_by(principal).values_list("id", flat=True)


def _threads(principal: Principal) -> QuerySet:
    cases = Case.objects.coordinated_by(principal).values("id")
    return CaseThread.objects.filter(case__in=cases).values_list("thread_id", flat=True)


def _messages(principal: Principal) -> QuerySet:
    return Message.objects.filter(thread__in=_threads(principal)).values_list("id", flat=True)


def _advisories(principal: Principal) -> QuerySet:
    own_house = Case.objects.in_conflict_for(principal).values("id")
    advisories = Advisory.objects.visible_to(principal).exclude(case_id__in=own_house)
    return advisories.values_list("id", flat=True)


records.confine("case", _cases)
records.confine("thread", _threads)
records.confine("message", _messages)
records.confine("advisory", _advisories)
