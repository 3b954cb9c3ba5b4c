"""Who applies in the demonstration: one in the objection period, one new, one asked for more.

The demonstration has fewer member organisations than ends the founding phase, so its door speaks of
that; the applicants show the whole way all the same.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import OrganisationKind, TeamKind
from tcert.community.joining.domain import applying, deciding, doors, objecting, sponsoring
from tcert.community.joining.models import Application
from tcert.community.membership.enums import Basis
from tcert.foundation.kernel import clock
from tcert.site import principal as principals
from tcert.site.demo.community import Side


@dataclass(frozen=True)
class Newcomer:
    """A person who applies, with what they sign in with."""

    person: Person
    totp_secret: str
    application: Application


@dataclass(frozen=True)
class _Told:
    """What one says of itself."""

    slug: str
    person: str
    name: str
    kind: OrganisationKind
    country: str
    team: str
    team_kind: TeamKind
    about: str
    days_ago: int
    sponsors: tuple[str, ...] = ()


_APPLICANTS = (
    _Told(
        "fjord",
        "Sigrid Aas",
        "Fjord Roaming Exchange",
        OrganisationKind.CARRIER,
        "XD",
        "Fjord NOC",
        TeamKind.NOC,
        "We carry roaming signalling for eleven operators, and answer at any hour.",
        30,
        ("ncsa", "corevale"),
    ),
    _Told(
        "lowland",
        "Piet Maas",
        "Lowland Mobile",
        OrganisationKind.MNO,
        "XE",
        "Lowland CERT",
        TeamKind.CERT,
        "We answer for the mobile network of one country since 2024.",
        9,
        ("north-mobile", "ncsa"),
    ),
    _Told(
        "karst",
        "Iva Horvat",
        "Karst Labs",
        OrganisationKind.LAB,
        "XF",
        "Karst Labs PSIRT",
        TeamKind.RESEARCH,
        "We test baseband processors.",
        4,
    ),
)


def apply_all(sides: dict[str, Side], passphrase: str) -> list[Newcomer]:
    """Let three apply; the first is in its objection period, the last was asked for more."""
    hashed = make_password(passphrase)
    made = [_applied(told, sides, hashed) for told in _APPLICANTS]
    desk = sides["tcert"].principal
    now = clock.now()
    fjord, _lowland, karst = (one.application for one in made)
    with clock.frozen(now - timedelta(days=27)):
        deciding.examine(principal=desk(), application=fjord)
    _vouch(sides, fjord)
    with clock.frozen(now - timedelta(days=12)):
        deciding.open_period(principal=desk(), application=fjord)
    with clock.frozen(now - timedelta(days=3)):
        objecting.raise_objection(
            principal=sides["sunda"].principal(),
            application=fjord,
            team=sides["sunda"].team,
            reason="Their number answered nobody in March. We would like to hear what changed.",
        )
    with clock.frozen(now - timedelta(days=2)):
        deciding.ask(
            principal=desk(), application=karst, text="Who answers for you at night and how?"
        )
    return made


def _applied(told: _Told, sides: dict[str, Side], hashed: str) -> Newcomer:
    """Let a person make an account, fill in, prove the address and send it in."""
    email = f"{told.person.split()[0].lower()}@{told.slug}.example"
    person = Person.objects.create(email=email, name=told.person, password=hashed)
    secret: str = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    by = principals.of_person(person)
    with clock.frozen(clock.now() - timedelta(days=told.days_ago)):
        found = doors.begin(principal=by, person=person)
        found = applying.change(
            principal=by,
            application=found,
            name=told.name,
            short_name=told.name.split()[0],
            kind=told.kind,
            country=told.country,
            website=f"https://{told.slug}.example/",
            team_name=told.team,
            team_kind=told.team_kind,
            about=told.about,
            mail=f"security@{told.slug}.example",
            phone="+999 0000 0003",
        )
        found.mail_proved_at = clock.now()
        found.save(update_fields=["mail_proved_at"])
        for slug in told.sponsors:
            applying.name_sponsor(principal=by, application=found, team=sides[slug].team)
        found = applying.submit(principal=by, application=found)
    return Newcomer(person, secret, found)


def _vouch(sides: dict[str, Side], application: Application) -> None:
    """Let the teams that were named give their word."""
    for slug in ("ncsa", "corevale"):
        asked = application.sponsorships.get(team=sides[slug].team)
        with clock.frozen(clock.now() - timedelta(days=20)):
            sponsoring.give(
                principal=sides[slug].principal(),
                sponsorship=asked,
                basis=Basis.WORKED_TOGETHER,
                statement="Their duty officer helped us in two roaming incidents.",
                lasts=timedelta(days=365),
            )
