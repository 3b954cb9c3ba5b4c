"""Reads of applications that pages and acts share; each asks a constant number of times."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Channel, Organisation, Team
from tcert.community.directory.rules import led_team_ids
from tcert.community.joining import protocol
from tcert.community.joining.enums import Actor, ObjectionState, State, Word
from tcert.community.joining.models import Application, ApplicationQuerySet, Objection, Sponsorship
from tcert.community.joining.protocol import Standing
from tcert.community.membership import queries as vouching
from tcert.community.membership import sponsors
from tcert.community.membership.models import Review
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

YEAR = timedelta(days=365)
_NOBODY = UUID(int=0)
MOST_FOUND = 20
_GROUPS = "group__group__group"


def applications() -> ApplicationQuerySet:
    """Return all applications with what a page says of each, in one question."""
    found: ApplicationQuerySet = Application.objects.select_related(
        "applicant", _GROUPS, f"team__organisation__{_GROUPS}"
    )
    return found


def count_members() -> int:
    """Count the organisations on the list that have a team, the hub's own not counted."""
    with_team = vouching.members().values("organisation")
    return Organisation.objects.filter(id__in=with_team).count()


def is_founding() -> bool:
    """Tell whether the hub is in its founding phase now."""
    return protocol.is_founding(count_members())


def in_good_standing(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Return those that may stand for an applicant: taking part, and under no review of vouches."""
    found = teams.exclude(id__in=Review.objects.open().values("team"))
    owners = set(found.order_by().values_list("organisation_id", flat=True))
    return found.filter(organisation__in=sponsors.able(owners))


def own_houses(application: Application) -> set[UUID]:
    """Return the houses to which the applicant itself belongs, as far as the hub knows."""
    own = [application.group, application.team.organisation if application.team else None]
    return {one.house for one in own if one is not None}


def houses_standing(found: Collection[Application]) -> dict[UUID, set[UUID]]:
    """Return for each application the different houses whose word for it counts now."""
    given = Sponsorship.objects.filter(application__in=found, state=Word.GIVEN).order_by()
    at = clock.now()
    pairs = [(one.application_id, one.team_id) for one in given if one.stands_until > at]
    if not pairs:
        return {}
    teams = vouching.members().filter(id__in={team for _application, team in pairs})
    houses = vouching.houses_of(in_good_standing(teams))
    by_id = {one.id: one for one in found}
    counted: dict[UUID, set[UUID]] = defaultdict(set)
    for application, team in pairs:
        if team in houses:
            counted[application].add(houses[team])
    return {one: counted[one] - own_houses(by_id[one]) for one in counted}


def standings(found: Collection[Application]) -> dict[UUID, Standing]:
    """Return how applications stand, for the clocks."""
    houses = houses_standing(found)
    asked: dict[UUID, int] = defaultdict(int)
    waiting = Sponsorship.objects.filter(application__in=found, state=Word.ASKED)
    for one in waiting.order_by().values_list("application_id", flat=True):
        asked[one] += 1
    objected: dict[UUID, int] = defaultdict(int)
    against = Objection.objects.filter(application__in=found, state=ObjectionState.OPEN)
    for one in against.order_by().values_list("application_id", flat=True):
        objected[one] += 1
    return {
        one.id: Standing(
            state=State(one.state),
            since=one.since,
            acted=one.acted_at,
            is_examined=one.examined_at is not None,
            houses=len(houses.get(one.id, ())),
            unanswered=asked[one.id],
            objections_until=one.objections_until,
            open_objections=objected[one.id],
            deferred_until=one.deferred_until,
        )
        for one in found
    }


def told_to_applicants(found: Collection[Application]) -> dict[UUID, Standing]:
    """Return how applications stand as applicants may know.

    Within the period nothing tells of an objection. A team that declined is silent, as one that
    has not answered: after the last reminder silence is an answer, and asks the applicant for more.
    """
    at, by_id = clock.now(), {one.id: one for one in found}
    silent: dict[UUID, int] = defaultdict(int)
    quiet = Sponsorship.objects.filter(application__in=found, state__in=[Word.ASKED, Word.DECLINED])
    for pk, asked_at in quiet.order_by().values_list("application_id", "asked_at"):
        since = max(asked_at, by_id[pk].examined_at or asked_at)
        silent[pk] += at < since + protocol.SILENT_AFTER
    return {
        pk: replace(one, open_objections=0, unanswered=silent[pk])
        for pk, one in standings(found).items()
    }


def told_to_desk(principal: Principal, found: Collection[Application]) -> dict[UUID, Standing]:
    """Return how applications stand as a coordinator may know: if tied, no more than an applicant.

    Else somebody of the applicant's house would learn that there is an objection, or who declined.
    """
    tied = [one for one in found if not allowed(principal, Permission.JOINING_DECIDE, one)]
    return standings(found) | (told_to_applicants(tied) if tied else {})


def standing_of(application: Application) -> Standing:
    """Return how one application stands."""
    return standings([application])[application.id]


@dataclass(frozen=True, slots=True)
class Row:
    """An application as a list says it: who has the next act, and by when."""

    application: Application
    standing: Standing
    actor: Actor
    due: datetime | None
    is_late: bool


def rows(found: Collection[Application], known: Mapping[UUID, Standing]) -> list[Row]:
    """Return what a list says of some applications, in their order."""
    at = clock.now()
    return [_row(one, known[one.id], at) for one in found]


def _row(application: Application, standing: Standing, at: datetime) -> Row:
    due = protocol.due(standing, at)
    actor = protocol.next_actor(standing, at)
    return Row(application, standing, actor, due, due is not None and due <= at)


def running(principal: Principal) -> ApplicationQuerySet:
    """Return what a coordinator has before them and is not over."""
    states = sorted(state.value for state in State.running() - {State.DRAFT})
    return applications().for_desk(principal).filter(state__in=states)


def count_for_desk(principal: Principal) -> int:
    """Count the applications at which the desk is to act."""
    found = list(running(principal))
    return sum(row.actor is Actor.DESK for row in rows(found, told_to_desk(principal, found)))


def sponsors_to_ask(
    principal: Principal, application: Application, words: str
) -> list[tuple[Team, bool]]:
    """Return teams of that name that the applicant sees, and whether each was asked already."""
    if not words:
        return []
    seen = Team.objects.visible_to(principal).filter(
        Q(name__icontains=words)
        | Q(organisation__name__icontains=words)
        | Q(organisation__short_name__icontains=words)
    )
    found = vouching.members().filter(id__in=seen.values("id")).select_related("organisation")
    asked = set(application.sponsorships.values_list("team_id", flat=True))
    return [(team, team.id in asked) for team in found.order_by("name", "id")[:MOST_FOUND]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the directory, or another applicant, who may be the same; never merged."""

    organisation: Organisation | None
    application: Application | None
    by_name: bool
    by_domain: bool


def candidates(principal: Principal, application: Application) -> list[Candidate]:
    """Return who may be the same as an applicant, for a coordinator's eyes alone."""
    named = _named(application)
    domain = "" if application.has_free_mail else application.mail_domain
    at_domain = _at_domain(domain) if domain else set()
    own = application.team.organisation_id if application.team else _NOBODY
    found = Organisation.objects.visible_to(principal).exclude(pk=own)
    found = found.filter(named | Q(id__in=at_domain))
    by_name = set(Organisation.objects.filter(named).values_list("id", flat=True))
    known = [
        Candidate(one, None, one.id in by_name, one.id in at_domain) for one in found[:MOST_FOUND]
    ]
    same = Q(name__iexact=application.name) if application.name else Q(pk__in=[])
    if domain:
        same |= Q(mail_domain=domain)
    others = running(principal).filter(same).exclude(pk=application.pk)[:MOST_FOUND]
    return known + [
        Candidate(
            None,
            one,
            one.name.lower() == application.name.lower(),
            bool(domain) and one.mail_domain == domain,
        )
        for one in others
    ]


def _named(application: Application) -> Q:
    words = [one for one in (application.name, application.short_name) if one]
    found = Q(pk__in=[])
    for one in words:
        found |= Q(name__iexact=one) | Q(short_name__iexact=one)
    return found


def _at_domain(domain: str) -> set[UUID]:
    """Return the organisations that are reached, or work, or have their page at a domain."""
    ends = (f"@{domain}", f".{domain}")
    mailed, works = Q(), Q()
    for end in ends:
        mailed |= Q(value__iendswith=end)
        works |= Q(email__iendswith=end)
    people = Person.objects.filter(works)
    by_channel = Channel.objects.filter(mailed).values_list("team__organisation_id", flat=True)
    by_person = Team.objects.filter(memberships__person__in=people)
    pages = Organisation.objects.filter(
        Q(website__icontains=f"//{domain}") | Q(website__icontains=f".{domain}")
    )
    return {
        *by_channel,
        *by_person.values_list("organisation_id", flat=True),
        *pages.values_list("id", flat=True),
    }


def is_name_taken(application: Application) -> bool:
    """Has another organisation the applicant's name, so that it cannot be listed under it?"""
    own = application.team.organisation_id if application.team else _NOBODY
    others = Organisation.objects.filter(name__iexact=application.name)
    return others.exclude(pk=own).exists()


def provisional_teams(principal: Principal) -> list[Team]:
    """Return the provisional teams that a person leads and for which nobody has applied yet."""
    leading = led_team_ids(principal)
    ended = sorted(state.value for state in State.final())
    taken = Application.objects.exclude(team=None).exclude(state__in=ended).values("team")
    found = Team.objects.filter(
        id__in=leading, retired_at=None, organisation__state=OrganisationState.PROVISIONAL
    )
    return list(found.exclude(id__in=taken).select_related("organisation"))


def pledged(team_id: UUID, at: datetime) -> int:
    """Count a team's words for applicants in the year before that have not become vouches."""
    given = Sponsorship.objects.filter(team=team_id, vouch_id=None)
    given = given.filter(state__in=[Word.GIVEN, Word.WITHDRAWN])
    return given.filter(answered_at__gt=at - YEAR, answered_at__lte=at).count()


def upheld(application: Application) -> QuerySet[Objection]:
    """Return the objections that were upheld since it came to where it is now.

    What was upheld before the desk put it off, and then showed it to the members anew, is settled.
    """
    found = Objection.objects.filter(application=application, state=ObjectionState.UPHELD)
    return found.filter(decided_at__gte=application.since)


def objections(principal: Principal, application: Application) -> list[Objection]:
    """Return the objections to an application that the person sees."""
    seen = Objection.objects.visible_to(principal)
    return list(seen.filter(application=application).select_related("team__organisation"))


def names_of(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return what people are called, in one question."""
    wanted = {one for one in people if one is not None}
    return dict(Person.objects.filter(id__in=wanted).values_list("id", "name"))
