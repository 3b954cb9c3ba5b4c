"""Who stands for whom in the demonstration: paths to look at, one that ends soon, one withdrawn."""

from datetime import timedelta

from tcert.community.membership.domain import vouches
from tcert.community.membership.enums import Basis, Withdrawal
from tcert.community.membership.models import Vouch
from tcert.foundation.kernel import clock
from tcert.site.demo.community import Side

GIVEN: tuple[tuple[int, str, str, Basis, str], ...] = (
    (
        350,
        "north-mobile",
        "corevale",
        Basis.WORKED_TOGETHER,
        "Their PSIRT answered within the hour in both of our UDM incidents.",
    ),
    (
        200,
        "isle-telecom",
        "corevale",
        Basis.SITE_VISIT,
        "We visited their lab and met the whole team.",
    ),
    (
        180,
        "corevale",
        "sunda",
        Basis.WORKED_TOGETHER,
        "We fixed a roaming fault with their CSIRT over a weekend.",
    ),
    (170, "corevale", "meridian", Basis.MET_IN_PERSON, "Met at two meetings; keys compared."),
    (160, "sunda", "ncsa", Basis.WORKED_TOGETHER, "They coordinate for our country."),
    (150, "meridian", "ncsa", Basis.MET_IN_PERSON, "Keys compared in person."),
    (140, "sunda", "north-mobile", Basis.WORKED_TOGETHER, "Roaming partners for years."),
    (130, "ncsa", "north-mobile", Basis.SITE_VISIT, "We know their duty desk from exercises."),
    (120, "meridian", "isle-telecom", Basis.IDENTITY_ONLY, "We know who they are."),
    (110, "sunda", "isle-telecom", Basis.MET_IN_PERSON, "Met their duty officer."),
)
"""Days ago, giver, receiver, basis, statement."""


def vouch_all(sides: dict[str, Side]) -> None:
    """Let these teams have vouched, and one have taken its word back a week ago."""
    now = clock.now()
    made: dict[tuple[str, str], Vouch] = {}
    for days, giver, receiver, basis, statement in GIVEN:
        with clock.frozen(now - timedelta(days=days)):
            made[giver, receiver] = vouches.give(
                principal=sides[giver].principal(),
                from_team=sides[giver].team,
                to_team=sides[receiver].team,
                basis=basis,
                statement=statement,
            )
    with clock.frozen(now - timedelta(days=7)):
        vouches.withdraw(
            principal=sides["sunda"].principal(),
            vouch=made["sunda", "isle-telecom"],
            reason=Withdrawal.NOT_KNOWN,
            remark="The people we met have left.",
            confirmed_name=sides["isle-telecom"].team.name,
        )
