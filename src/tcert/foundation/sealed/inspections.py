"""What this room can say about the installation."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.installation import Finding, demanded, fine, inspection, problem
from tcert.foundation.openpgp.signing import SignatureRefused
from tcert.foundation.sealed import scripts


@inspection("scripts", _("Served scripts"))
def inspect_scripts() -> Iterator[Finding]:
    """Visitors are served exactly the scripts whose list is published and signed."""
    cure = _("If you installed this version yourself: tcert scripts sign")
    try:
        found = scripts.examine()
    except FileNotFoundError:
        yield demanded(
            _("No signed list of the served scripts is published."), _("tcert scripts sign")
        )
        return
    except SignatureRefused:
        yield problem(_("The list of scripts is not signed by the hub's present key."), cure)
        return
    if found.is_clean:
        yield fine(_("The served scripts are those of the signed list."))
        return
    names = ", ".join([*found.changed, *found.missing, *found.unlisted])
    yield problem(
        _("Served scripts differ from the signed list: %(names)s") % {"names": names}, cure
    )
