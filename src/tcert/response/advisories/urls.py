"""Addresses of advisories: the public ones, the coordinating team's, and the provider's files."""

from typing import Any

from django.urls import path, register_converter

from tcert.response.advisories import provider
from tcert.response.advisories.views import feeds, files, members, public, publish, selfcheck, work

app_name = "advisories"


class Number:
    """An advisory's number, in small or capital letters."""

    regex = r"[Tt][Cc][Ee][Rr][Tt]-[Ss][Aa]-\d{4}-\d{4,8}"

    def to_python(self, value: str) -> str:
        """Return it in capitals."""
        return value.upper()

    def to_url(self, value: Any) -> str:
        """Return it as given."""
        return str(value)


class Suffix:
    """What stands behind the name of a document's companion file."""

    regex = r"\.asc|\.sha256|\.sha512"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: Any) -> str:
        """Return it as it is."""
        return str(value)


class FileName:
    """A document's file name (CSAF 2.0 section 5.1)."""

    regex = r"[a-z0-9+_-]{1,70}\.json"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: Any) -> str:
        """Return it as it is."""
        return str(value)


class Year:
    """Four digits."""

    regex = r"\d{4}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: Any) -> str:
        """Return four digits."""
        return f"{int(value):04d}"


class Fingerprint:
    """A key's fingerprint, upper hex."""

    regex = r"[0-9A-F]{40}|[0-9A-F]{64}"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: Any) -> str:
        """Return it as it is."""
        return str(value)


register_converter(Number, "advisory_number")
register_converter(Suffix, "csaf_suffix")
register_converter(FileName, "csaf_name")
register_converter(Year, "csaf_year")
register_converter(Fingerprint, "fingerprint")

_TREE = ".well-known/csaf/"
_OPEN, _MEMBERS = f"{_TREE}{provider.OPEN}/", f"{_TREE}{provider.MEMBERS}/"
_WORK = "advisories/texts/<uuid:advisory_id>/"

urlpatterns = [
    path("advisories/", public.advisory_list, name="list"),
    path("advisories/feed.atom", feeds.atom_feed, name="atom"),
    path("advisories/texts/", work.work, name="work"),
    path("advisories/texts/self-check/", selfcheck.self_check, name="self-check"),
    path("advisories/texts/new/", work.start, name="start"),
    path("advisories/texts/case/<uuid:case_id>/", work.start_from_case, name="start-from-case"),
    path(_WORK, publish.text, name="text"),
    path(f"{_WORK}preview/", publish.preview, name="preview"),
    path(f"{_WORK}preview.json", publish.preview_json, name="preview-json"),
    path(f"{_WORK}review/", publish.review_page, name="review"),
    path(f"{_WORK}submit/", publish.submit, name="submit"),
    path(f"{_WORK}approve/", publish.approve, name="approve"),
    path(f"{_WORK}send-back/", publish.send_back, name="send-back"),
    path(f"{_WORK}keep-plan/", publish.keep_plan, name="keep-plan"),
    path(f"{_WORK}final-text/", publish.send_final_text, name="send-final-text"),
    path(f"{_WORK}schedule/", publish.schedule, name="schedule"),
    path(f"{_WORK}unschedule/", publish.unschedule, name="unschedule"),
    path(f"{_WORK}publish/", publish.publish, name="publish"),
    path(f"{_WORK}revise/", publish.revise, name="revise"),
    path(f"{_WORK}withdraw/", publish.withdraw, name="withdraw"),
    path(f"{_WORK}<slug:name>/", work.step, name="step"),
    path("advisories/final/<uuid:copy_id>/", publish.final, name="final"),
    path("advisories/<advisory_number:number>/", public.advisory, name="advisory"),
    path("advisories/<advisory_number:number>/<csaf_name:name>", public.document, name="document"),
    path(
        "advisories/<advisory_number:number>/<csaf_name:name><csaf_suffix:suffix>",
        public.document,
        name="document-file",
    ),
    path(f"{_TREE}provider-metadata.json", files.provider_metadata, name="provider-metadata"),
    path(f"{_TREE}openpgp/<fingerprint:fingerprint>.asc", files.public_key, name="public-key"),
    path(f"{_TREE}{provider.SERVICE}", feeds.rolie_service, name="rolie-service"),
    path(_OPEN, files.listing, name="tree"),
    path(f"{_OPEN}{provider.feed_name(provider.OPEN)}", feeds.rolie_feed, name="rolie-feed"),
    path(
        f"{_OPEN}{provider.category_name(provider.OPEN)}",
        feeds.rolie_categories,
        name="rolie-categories",
    ),
    path(f"{_OPEN}index.txt", files.index, name="index"),
    path(f"{_OPEN}changes.csv", files.changes, name="changes"),
    path(f"{_OPEN}<csaf_year:year>/", files.listing, name="year"),
    path(f"{_OPEN}<csaf_year:year>/<csaf_name:name>", files.open_document, name="open-document"),
    path(
        f"{_OPEN}<csaf_year:year>/<csaf_name:name><csaf_suffix:suffix>",
        files.open_document,
        name="open-file",
    ),
    path(
        f"{_MEMBERS}{provider.feed_name(provider.MEMBERS)}",
        members.rolie_feed,
        name="members-feed",
    ),
    path(
        f"{_MEMBERS}{provider.category_name(provider.MEMBERS)}",
        members.rolie_categories,
        name="members-categories",
    ),
    path(f"{_MEMBERS}<csaf_year:year>/<csaf_name:name>", members.document, name="members-document"),
    path(
        f"{_MEMBERS}<csaf_year:year>/<csaf_name:name><csaf_suffix:suffix>",
        members.document,
        name="members-file",
    ),
    path(".well-known/security.txt", files.security_txt, name="security-txt"),
]
