"""What `tcert check` says about reference data."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.installation import Finding, fine, inspection, warning
from tcert.response.reference import packaged
from tcert.response.reference.asn import store
from tcert.response.reference.enums import Source
from tcert.response.reference.models import Edition


@inspection("reference", _("Reference data"))
def inspect_reference() -> Iterator[Finding]:
    """The list of networks stands here, is the one that set-up brought, and no file is lost."""
    current, about = Edition.objects.current(Source.NETWORKS), packaged.about()
    if about is None:
        yield warning(_("Set-up brought no list of network codes."), _("Run make setup."))
    if current is None:
        yield warning(
            _("No list of network codes was taken: two readings of a code stay undecided."),
            _("Run tcert reference networks --take."),
        )
    elif newer := packaged.newer_than(current.version):
        yield warning(
            _("Set-up brought version %(new)s of the network codes; %(old)s is in use.")
            % {"new": newer.version, "old": current.version},
            _("A coordinator looks at the changes and takes it, or tcert reference networks."),
        )
    else:
        yield fine(_("Network codes: %(edition)s.") % {"edition": current})
    addresses = Edition.objects.current(Source.ADDRESSES)
    if addresses is None:
        yield fine(_("The optional list of addresses was never taken."))
    elif store.opened(addresses.digest) is None:
        yield warning(
            _("The list of addresses %(edition)s was taken, and its file is not there or damaged.")
            % {"edition": addresses},
            _("It is in no backup. Take it again: tcert reference asn --help."),
        )
    else:
        yield fine(_("Addresses: %(edition)s.") % {"edition": addresses})
