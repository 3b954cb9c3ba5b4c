"""The steps of establishing a team that the directory itself can see."""

from collections import defaultdict
from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyState,
    Section,
    TeamRole,
)
from tcert.community.directory.models import (
    SECTIONS,
    Channel,
    Team,
    TeamKey,
    TeamMembership,
    TeamSection,
)
from tcert.community.directory.path_steps import Judge, Lack, Progress, Step, Words
from tcert.foundation.kernel import clock

ENOUGH_PEOPLE = 2
MANDATE = (Section.MISSION, Section.AFFILIATION, Section.AUTHORITY)
DESCRIPTION = (
    Section.INCIDENTS,
    Section.COOPERATION,
    Section.COMMUNICATION,
    Section.TRIAGE,
    Section.COORDINATION,
    Section.RESOLUTION,
    Section.DISCLAIMERS,
)
"""What a stranger to the team asks first; the other sections may stay unsaid."""


def _written(wanted: Collection[Section]) -> Judge:
    """Return how far teams are with some sections of RFC 2350, in whichever language."""

    def state(teams: Collection[Team]) -> dict[UUID, Progress]:
        rows = TeamSection.objects.filter(team__in=teams, section__in=wanted)
        there: dict[UUID, set[str]] = defaultdict(set)
        for team, section in rows.values_list("team_id", "section"):
            there[team].add(section)
        return {
            team.id: Progress(
                tuple(_section(team, one) for one in wanted if one not in there[team.id]),
                is_begun=bool(there[team.id]),
            )
            for team in teams
        }

    return state


def _section(team: Team, section: Section) -> Lack:
    words = format_lazy("{} {}", _("section"), SECTIONS[section])
    return Lack(words, reverse("directory:section", args=[team.id, section, "en"]))


def _people(teams: Collection[Team]) -> dict[UUID, Progress]:
    roles: dict[UUID, list[str]] = defaultdict(list)
    places = TeamMembership.objects.filter(team__in=teams, person__is_active=True)
    for team, role in places.values_list("team_id", "role"):
        roles[team].append(role)
    return {team.id: _staffed(team, roles[team.id]) for team in teams}


def _staffed(team: Team, roles: list[str]) -> Progress:
    people, hours = (reverse(f"directory:{page}", args=[team.id]) for page in ("people", "hours"))
    wanted: list[tuple[bool, Words, str]] = [
        (TeamRole.REPRESENTATIVE in roles, _("a representative"), people),
        (
            len(roles) >= ENOUGH_PEOPLE,
            _("a second person, so that the team does not hang on one"),
            people,
        ),
        (
            TeamRole.DUTY_OFFICER in roles or TeamRole.DEPUTY in roles,
            _("a duty officer or a deputy"),
            people,
        ),
        (team.week.is_stated, _("the hours at which the team is reached"), hours),
    ]
    lacks = tuple(Lack(words, url) for there, words, url in wanted if not there)
    return Progress(lacks, is_begun=bool(roles))


def _channels(teams: Collection[Team]) -> dict[UUID, Progress]:
    there: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    rows = Channel.objects.filter(team__in=teams)
    for team, kind, purpose in rows.values_list("team_id", "kind", "purpose"):
        there[team].add((kind, purpose))
    return {team.id: _reached(team, there[team.id]) for team in teams}


def _reached(team: Team, there: set[tuple[str, str]]) -> Progress:
    url = reverse("directory:new_channel", args=[team.id])
    lacks: list[Lack] = []
    if (ChannelKind.EMAIL, ChannelPurpose.MAIN) not in there:
        lacks.append(Lack(_("a main e-mail address of the team, not of a person"), url))
    if (ChannelKind.PHONE, ChannelPurpose.EMERGENCY) not in there:
        lacks.append(Lack(_("a telephone that is answered round the clock"), url))
    return Progress(tuple(lacks), is_begun=bool(there))


def _keys(teams: Collection[Team]) -> dict[UUID, Progress]:
    now = clock.now()
    counting = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = TeamKey.objects.filter(
        counting, team__in=teams, state__in=[KeyState.ACTIVE, KeyState.PENDING]
    )
    states: dict[UUID, set[str]] = defaultdict(set)
    for team, state in rows.values_list("team_id", "state"):
        states[team].add(state)
    return {team.id: _keyed(team, states[team.id]) for team in teams}


def _keyed(team: Team, states: set[str]) -> Progress:
    if KeyState.ACTIVE in states:
        return Progress()
    url = reverse("directory:keys", args=[team.id])
    if states:
        return Progress(
            (Lack(_("the desk's confirmation of the fingerprint"), url),), is_begun=True
        )
    return Progress((Lack(_("a key of the team"), url),))


def _security_txt(teams: Collection[Team]) -> dict[UUID, Progress]:
    """Judge as `documents/securitytxt.py` does: a public contact, for disclosure or the main one.

    That the file stands at the organisation's own address the hub does not look up here.
    """
    rows = Channel.objects.filter(team__in=teams, is_public=True).exclude(
        Q(purpose=ChannelPurpose.EMERGENCY) | Q(kind=ChannelKind.FAX)
    )
    named = rows.exclude(Q(kind=ChannelKind.WEB) & ~Q(value__startswith="https://"))
    having = set(named.values_list("team_id", flat=True))
    return {team.id: _named(team, is_named=team.id in having) for team in teams}


def _named(team: Team, *, is_named: bool) -> Progress:
    lacks: list[Lack] = []
    if not is_named:
        url = reverse("directory:new_channel", args=[team.id])
        lacks.append(Lack(_("a contact for disclosure that strangers may see"), url))
    if not team.organisation.website:
        url = reverse("directory:organisation", args=[team.organisation_id])
        lacks.append(Lack(_("the organisation's web page, which the desk enters"), url))
    return Progress(tuple(lacks), is_begun=is_named)


def _published(teams: Collection[Team]) -> dict[UUID, Progress]:
    return {team.id: _shown(team) for team in teams}


def _shown(team: Team) -> Progress:
    url = reverse("directory:team", args=[team.id])
    lacks: list[Lack] = []
    if not team.is_listed:
        lacks.append(Lack(_("the desk puts the organisation on the list"), url))
    if team.confirmed_at is None or team.is_stale:
        lacks.append(Lack(_("who leads the team confirms its page"), url))
    return Progress(tuple(lacks), is_begun=team.confirmed_at is not None)


def _page(name: str) -> Callable[[Team], str]:
    return lambda team: reverse(f"directory:{name}", args=[team.id])


STEPS = (
    Step(
        name="mandate",
        order=10,
        title=_("Sponsor and mandate"),
        why=_(
            "Somebody above the team must want it, pay for it and say what it may do. Without "
            "that, the first serious incident stops at the question who allowed you to act."
        ),
        example=_(
            "The chief technology officer signed: the team may take any network element out of "
            "service for 24 hours, and reports to the board each quarter."
        ),
        state=_written(MANDATE),
        url=_page("sections"),
    ),
    Step(
        name="constituency",
        order=20,
        title=_("Constituency"),
        why=_(
            "Say for whom you work, and for whom you do not: others must know whether an incident "
            "is yours before they wake you."
        ),
        example=_("All mobile and fixed networks of Altus in Finland; not its enterprise clouds."),
        state=_written((Section.CONSTITUENCY,)),
        url=_page("sections"),
    ),
    Step(
        name="people",
        order=30,
        title=_("People and duty"),
        why=_(
            "Two people at least, so that one may be ill. One speaks for the team, somebody is on "
            "duty, and others know at which hours."
        ),
        example=_("A representative, a deputy, two duty officers in turn; round the clock."),
        state=_people,
        url=_page("people"),
    ),
    Step(
        name="channels",
        order=40,
        title=_("Channels"),
        why=_(
            "Addresses of the team, which stay when people leave, and a telephone that somebody "
            "answers at three in the morning."
        ),
        example=_("cert@altus.example; +358 9 000 000 round the clock, to the network operations."),
        state=_channels,
        url=_page("new_channel"),
    ),
    Step(
        name="key",
        order=50,
        title=_("Key"),
        why=_("What others send you about a weakness must be readable by your team alone."),
        example=_("Made in the browser of one, shared with a second, backup kit in the safe."),
        state=_keys,
        url=_page("keys"),
    ),
    Step(
        name="rfc2350",
        order=60,
        title=_("Description (RFC 2350)"),
        why=_(
            "One document that all teams know how to read: which incidents you handle, how you "
            "share, what you promise. The hub writes it from your sections."
        ),
        example=_("We answer within an hour, say whether it is an incident, and how severe."),
        state=_written(DESCRIPTION),
        url=_page("sections"),
    ),
    Step(
        name="security-txt",
        order=70,
        title=_("security.txt"),
        why=_(
            "Who finds a weakness looks at one place of your web site (RFC 9116). The hub writes "
            "the file; your web master puts it there."
        ),
        example=_("https://altus.example/.well-known/security.txt, renewed every 90 days."),
        state=_security_txt,
        url=_page("team"),
    ),
    Step(
        name="published",
        order=200,
        title=_("Published page"),
        why=_(
            "Your page in the directory is what the others see. Look at it as they do, and confirm "
            "that it is right; you are asked again every 90 days."
        ),
        example=_("Confirmed by the representative on the day on which the last step was done."),
        state=_published,
        url=_page("team"),
    ),
)
