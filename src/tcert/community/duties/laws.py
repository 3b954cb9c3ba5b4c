"""Duties that many have, as examples to begin from: facts, each with its source.

They are no legal advice: an organisation says what binds it, these only spare typing. A term is
the longest time from becoming aware, in hours; 0 means without delay, with no number.
"""

from dataclasses import dataclass

from tcert.community.duties.enums import Trigger


@dataclass(frozen=True, slots=True)
class Law:
    """One duty of a law, and where it stands."""

    slug: str
    law: str
    trigger: Trigger
    authority: str
    hours: int
    source: str


LAWS: tuple[Law, ...] = (
    Law(
        "eu-nis2-warning", "Directive (EU) 2022/2555 (NIS 2), Article 23(4)(a): early warning",
        Trigger.INCIDENT, "national CSIRT or competent authority", 24,
        "https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
    ),
    Law(
        "eu-nis2-notification", "Directive (EU) 2022/2555 (NIS 2), Article 23(4)(b): notification",
        Trigger.INCIDENT, "national CSIRT or competent authority", 72,
        "https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
    ),
    Law(
        "eu-cra-warning", "Regulation (EU) 2024/2847 (CRA), Article 14(2)(a): early warning",
        Trigger.WEAKNESS, "coordinating CSIRT and ENISA, single reporting platform", 24,
        "https://eur-lex.europa.eu/eli/reg/2024/2847/oj",
    ),
    Law(
        "eu-cra-notification", "Regulation (EU) 2024/2847 (CRA), Article 14(2)(b): notification",
        Trigger.WEAKNESS, "coordinating CSIRT and ENISA, single reporting platform", 72,
        "https://eur-lex.europa.eu/eli/reg/2024/2847/oj",
    ),
    Law(
        "eu-gdpr", "Regulation (EU) 2016/679 (GDPR), Article 33(1)",
        Trigger.PERSONAL_DATA, "supervisory authority for data protection", 72,
        "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
    ),
    Law(
        "eu-611-2013", "Regulation (EU) No 611/2013, Article 2(2): providers of communications",
        Trigger.PERSONAL_DATA, "competent national authority", 24,
        "https://eur-lex.europa.eu/eli/reg/2013/611/oj",
    ),
    Law(
        "us-fcc-part-4", "47 CFR 4.9: notification of an outage",
        Trigger.OUTAGE, "Federal Communications Commission (NORS)", 2,
        "https://www.ecfr.gov/current/title-47/part-4",
    ),
    Law(
        "in-cert-in", "CERT-In Directions of 28 April 2022, direction (ii)",
        Trigger.INCIDENT, "CERT-In", 6,
        "https://www.cert-in.org.in/Directions70B.jsp",
    ),
)  # fmt: skip

BY_SLUG = {one.slug: one for one in LAWS}
