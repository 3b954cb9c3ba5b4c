"""The page of a person's feed keys."""

from uuid import UUID

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tcert.community.accounts import proofs
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press
from tcert.response.advisories import provider
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.domain import keys as domain
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.forms import KeyForm
from tcert.response.feedkeys.models import FeedKey


@page(Permission.FEEDKEYS_OWN_MANAGE, kind=PageKind.SIGN_IN)
def keys(request: HttpRequest) -> HttpResponse:
    """List the person's keys and make one, after the second factor unless that is fresh."""
    principal = principal_of(request)
    fresh = proofs.is_fresh(request)
    if request.method == "POST" and not fresh:
        raise ReauthenticationRequired
    form = KeyForm(request.POST or None)
    made = attempt(
        form,
        lambda: domain.make(
            principal=principal,
            name=form.cleaned_data["name"],
            opens=Opens(form.cleaned_data["opens"]),
        ),
        "name",
    )
    addresses = {
        "feed": provider.feed_address(settings.BASE_URL, provider.MEMBERS),
        "bulk": settings.BASE_URL + reverse("routing:ask"),
        "single": settings.BASE_URL + reverse("routing:lookup"),
        "incidents": settings.BASE_URL + reverse("incidents:report"),
        "notifications": settings.BASE_URL + reverse("notifications:receive"),
    }
    if made is not None:
        # No redirect: the secret is shown by this one answer and is kept nowhere on the way.
        key, secret = made
        context = {
            "key": key,
            "secret": secret,
            **addresses,
            "bearer": credentials.bearer(key.id, secret),
            "reads": key.opens == Opens.ADVISORIES,
            "reports": key.opens == Opens.INCIDENTS,
            "notifies": key.opens == Opens.NOTIFICATIONS,
        }
        return render(request, "feedkeys/secret.html", context)
    own = FeedKey.objects.visible_to(principal)
    return render(
        request,
        "feedkeys/keys.html",
        {
            "form": form,
            "fresh": fresh,
            "keys": own,
            "full": len(own) >= domain.MOST_KEYS,
            "most": domain.MOST_KEYS,
            **addresses,
        },
        status=status_of(form),
    )


@page(Permission.FEEDKEYS_OWN_MANAGE, kind=PageKind.SIGN_IN)
@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one of the person's keys away."""
    principal = principal_of(request)
    key = get_object_or_404(FeedKey.objects.visible_to(principal), pk=pk)
    press(
        request,
        lambda: domain.revoke(principal=principal, key=key),
        _("The key is revoked. It opens nothing any more."),
    )
    return redirect("feedkeys:keys")
