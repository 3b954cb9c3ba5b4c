"""Kinds, roles and states of the directory."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    """Kinds of design/community.md."""

    MNO = "mno"
    MVNO = "mvno"
    FIXED = "fixed-operator"
    VENDOR = "vendor"
    LAW_ENFORCEMENT = "law-enforcement"
    GOVERNMENT = "government"
    NATIONAL_CERT = "national-cert"
    STANDARDS = "standards-body"
    CARRIER = "interconnect-carrier"
    LAB = "lab"
    SECURITY_FIRM = "security-firm"
    SOLUTION_PROVIDER = "solution-provider"
    INDIVIDUAL = "individual"
    HUB = "hub"

    @classmethod
    def operators(cls) -> frozenset["OrganisationKind"]:
        """Return the kinds that run a network."""
        return frozenset({cls.MNO, cls.MVNO, cls.FIXED, cls.CARRIER})


class OrganisationState(StrEnum):
    """`provisional` came by an invitation into a case and is not listed.

    `suspended` and `excluded` were taken off the list for what they did.
    """

    PROVISIONAL = "provisional"
    LISTED = "listed"
    RETIRED = "retired"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"

    @classmethod
    def set_aside(cls) -> frozenset["OrganisationState"]:
        """Return the states that a measure makes and ends, and nothing else."""
        return frozenset({cls.SUSPENDED, cls.EXCLUDED})


class SafeHarbour(StrEnum):
    """What an organisation says it does to who reports a weakness to it in good faith."""

    NOT_STATED = "not-stated"
    STATED = "stated"
    REFUSED = "refused"


class TeamKind(StrEnum):
    """Kinds of team."""

    CERT = "cert"
    PSIRT = "psirt"
    SOC = "soc"
    FRAUD = "fraud"
    LAWFUL_INTERCEPTION = "lawful-interception"
    NOC = "network-operations"
    AUTHORITY = "unit-of-authority"
    RESEARCH = "research"
    DESK = "desk"


class TeamRole(StrEnum):
    """A person's role in a team."""

    REPRESENTATIVE = "representative"
    DEPUTY = "deputy"
    DUTY_OFFICER = "duty-officer"
    MEMBER = "member"

    @classmethod
    def leading(cls) -> frozenset["TeamRole"]:
        """Return the roles that speak for the team's own page."""
        return frozenset({cls.REPRESENTATIVE, cls.DEPUTY})


class ChannelKind(StrEnum):
    """How a team is reached."""

    EMAIL = "email"
    PHONE = "phone"
    WEB = "web"
    FAX = "fax"


class ChannelPurpose(StrEnum):
    """What a channel is for."""

    MAIN = "main"
    EMERGENCY = "24/7"
    DISCLOSURE = "disclosure"


class KeyState(StrEnum):
    """States of a team key: only an active one is sealed to."""

    PENDING = "pending"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    REFUSED = "refused"

    @classmethod
    def known(cls) -> frozenset["KeyState"]:
        """Return the states of keys that counted once: anybody may check old signatures."""
        return frozenset({cls.ACTIVE, cls.SUPERSEDED, cls.REVOKED})


class KeyOrigin(StrEnum):
    """Where the secret half lives."""

    UPLOADED = "uploaded"
    BROWSER = "browser"


class DeskTrouble(StrEnum):
    """Why the desk's key does not fulfil what the hub promises to who reports."""

    NO_KEY = "no-key"
    ONE_HOLDER = "one-holder"
    ROTATION_OVERDUE = "rotation-overdue"
    INTAKE_EXPIRED = "intake-expired"
    NOT_IN_BROWSER = "not-in-browser"


class SecondChannel(StrEnum):
    """How a coordinator heard a fingerprint, other than from this hub."""

    PHONE = "phone"
    MEETING = "meeting"
    LETTER = "letter"
    OWN_WEBSITE = "own-website"
    SIGNED = "signed-by-trusted-key"
    SET_UP = "set-up"


class Section(StrEnum):
    """The sections of RFC 2350 (its appendix) that are text of a team's own.

    The others follow from what the directory holds anyway: name, zone, channels, keys, the date
    of the last change and the address of the document.
    """

    NOTIFICATIONS = "1.2"
    ADDRESS = "2.2"
    OTHER_TELECOMMUNICATION = "2.6"
    MEMBERS = "2.9"
    OTHER_INFORMATION = "2.10"
    CUSTOMER_CONTACT = "2.11"
    MISSION = "3.1"
    CONSTITUENCY = "3.2"
    AFFILIATION = "3.3"
    AUTHORITY = "3.4"
    INCIDENTS = "4.1"
    COOPERATION = "4.2"
    COMMUNICATION = "4.3"
    TRIAGE = "5.1.1"
    COORDINATION = "5.1.2"
    RESOLUTION = "5.1.3"
    PROACTIVE = "5.2"
    FORMS = "6"
    DISCLAIMERS = "7"


class Audience(StrEnum):
    """For whom a document of a team is written."""

    PUBLIC = "public"
    MEMBERS = "members"
