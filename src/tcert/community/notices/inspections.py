"""What `tcert check` says about telling teams."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.notices.domain.telling import mails_now
from tcert.community.notices.enums import HookState, Told
from tcert.community.notices.models import Hook
from tcert.foundation.kernel.installation import Finding, fine, inspection, warning


@inspection("notices", _("Telling teams"))
def inspect_notices() -> Iterator[Finding]:
    """Every listed team can be told, and no hook was switched off."""
    told = list(mails_now(Team.objects.on_list().values_list("id", flat=True)).values())
    if settings.MAIL_CLEAR_TEXT:
        yield fine(_("A team without a key gets neutral words, and never more."))
    else:
        yield fine(_("No clear-text mail leaves to a team, not even neutral words."))
    keyless, homeless = told.count(Told.NO_KEY), told.count(Told.NO_ADDRESS)
    if keyless:
        yield warning(
            _("%(count)d listed teams get no mail, because they have no key and clear text is off.")
            % {"count": keyless},
            _("Help them to a key. Until then somebody has to call."),
        )
    if homeless:
        yield warning(
            _("%(count)d listed teams have no e-mail address.") % {"count": homeless},
            _("Enter one on the team's page. Until then somebody has to call."),
        )
    disabled = Hook.objects.filter(state=HookState.DISABLED).count()
    if disabled:
        yield warning(
            _("%(count)d hooks were switched off because they failed.") % {"count": disabled},
            _("Their teams were mailed; ask them to look."),
        )
