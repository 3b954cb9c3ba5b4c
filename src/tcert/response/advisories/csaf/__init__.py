"""CSAF 2.0 documents as data: from plain dataclasses to the JSON that is signed and published.

The source of every rule here is "Common Security Advisory Framework Version 2.0", OASIS Standard,
18 November 2022. Building refuses what can never be published; whether a document passes schema
and mandatory tests is the business of `validation`.

CSAF 2.0 has fields for CVSS 2 and 3 only, and its schema closes the door on strangers' fields in
a score: a CVSS 4.0 vector is therefore written as a note titled "CVSS 4.0", where people and
programs find it; CSAF 2.1 will give it a field.
"""

from tcert.response.advisories.csaf.building import (
    Unpublishable,
    aggregate_severity,
    build,
    canonical_json,
    file_name,
    moment,
    tlp_label,
)
from tcert.response.advisories.csaf.documents import (
    BASE,
    SECURITY_ADVISORY,
    Acknowledgment,
    Document,
    Flag,
    ForeignId,
    Note,
    Product,
    Publisher,
    Reference,
    Relationship,
    Remediation,
    Revision,
    Threat,
    Tracking,
    Vulnerability,
    Weakness,
)

__all__ = [
    "BASE",
    "SECURITY_ADVISORY",
    "Acknowledgment",
    "Document",
    "Flag",
    "ForeignId",
    "Note",
    "Product",
    "Publisher",
    "Reference",
    "Relationship",
    "Remediation",
    "Revision",
    "Threat",
    "Tracking",
    "Unpublishable",
    "Vulnerability",
    "Weakness",
    "aggregate_severity",
    "build",
    "canonical_json",
    "file_name",
    "moment",
    "tlp_label",
]
