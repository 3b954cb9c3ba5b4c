"""What a key is for, on what an attestation rests, how a key was proved."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a team uses a key for; cases are sealed to the one for sealing, and to no other."""

    SEALING = "sealing"
    MAIL = "mail"
    ADVISORIES = "advisories"
    FEEDS = "feeds"

    @classmethod
    def published(cls) -> tuple["Purpose", ...]:
        """Return those for which a team publishes keys beside the one that cases are sealed to."""
        return (cls.MAIL, cls.ADVISORIES, cls.FEEDS)


class PurposeState(StrEnum):
    """States of a key that is published for a purpose."""

    PUBLISHED = "published"
    ENDED = "ended"
    REVOKED = "revoked"


class Basis(StrEnum):
    """How the attesting team had the fingerprint, other than from this hub."""

    IN_PERSON = "in-person"
    PHONE = "phone-on-known-number"
    SIGNED = "signed-message"


class Withdrawal(StrEnum):
    """Why an attestation was taken back."""

    DOUBT = "doubt"
    MISTAKE = "mistake"
    NOT_KNOWN = "not-known"
    OTHER = "other"


class Proof(StrEnum):
    """What the hub can check by itself."""

    MAIL = "mail"
    DOMAIN = "domain"


class Level(StrEnum):
    """How a key is known to be its team's, the weakest first."""

    UNPROVEN = "unproven"
    MAIL = "mail"
    DOMAIN = "domain"
    CARRIED_OVER = "carried-over"
    DESK = "desk"
    ATTESTED = "attested"


class Refusal(StrEnum):
    """Why a team cannot attest a key now."""

    NOT_LISTED = "not-listed"
    OWN_HOUSE = "own-house"
    NO_KEY = "no-key"
    KEY_ENDED = "key-ended"
    STANDING = "standing"
