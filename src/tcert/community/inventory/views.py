"""Pages on what an organisation has."""

import csv
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import Organisation
from tcert.community.inventory import overview_links
from tcert.community.inventory.domain import declarations, products
from tcert.community.inventory.forms import EquipmentForm, ProductForm, VersionForm
from tcert.community.inventory.models import Equipment, Product, ProductVersion
from tcert.foundation.kernel.access import allowed, page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import STALE
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import attachment, harmless

_PAGE = 50


def _organisation(request: HttpRequest, organisation_id: UUID) -> Organisation:
    """Return an organisation whose inventory the person may see; to others it does not exist."""
    principal = principal_of(request)
    found: Organisation = get_object_or_404(
        Organisation.objects.visible_to(principal), id=organisation_id
    )
    if not allowed(principal, Permission.INVENTORY_READ, found):
        raise Http404
    return found


@require_GET
@page(Permission.INVENTORY_READ)
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations whose inventory the person may see; a single one is opened at once."""
    principal = principal_of(request)
    visible = Organisation.objects.visible_to(principal)
    if not principal.is_coordinator:
        own = principal.listed_organisation_ids
        visible = visible.filter(id__in=own)
        if len(own) == 1:
            return redirect("inventory:overview", *own)
    query = searched(request.GET, "q")
    if query:
        visible = visible.filter(name__icontains=query)
    found = Paginator(visible, _PAGE).get_page(request.GET.get("page"))
    return render(request, "inventory/organisations.html", {"page": found, "query": query})


@require_http_methods(["GET", "POST"])
@page(Permission.INVENTORY_READ)
def overview(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Products and equipment of one organisation, with the forms to add to each."""
    organisation = _organisation(request, organisation_id)
    principal = principal_of(request)
    chosen = request.POST.get("form", "")
    forms_by_name: dict[str, forms.Form] = {
        "equipment": EquipmentForm(
            request.POST if chosen == "equipment" else None, prefix="e", principal=principal
        ),
    }
    status = 200
    if request.method == "POST":
        require(principal, Permission.INVENTORY_MANAGE, organisation)
        form = forms_by_name.get(chosen)
        if form is None:
            raise DomainError(_("This page is incomplete. Open it again; nothing was changed."))
        if form.is_valid():
            try:
                _declare(principal, organisation, form)
            except DomainError as error:
                form.add_error(None, str(error.message))
                status = error.status
                if error.code == STALE:
                    _carry_present(form, organisation)
            else:
                messages.success(request, _("Saved."))
                return redirect("inventory:overview", organisation.id)
        status = max(status, 400)
    current = {
        "equipment": Equipment.objects.filter(organisation=organisation).select_related(
            "product__vendor"
        ),
        "products": Product.objects.filter(vendor=organisation).prefetch_related("versions"),
    }
    context = {
        "organisation": organisation,
        "may_manage": allowed(principal, Permission.INVENTORY_MANAGE, organisation),
        "is_vendor": organisation.kind == OrganisationKind.VENDOR,
        "is_operator": organisation.kind in OrganisationKind.operators(),
        "equipment_form": forms_by_name["equipment"],
        "links": list(overview_links.links(organisation.id)),
        "failed": chosen if status != 200 else "",  # noqa: PLR2004 - HTTP's own number
        **current,
    }
    return render(request, "inventory/overview.html", context, status=status)


def _carry_present(form: forms.Form, organisation: Organisation) -> None:
    """Let a refused declaration carry what it would replace: whoever sends it again was told."""
    if isinstance(form, EquipmentForm):
        present = Equipment.objects.current().filter(
            organisation=organisation, product=form.cleaned_data["product"]
        )
        for one in present:
            form.carry(one, declarations.EQUIPMENT_FIELDS)
            form.carry_anew()


def _declare(principal: Principal, organisation: Organisation, form: forms.Form) -> None:
    declarations.declare_equipment(
        principal=principal, organisation=organisation, **form.cleaned_data
    )


@require_GET
@page(Permission.INVENTORY_READ)
def equipment_csv(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The organisation's own equipment as CSV."""
    organisation = _organisation(request, organisation_id)
    response = attachment("", "equipment.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["vendor", "product", "versions", "declared_at"])
    items = Equipment.objects.current().filter(organisation=organisation)
    for item in items.select_related("product__vendor"):
        row = [item.product.vendor.name, item.product.name, item.versions]
        sheet.writerow([*map(harmless, row), item.created_at.date().isoformat()])
    return response


@require_POST
@page(Permission.INVENTORY_MANAGE)
def withdraw(
    request: HttpRequest, organisation_id: UUID, kind: str, declaration_id: UUID
) -> HttpResponse:
    """Withdraw a declaration; the same button restores it."""
    organisation = _organisation(request, organisation_id)
    if kind != "equipment":
        raise Http404
    found = get_object_or_404(Equipment, id=declaration_id, organisation=organisation)
    withdrawn = request.POST.get("act") != "restore"
    declarations.set_withdrawn(
        principal=principal_of(request), declaration=found, withdrawn=withdrawn
    )
    messages.success(
        request,
        _("Withdrawn. You can restore it below.") if withdrawn else _("It counts again."),
    )
    return redirect("inventory:overview", organisation.id)


@require_http_methods(["GET", "POST"])
@page(Permission.INVENTORY_MANAGE)
def product(
    request: HttpRequest, organisation_id: UUID, product_id: UUID | None = None
) -> HttpResponse:
    """Enter a product, or change one and its versions."""
    vendor = _organisation(request, organisation_id)
    principal = principal_of(request)
    require(principal, Permission.INVENTORY_MANAGE, vendor)
    found = get_object_or_404(Product, id=product_id, vendor=vendor) if product_id else None
    act = request.POST.get("act", "save") if request.method == "POST" else ""
    before = {} if found is None else {**vars(found), "aliases": "\n".join(found.aliases)}
    form = ProductForm(request.POST if act == "save" else None, product=found, initial=before)
    version_form = VersionForm(request.POST if act == "version" else None, prefix="v")
    status = 200
    if act:
        try:
            done = _product_act(act, principal, vendor, found, form, version_form, request)
        except DomainError as error:
            if act not in {"save", "version"}:
                raise  # no form holds what was typed: the page of the refusal says it
            (version_form if act == "version" else form).add_error(None, str(error.message))
            done, status = None, error.status
            if error.code == STALE:
                form.carry_anew()
        if done is not None:
            messages.success(request, _("Saved."))
            return redirect("inventory:product", vendor.id, done.id)
        status = max(status, 400)
    context = {
        "organisation": vendor,
        "product": found,
        "form": form,
        "version_form": version_form,
        "versions": found.versions.all() if found else [],
    }
    return render(request, "inventory/product.html", context, status=status)


def _product_act(
    act: str,
    principal: Principal,
    vendor: Organisation,
    found: Product | None,
    form: ProductForm,
    version_form: VersionForm,
    request: HttpRequest,
) -> Product | None:
    """Do one act of the product page; None means that its form wants another look."""
    if act == "save" and form.is_valid():
        return products.save_product(
            principal=principal, vendor=vendor, product=found, **form.cleaned_data
        )
    if found is None:
        return None
    if act == "version" and version_form.is_valid():
        products.add_version(principal=principal, product=found, **version_form.cleaned_data)
        return found
    if act in {"retire", "restore"}:
        products.set_retired(principal=principal, product=found, retired=act == "retire")
        return found
    if act == "remove-version":
        try:
            wanted = UUID(request.POST.get("version", ""))
        except ValueError as error:
            raise Http404 from error
        version = get_object_or_404(ProductVersion, id=wanted, product=found)
        products.remove_version(principal=principal, version=version)
        return found
    return None


@require_GET
@page(Permission.INVENTORY_PRODUCTS_READ)
def all_products(request: HttpRequest) -> HttpResponse:
    """All vendors' products, for members."""
    query = searched(request.GET, "q")
    visible = Product.objects.visible_to(principal_of(request)).current().select_related("vendor")
    if query:
        visible = visible.filter(name__icontains=query) | visible.filter(
            vendor__name__icontains=query
        )
    visible = visible.prefetch_related("versions")
    found = Paginator(visible, _PAGE).get_page(request.GET.get("page"))
    return render(request, "inventory/products.html", {"page": found, "query": query})
