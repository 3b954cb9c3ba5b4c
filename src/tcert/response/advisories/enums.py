"""States, kinds and terms of advisories. Values are the words of CSAF 2.0 where it has them."""

from enum import StrEnum


class AdvisoryState(StrEnum):
    """Where the working text of an advisory stands; what is public hangs on its releases."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"

    @classmethod
    def editable(cls) -> frozenset["AdvisoryState"]:
        """Return the states in which the text may be changed."""
        return frozenset({cls.DRAFT, cls.REVIEW, cls.APPROVED})

    @classmethod
    def out(cls) -> frozenset["AdvisoryState"]:
        """Return the states in which the last release is what the hub says."""
        return frozenset({cls.PUBLISHED, cls.REVISED})


class Pending(StrEnum):
    """What the worker is to do with an advisory at its scheduled time."""

    RELEASE = "release"
    WITHDRAWAL = "withdrawal"


class TrackingStatus(StrEnum):
    """CSAF `/document/tracking/status`."""

    DRAFT = "draft"
    FINAL = "final"
    INTERIM = "interim"


class PublisherCategory(StrEnum):
    """CSAF `/document/publisher/category`."""

    COORDINATOR = "coordinator"
    DISCOVERER = "discoverer"
    OTHER = "other"
    TRANSLATOR = "translator"
    USER = "user"
    VENDOR = "vendor"


class NoteCategory(StrEnum):
    """CSAF category of a note."""

    DESCRIPTION = "description"
    DETAILS = "details"
    FAQ = "faq"
    GENERAL = "general"
    LEGAL_DISCLAIMER = "legal_disclaimer"
    OTHER = "other"
    SUMMARY = "summary"


class ProductStatus(StrEnum):
    """CSAF status of a product in a vulnerability."""

    FIRST_AFFECTED = "first_affected"
    FIRST_FIXED = "first_fixed"
    FIXED = "fixed"
    KNOWN_AFFECTED = "known_affected"
    KNOWN_NOT_AFFECTED = "known_not_affected"
    LAST_AFFECTED = "last_affected"
    RECOMMENDED = "recommended"
    UNDER_INVESTIGATION = "under_investigation"

    @classmethod
    def affected(cls) -> frozenset["ProductStatus"]:
        """Return the states that mean "affected"."""
        return frozenset({cls.FIRST_AFFECTED, cls.KNOWN_AFFECTED, cls.LAST_AFFECTED})

    @classmethod
    def cured(cls) -> frozenset["ProductStatus"]:
        """Return the states that mean "fixed"."""
        return frozenset({cls.FIRST_FIXED, cls.FIXED})


class Justification(StrEnum):
    """CSAF flag: why a product is not affected."""

    COMPONENT_NOT_PRESENT = "component_not_present"
    MITIGATIONS_EXIST = "inline_mitigations_already_exist"
    NOT_CONTROLLABLE = "vulnerable_code_cannot_be_controlled_by_adversary"
    NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path"
    CODE_NOT_PRESENT = "vulnerable_code_not_present"


class RemediationCategory(StrEnum):
    """CSAF category of a remediation."""

    MITIGATION = "mitigation"
    NO_FIX_PLANNED = "no_fix_planned"
    NONE_AVAILABLE = "none_available"
    VENDOR_FIX = "vendor_fix"
    WORKAROUND = "workaround"


class RestartCategory(StrEnum):
    """CSAF: what must restart for a remediation to hold."""

    CONNECTED = "connected"
    DEPENDENCIES = "dependencies"
    MACHINE = "machine"
    NONE = "none"
    PARENT = "parent"
    SERVICE = "service"
    SYSTEM = "system"
    VULNERABLE_COMPONENT = "vulnerable_component"
    ZONE = "zone"


class ThreatCategory(StrEnum):
    """CSAF category of a threat."""

    EXPLOIT_STATUS = "exploit_status"
    IMPACT = "impact"
    TARGET_SET = "target_set"


class ReferenceCategory(StrEnum):
    """CSAF category of a reference."""

    EXTERNAL = "external"
    SELF = "self"


class RelationshipCategory(StrEnum):
    """CSAF category of a relationship between two products."""

    DEFAULT_COMPONENT_OF = "default_component_of"
    EXTERNAL_COMPONENT_OF = "external_component_of"
    INSTALLED_ON = "installed_on"
    INSTALLED_WITH = "installed_with"
    OPTIONAL_COMPONENT_OF = "optional_component_of"


class Severity(StrEnum):
    """The words of CVSS for a score, from none to critical."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 (none) to 4 (critical)."""
        return list(Severity).index(self)
