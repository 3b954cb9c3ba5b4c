"""From a stored advisory to the document that would be published now, and its verdict."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.directory.enums import ChannelKind, OrganisationKind
from tcert.community.directory.models import Channel, Organisation
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import content, csaf, provider, validation
from tcert.response.advisories.enums import PublisherCategory
from tcert.response.advisories.models import Advisory

UNNUMBERED = "TCERT-SA-DRAFT"


def page_address(number: str) -> str:
    """Return the address of an advisory's page."""
    return f"{settings.BASE_URL}/advisories/{number}/"


def publisher(organisation: Organisation, category: PublisherCategory) -> csaf.Publisher:
    """Return an organisation as the publisher of a document."""
    contact = (
        Channel.objects.filter(
            team__organisation=organisation,
            team__retired_at=None,
            is_public=True,
            kind=ChannelKind.EMAIL,
        )
        .order_by("-team__is_desk", "purpose", "value")
        .first()
    )
    own = organisation.kind == OrganisationKind.HUB
    return csaf.Publisher(
        category=category,
        name=organisation.name,
        namespace=settings.BASE_URL if own or not organisation.website else organisation.website,
        contact_details=contact.value if contact else "",
    )


def entry(advisory: Advisory, at: datetime) -> provider.Entry:
    """Return the document's place in the tree: the year is that of its first release."""
    first = advisory.releases.order_by("version").first()
    return provider.Entry(
        year=first.year if first else at.year,
        name=csaf.file_name(advisory.number or UNNUMBERED),
        released_at=at,
    )


def history(advisory: Advisory, at: datetime, summary: str) -> tuple[csaf.Revision, ...]:
    """Return the revisions published so far and the one that would come now."""
    past = [r.revision for r in advisory.releases.order_by("version")]
    return (*past, csaf.Revision(len(past) + 1, at, summary))


def summary_of(advisory: Advisory) -> str:
    """Return what the coming release changes, in words."""
    if advisory.change_summary:
        return str(advisory.change_summary)
    return _("Revised") if advisory.releases.exists() else _("First release")


def addresses(advisory: Advisory, at: datetime, tlp: str = "") -> list[tuple[str, str]]:
    """Return the addresses under which the document will stand."""
    found = []
    if advisory.number:
        folder = provider.FOLDERS.get(Tlp(tlp or advisory.tlp))
        if folder is not None:
            place = provider.address(settings.BASE_URL, entry(advisory, at), folder)
            found.append((place, _("This document")))
        found.append((page_address(advisory.number), _("This advisory as a page")))
    return found


def assemble(advisory: Advisory, at: datetime) -> dict[str, Any]:
    """Return the CSAF document that publication at a moment would give.

    Raises csaf.Unpublishable, or ValueError where the text cannot be read.
    """
    return csaf.build(
        content.document(
            advisory.text,
            tlp=Tlp(advisory.tlp),
            publisher=publisher(advisory.publisher, PublisherCategory(advisory.publisher_category)),
            tracking_id=advisory.number or UNNUMBERED,
            revisions=history(advisory, at, summary_of(advisory)),
            addresses=addresses(advisory, at),
        )
    )


def assemble_withdrawal(advisory: Advisory, at: datetime, reason: str) -> dict[str, Any]:
    """Return the CSAF document that takes a published advisory back.

    Title and marking are those of the last release: nobody has approved what a draft changed.
    """
    last = advisory.releases.order_by("version").last()
    tlp = last.tlp if last else advisory.tlp
    return csaf.build(
        content.withdrawal(
            title=last.title if last else advisory.text.title,
            reason=reason,
            lang=advisory.text.lang,
            tlp=Tlp(tlp),
            publisher=publisher(advisory.publisher, PublisherCategory(advisory.publisher_category)),
            tracking_id=advisory.number or UNNUMBERED,
            revisions=history(advisory, at, _("Withdrawn")),
            addresses=addresses(advisory, at, tlp),
        )
    )


def verdict(advisory: Advisory, at: datetime) -> validation.Verdict:
    """Return what schema and tests say of the text as it stands."""
    try:
        document = json.loads(csaf.canonical_json(assemble(advisory, at)))
    except csaf.Unpublishable as error:
        return _refused(error.path, error.message)
    except ValueError as error:
        return _refused("/", str(error))
    found = validation.validate(document)
    if advisory.number is None:  # its own address hangs on the number, which approval gives
        told = tuple(f for f in found.findings if f.test != "6.2.11")
        return validation.Verdict(told, found.tests)
    return found


def _refused(path: str, message: str) -> validation.Verdict:
    finding = validation.Finding(
        "hub", _("What CSAF can say"), path, message, validation.Weight.ERROR
    )
    return validation.Verdict((finding,), ("hub",))
