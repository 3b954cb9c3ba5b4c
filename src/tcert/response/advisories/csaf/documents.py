"""What an advisory says, as plain dataclasses in the words of CSAF 2.0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import versions
from tcert.response.advisories.enums import (
    Justification,
    NoteCategory,
    ProductStatus,
    PublisherCategory,
    ReferenceCategory,
    RelationshipCategory,
    RemediationCategory,
    RestartCategory,
    ThreatCategory,
    TrackingStatus,
)

SECURITY_ADVISORY = "csaf_security_advisory"
BASE = "csaf_base"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who speaks: name, kind and the address (namespace) that identifies it."""

    category: PublisherCategory
    name: str
    namespace: str
    contact_details: str = ""
    issuing_authority: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the history; numbers count 1, 2, 3 with the releases."""

    number: int
    date: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """Number, state and history; version and dates follow from the history."""

    id: str
    status: TrackingStatus
    revisions: tuple[Revision, ...]
    aliases: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Return the number of the newest revision (tests 6.1.16, 6.1.21)."""
        return str(self.revisions[-1].number)


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of text."""

    category: NoteCategory
    text: str
    title: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A web page that belongs to the document or a vulnerability."""

    url: str
    summary: str
    category: ReferenceCategory = ReferenceCategory.EXTERNAL


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """Thanks to people or an organisation; only what they agreed to have printed."""

    names: tuple[str, ...] = ()
    organization: str = ""
    summary: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """One product in one version, or in a range of versions when `is_range`."""

    id: str
    vendor: str
    name: str
    version: str
    is_range: bool = False
    family: str = ""
    cpe: str = ""
    purl: str = ""
    model_numbers: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Return the name as a person reads it: ``Corevale UDM before 4.2``.

        A product that carries its vendor's name is not given it twice.
        """
        said = versions.spoken(self.version) if self.is_range else self.version
        carried = self.name.casefold().startswith(self.vendor.casefold())
        return " ".join(part for part in ("" if carried else self.vendor, self.name, said) if part)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A product inside or on top of another, which together get an id of their own."""

    id: str
    category: RelationshipCategory
    product: str
    relates_to: str
    name: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Why products are not affected."""

    label: Justification
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remediation:
    """What to do, for which products."""

    category: RemediationCategory
    details: str
    products: tuple[str, ...]
    url: str = ""
    date: datetime | None = None
    restart: RestartCategory | None = None


@dataclass(frozen=True, slots=True)
class Threat:
    """What is known of exploitation, impact or targets."""

    category: ThreatCategory
    details: str
    products: tuple[str, ...] = ()
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForeignId:
    """An id that another system gave, such as an issue number of the vendor."""

    system: str
    text: str


@dataclass(frozen=True, slots=True)
class Weakness:
    """A CWE entry: id and exact name (test 6.1.11)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One flaw and all that is said of it."""

    title: str
    notes: tuple[Note, ...]
    status: Mapping[ProductStatus, tuple[str, ...]]
    cve: str = ""
    ids: tuple[ForeignId, ...] = ()
    weakness: Weakness | None = None
    cvss3: str = ""
    cvss4: str = ""
    discovered: datetime | None = None
    flags: tuple[Flag, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    threats: tuple[Threat, ...] = ()
    references: tuple[Reference, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole advisory."""

    title: str
    tlp: Tlp
    publisher: Publisher
    tracking: Tracking
    category: str = SECURITY_ADVISORY
    lang: str = "en"
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()
    products: tuple[Product, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = field(default=())
