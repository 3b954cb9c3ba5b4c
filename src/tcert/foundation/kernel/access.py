"""Deny unless a rule grants: the one door between a principal and an act."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import rules
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from tcert.foundation.kernel.pages import METHODS, PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

read_or_send = require_http_methods(list(METHODS))
"""What shows a form and takes it: decorates a view as `require_safe` and `require_POST` do."""
_grants = rules.RuleSet()


def grant(permission: Permission, predicate: Callable[..., bool]) -> None:
    """State in a room's rules.py who has a permission; a second statement is a mistake.

    The predicate is called with ``(principal, obj)``, where ``obj`` is None for the question
    "may this principal ever do it" that a view asks before it loads anything.
    """
    _grants.add_rule(permission, predicate)


def principal_of(request: HttpRequest) -> Principal:
    """Return who asks."""
    principal: Principal = request.principal  # type: ignore[attr-defined]
    return principal


def allowed(principal: Principal, permission: Permission, obj: object = None) -> bool:
    """Tell whether a rule grants the permission; what no rule names is denied."""
    return bool(_grants.test_rule(permission, principal, obj))


def require(principal: Principal, permission: Permission, obj: object = None) -> None:
    """Raise PermissionDenied unless a rule grants the permission."""
    if not allowed(principal, permission, obj):
        raise PermissionDenied(str(permission))


def granted() -> frozenset[str]:
    """Return the names of all permissions that some rule grants."""
    return frozenset(_grants)


def lead_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Answer a stranger who asks for a page of people."""
    return redirect_to_login(request.get_full_path())


def page(
    permission: Permission,
    *,
    kind: PageKind = PageKind.ORDINARY,
    stranger: Callable[[HttpRequest], HttpResponseBase] = lead_to_sign_in,
) -> Callable[[View[P]], View[P]]:
    """Declare what a view requires and which content security policy its page carries.

    A stranger is led to sign-in, unless `stranger` answers otherwise; a person without the
    permission gets 403.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            principal = principal_of(request)
            if not allowed(principal, permission):
                if not principal.is_person:
                    return stranger(request)
                raise PermissionDenied(str(permission))
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.page_kind = kind  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def declared(view: Any) -> Permission | None:
    """Return the permission that a view function declares."""
    return getattr(view, "permission", None)
