"""What the law asks of parties of the demonstration, and one that was excluded."""

from tcert.community.conduct.domain.measures import IMPOSE
from tcert.community.conduct.enums import Ground, Kind
from tcert.community.desk.domain import acts
from tcert.community.directory.domain import organisations
from tcert.community.directory.enums import OrganisationKind
from tcert.community.duties.domain import duties
from tcert.community.duties.laws import BY_SLUG
from tcert.foundation.kernel.tlp import Tlp
from tcert.site.demo.community import Side

DUTIES = (
    ("corevale", "eu-cra-warning", Tlp.GREEN, "Tell us early: the first report cannot wait."),
    ("corevale", "eu-cra-notification", Tlp.GREEN, ""),
    ("isle-telecom", "eu-nis2-warning", Tlp.GREEN, ""),
    ("north-mobile", "eu-nis2-warning", Tlp.GREEN, ""),
    ("north-mobile", "eu-611-2013", Tlp.AMBER, "Our regulator asks for it by telephone first."),
)


def enter_duties(sides: dict[str, Side]) -> None:
    """Let parties say what they must report."""
    for slug, law, tlp, note in DUTIES:
        example = BY_SLUG[law]
        duties.declare(
            principal=sides[slug].principal(),
            organisation=sides[slug].organisation,
            law=example.law,
            trigger=example.trigger,
            authority=example.authority,
            hours=example.hours,
            source=example.source,
            tlp=tlp,
            note=note,
        )


def exclude_one(desk: Side) -> None:
    """Let two coordinators have excluded an organisation."""
    body = organisations.create_organisation(
        principal=desk.principal(),
        name="Hollow Lane Research",
        short_name="Hollow Lane",
        kind=OrganisationKind.SECURITY_FIRM,
        country="XA",
    )
    proposal = acts.propose(
        principal=desk.principal(),
        name=IMPOSE,
        object_id=body.id,
        values={
            "kind": Kind.EXCLUSION,
            "ground": Ground.HARM,
            "reason": "It offered for sale what members had told each other in confidence.",
            "days": 0,
            "confirmed_name": body.name,
        },
        reason="Three members sent us the same offer.",
    )
    acts.confirm(principal=desk.principal(1), proposal=proposal)
