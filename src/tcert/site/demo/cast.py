"""Who lives in the demonstration: invented parties on reserved names, test networks and countries.

Domains end in `.example` (RFC 2606), networks are 001-01 and 999-xx (ITU-T E.212), countries are
user-assigned codes (ISO 3166-1). The one real name is Open5GS, whose published weakness
CVE-2024-34475 the demonstration's advisory cites.
"""

from dataclasses import dataclass

from tcert.community.directory.enums import OrganisationKind, TeamKind, TeamRole


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of the demonstration."""

    name: str
    role: TeamRole = TeamRole.REPRESENTATIVE

    @property
    def local_part(self) -> str:
        """Return the first name as used in the address."""
        return self.name.split()[0].lower()


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation with one team."""

    slug: str
    name: str
    short_name: str
    kind: OrganisationKind
    country: str
    team: str
    team_kind: TeamKind
    people: tuple[Actor, ...]
    about: str = ""
    constituency: str = ""
    languages: tuple[str, ...] = ("en",)
    zone: str = "UTC"
    networks: tuple[str, ...] = ()
    products: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    runs: tuple[tuple[str, str], ...] = ()

    @property
    def domain(self) -> str:
        """Return the reserved domain."""
        return f"{self.slug}.example"


_DEPUTY, _DUTY = TeamRole.DEPUTY, TeamRole.DUTY_OFFICER

CAST: tuple[Party, ...] = (
    Party(
        "tcert",
        "TCERT",
        "TCERT",
        OrganisationKind.HUB,
        "XA",
        "TCERT desk",
        TeamKind.DESK,
        (Actor("Ada Lindqvist"), Actor("Tomas Okafor", _DEPUTY)),
        "Receives reports about telecom products and networks, judges them, and brings in those "
        "who can act.",
        "Operators and vendors of public mobile and fixed networks",
    ),
    Party(
        "corevale",
        "Corevale Systems",
        "Corevale",
        OrganisationKind.VENDOR,
        "XB",
        "Corevale PSIRT",
        TeamKind.PSIRT,
        (Actor("Ines Moreau"), Actor("Pavel Dvorak", _DEPUTY)),
        "Product security of Corevale's core network functions.",
        "Customers that run Corevale UDM, HSS or AUSF",
        products=(
            ("UDM", "UDM", ("4.0", "4.1.9", "4.2.1", "4.2.2")),
            ("HSS", "HSS", ("9.3", "9.4")),
            ("AUSF", "AUSF", ("2.0",)),
        ),
    ),
    Party(
        "altus",
        "Altus Networks",
        "Altus",
        OrganisationKind.VENDOR,
        "XC",
        "Altus Networks PSIRT",
        TeamKind.PSIRT,
        (Actor("Yuki Tanabe"), Actor("Samuel Brandt", _DEPUTY)),
        "Product security of Altus signalling products.",
        "Customers that run Altus STP or DRA",
        products=(
            ("STP", "STP", ("11.0", "11.2")),
            ("Diameter Edge", "DEA", ("6.1", "6.2")),
        ),
    ),
    Party(
        "open5gs",
        "Open5GS (as published)",
        "Open5GS",
        OrganisationKind.VENDOR,
        "XZ",
        "Open5GS stand-in",
        TeamKind.PSIRT,
        (Actor("Rosa Feldt"), Actor("Noah Iversen", _DEPUTY)),
        "Plays the part of the maintainers in this demonstration; not connected with them.",
        products=(("Open5GS", "AMF", ("2.7.0", "2.7.1")),),
    ),
    Party(
        "north-mobile",
        "North Mobile",
        "North",
        OrganisationKind.MNO,
        "XA",
        "North Mobile CERT",
        TeamKind.CERT,
        (Actor("Liv Sorensen"), Actor("Jonas Weber", _DUTY)),
        "Security response of North Mobile, round the clock.",
        "North Mobile's networks and customers",
        languages=("en", "nb"),
        zone="Europe/Oslo",
        networks=("001-01", "999-01"),
        runs=(("UDM", "4.2.1"), ("STP", "11.2"), ("Open5GS", "2.7.0, in the lab")),
    ),
    Party(
        "isle-telecom",
        "Isle Telecom",
        "Isle",
        OrganisationKind.MNO,
        "XD",
        "Isle Telecom SOC",
        TeamKind.SOC,
        (Actor("Maeve Byrne"), Actor("Oisin Daly", _DUTY)),
        "Monitors and answers for the networks of Isle Telecom.",
        "Isle Telecom's networks",
        networks=("999-02",),
        runs=(("UDM", "4.0"), ("Diameter Edge", "6.1")),
    ),
    Party(
        "sunda",
        "Sunda Networks",
        "Sunda",
        OrganisationKind.MNO,
        "XE",
        "Sunda CSIRT",
        TeamKind.CERT,
        (Actor("Dewi Hartono"), Actor("Arif Santoso", _DUTY)),
        "Incident response of Sunda Networks.",
        "Sunda's mobile and fixed networks",
        languages=("id", "en"),
        zone="Asia/Jakarta",
        networks=("999-03",),
        runs=(("HSS", "9.3"), ("STP", "11.0")),
    ),
    Party(
        "meridian",
        "Meridian Cellular",
        "Meridian",
        OrganisationKind.MVNO,
        "XF",
        "Meridian security",
        TeamKind.CERT,
        (Actor("Carla Nunes"), Actor("Ben Adeyemi", _DEPUTY)),
        "Security of a virtual operator on North Mobile's network.",
        networks=("999-04",),
    ),
    Party(
        "ncsa",
        "National Cyber Security Agency of Exampleland",
        "NCSA",
        OrganisationKind.NATIONAL_CERT,
        "XA",
        "CERT-EX",
        TeamKind.AUTHORITY,
        (Actor("Helena Vogt"), Actor("Marek Zielin", _DEPUTY)),
        "National CERT; helps operators and never takes a case over.",
        "Networks and authorities of Exampleland",
    ),
    Party(
        "basalt",
        "Basalt Labs",
        "Basalt",
        OrganisationKind.LAB,
        "XG",
        "Basalt research",
        TeamKind.RESEARCH,
        (Actor("Mira Holt"), Actor("Quentin Amari", _DEPUTY)),
        "Independent research on core networks and signalling.",
    ),
    Party(
        "palisade",
        "Palisade Signalling Defence",
        "Palisade",
        OrganisationKind.SOLUTION_PROVIDER,
        "XH",
        "Palisade security",
        TeamKind.PSIRT,
        (Actor("Noor Castellan"), Actor("Emil Varga", _DEPUTY)),
        "Makes a firewall for signalling and the rules for it.",
    ),
    Party(
        "police",
        "Police of Exampleland",
        "Police EX",
        OrganisationKind.LAW_ENFORCEMENT,
        "XA",
        "Unit for telecom crime",
        TeamKind.AUTHORITY,
        (Actor("Irena Castel"), Actor("Jonas Weid", _DEPUTY)),
        "Investigates fraud and attacks on networks; asks operators, and hands nothing on.",
    ),
)
"""The parties in the order in which they are entered; the desk comes first."""
