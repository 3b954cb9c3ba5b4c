"""How teams of the demonstration grow: judgements of their maturity, a mentor asked and found."""

from datetime import timedelta

from tcert.community.maturity.catalogue import parameters, targets
from tcert.community.maturity.domain import assessing, mentoring
from tcert.community.maturity.enums import Profile
from tcert.community.maturity.models import Assessment
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.shown import mark
from tcert.site.demo.community import Side

EVIDENCE = {
    "O-1": "Decision of the board of March, item 7; it names the team and its head.",
    "O-3": "Security policy, chapter 4: any network element out of service for 24 hours.",
    "T-5": "Two phones of another carrier in the duty room; tried each month.",
    "P-1": "Card in the duty room: whom to call at which severity, with deputies.",
    "P-9": "Round-the-clock number goes to network operations; last drill answered in 9 minutes.",
}
LINKS = {"O-3": "https://intranet.example/policies/security#4"}
THEN = {"O-6": 0, "H-4": 1, "T-5": 0, "T-6": 1, "P-2": 1, "P-8": 0, "P-9": 1, "P-14": 1}
NOW = {"O-6": 1, "H-4": 2, "P-2": 2, "P-8": 1, "P-9": 3, "P-17": 4}
"""Where a judgement differs from the profile intermediate less one level, and from it."""


def judge_all(sides: dict[str, Side]) -> None:
    """Let two teams have judged themselves, one of them twice, and one be at its draft."""
    goal = targets()[Profile.INTERMEDIATE]
    before = {one: max(wanted - 1, 1) for one, wanted in goal.items()} | THEN
    for slug in ("corevale", "north-mobile"):
        _judged(sides[slug], before, days=380)
    present = _judged(sides["corevale"], {**goal, **NOW}, days=12)
    draft = _begun(sides["isle-telecom"])
    for one in list(parameters())[:14]:
        _say(sides["isle-telecom"], draft, one, 1)
    assessing.aim(
        principal=sides["isle-telecom"].principal(), assessment=draft, target=Profile.BASIC
    )
    if present.reached:
        assessing.show(principal=sides["corevale"].principal(), assessment=present, is_shown=True)


def _begun(side: Side) -> Assessment:
    return assessing.begin(principal=side.principal(), team=side.team, target=Profile.INTERMEDIATE)


def _judged(side: Side, levels: dict[str, int], *, days: int) -> Assessment:
    with clock.frozen(clock.now() - timedelta(days=days)):
        draft = _begun(side)
        for one, level in levels.items():
            _say(side, draft, one, level)
        return assessing.publish(
            principal=side.principal(), assessment=draft, confirmed_name=side.team.name
        )


def _say(side: Side, draft: Assessment, parameter: str, level: int) -> None:
    shown = mark(assessing.held(draft, parameter), assessing.ANSWER_FIELDS)
    assessing.answer(
        principal=side.principal(),
        assessment=draft,
        parameter=parameter,
        level=str(level),
        evidence=EVIDENCE.get(parameter, "") if level > 1 else "",
        links=LINKS.get(parameter, "") if level > 1 else "",
        shown=shown,
    )


def ask_for_mentors(sides: dict[str, Side]) -> None:
    """Let one team wait for a mentor, and another have found one."""
    asked = {
        "isle-telecom": "Our duty roster at night, and how to rehearse a signalling attack.",
        "meridian": "Writing our first plan for a loss of the core network.",
    }
    made = {
        slug: mentoring.ask(
            principal=sides[slug].principal(),
            team=sides[slug].team,
            wish=wish,
            languages=["en"],
            by=clock.today() + timedelta(days=40),
        )
        for slug, wish in asked.items()
    }
    mentoring.accept(
        principal=sides["corevale"].principal(),
        request=made["meridian"],
        mentor=sides["corevale"].team,
    )
