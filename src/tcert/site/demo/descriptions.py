"""What the demonstration's teams say of themselves: some all of it, some less, in two languages."""

from datetime import timedelta

from tcert.community.directory.domain import confirmations, teams
from tcert.community.directory.enums import Section
from tcert.community.directory.models import CONFIRM_WITHIN, Team, TeamSection
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import mark
from tcert.site.demo.cast import Party

ALWAYS = ("always",)
OFFICE = (
    *(f"{day} 08:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")),
    "sat 10:00-14:00",
)

SHOWN_BY_OPERATORS = ("languages", "section:3.1", "section:3.2")
SHOWN_BY_OTHERS = ("about", "languages", "timezone", "products", "section:3.1", "section:3.2")
"""What their teams show to strangers."""

_OF_ALL = {
    Section.NOTIFICATIONS: "Changes of this document are not announced by mail.",
    Section.AFFILIATION: "We are part of {name}, which pays for us.",
    Section.COMMUNICATION: "Mail is sealed with OpenPGP. In an emergency call the duty phone.",
    Section.DISCLAIMERS: "What we say is to the best of our knowledge, without warranty.",
}
_OF_OPERATORS = {
    Section.ADDRESS: "{team}\n{name}\nMast Street 1\nExampleland",
    Section.MEMBERS: "The head of the team and five analysts. Names are given on request.",
    Section.AUTHORITY: "We may take any network element out of service for 24 hours.",
    Section.INCIDENTS: "Signalling attacks, fraud, malware, and outages with a hostile cause.",
    Section.COOPERATION: "We share indicators under TLP, and never pass on who told us.",
    Section.TRIAGE: "We answer within an hour, and say whether it is an incident and how severe.",
    Section.COORDINATION: "We find who is concerned, tell them, and keep the reporter informed.",
    Section.RESOLUTION: "We advise and stay with the case. The network departments repair.",
    Section.PROACTIVE: "Quarterly tests of signalling filters, and training for duty officers.",
    Section.FORMS: "No form is needed. Tell us what, where, when in UTC, and how to reach you.",
}
_ALSO = {
    "nb": {Section.MISSION: "Vi finner, begrenser og retter sikkerhetshendelser i nettene våre."},
    "id": {Section.MISSION: "Kami menemukan dan menangani insiden keamanan di jaringan kami."},
}


FORGETFUL = "Isle Telecom SOC"
"""The team that has let the day pass: its people are asked to confirm."""


def keep_current(team: Team, principal: Principal) -> None:
    """Let a team's first person note something on the hours, and confirm the page as it is then."""
    team = teams.change_hours(
        principal=principal, team=team, hours_note="not on public holidays" * (not team.week.always)
    )
    if team.name != FORGETFUL:
        shown = mark(team, confirmations.SHOWN_FIELDS)
        confirmations.confirm(principal=principal, team=team, shown=shown)
    else:
        teams.change_team(principal=principal, team=team, languages_note="Irish on request")
        long_ago = clock.now() - CONFIRM_WITHIN - timedelta(days=10)
        Team.objects.filter(pk=team.pk).update(created_at=long_ago)


def describe(party: Party, team: Team) -> None:
    """Write the sections of a party's team."""
    texts = {**_OF_ALL, **(_OF_OPERATORS if party.networks else {})}
    texts |= {Section.MISSION: party.about} if party.about else {}
    texts |= {Section.CONSTITUENCY: party.constituency} if party.constituency else {}
    rows = [(section, "en", text) for section, text in texts.items()]
    for language in party.languages:
        rows += [(section, language, text) for section, text in _ALSO.get(language, {}).items()]
    TeamSection.objects.bulk_create(
        TeamSection(
            team=team,
            section=section,
            language=language,
            text=text.format(name=party.name, team=party.team),
        )
        for section, language, text in rows
    )
