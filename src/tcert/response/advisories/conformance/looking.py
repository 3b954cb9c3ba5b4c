"""One function for each requirement of CSAF 2.0 (section 7.1): what it finds on a hub."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached
from tcert.response.advisories import csaf, provider, validation
from tcert.response.advisories.conformance import shapes
from tcert.response.advisories.conformance.hub import OK, Hub, answered, differences

WELL_KNOWN = f"{provider.ROOT}provider-metadata.json"
SECURITY_TXT = "/.well-known/security.txt"
CLOSED_FOLDERS = ("green", "amber", "red")
HASHES = ("sha256", "sha512")


class State(StrEnum):
    """What came out."""

    MET = "met"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"
    NOT_CHECKABLE = "not checkable here"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A state and what was seen, in sentences."""

    state: State
    seen: tuple[str, ...]


def _judged(problems: Iterator[str], otherwise: str) -> Outcome:
    found = tuple(problems)
    return Outcome(State.NOT_MET, found) if found else Outcome(State.MET, (otherwise,))


def _of_documents(hub: Hub, problems: Iterator[str], otherwise: str) -> Outcome:
    if not hub.paths:
        return Outcome(State.NOT_APPLICABLE, (_("No advisory is public yet."),))
    return _judged(problems, otherwise % {"n": len(hub.opened)})


def valid(hub: Hub) -> Outcome:
    """1: schema and all mandatory tests."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            if served.problem:
                yield f"{served.path}: {served.problem}"
                continue
            for error in validation.validate(served.said).errors:
                yield f"{served.path}: {error.test} {error.path}: {error.message}"

    return _of_documents(
        hub, problems(), _("Documents that pass schema and mandatory tests: %(n)d.")
    )


def file_name(hub: Hub) -> Outcome:
    """2: the name follows from the document's id (section 5.1)."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            wanted = csaf.file_name(served.tracking("id"))
            if served.path.rpartition("/")[2] != wanted:
                yield _("%(path)s should be called %(name)s") % {
                    "path": served.path,
                    "name": wanted,
                }

    return _of_documents(hub, problems(), _("Names that follow from the document's id: %(n)d."))


def tls(hub: Hub) -> Outcome:
    """3: transport is encrypted, as far as the configuration says."""

    def problems() -> Iterator[str]:
        if not hub.base_url.startswith("https://"):
            yield _("The hub's address is %(url)s.") % {"url": hub.base_url}
            return  # all that the metadata names begins with it
        named = [
            *hub.named("distributions", "directory_url"),
            *(feed.get("url") for feed in _feeds(hub)),
            *(key.get("url") for key in hub.named("public_openpgp_keys") if isinstance(key, dict)),
        ]
        for address in named:
            if not str(address).startswith("https://"):
                yield _("The metadata names %(url)s.") % {"url": address}

    return _judged(problems(), _("The hub's address and all that the metadata names is https."))


def _feeds(hub: Hub) -> list[dict[str, object]]:
    return [f for f in hub.named("distributions", "rolie", "feeds") if isinstance(f, dict)]


def free(hub: Hub) -> Outcome:
    """4: what is TLP:WHITE is free."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            if served.answer.status != OK:
                yield f"{served.path}: {answered(served.answer)}"

    return _of_documents(hub, problems(), _("Documents that a stranger got: %(n)d."))


def protected(hub: Hub) -> Outcome:
    """5: what is closer is not open; our rule is stricter and holds TLP:GREEN as well."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            if served.label not in {"WHITE", ""}:
                yield _("%(path)s stands in the open folder and is TLP:%(label)s") % {
                    "path": served.path,
                    "label": served.label,
                }
        for name in CLOSED_FOLDERS:
            for path in (f"{provider.ROOT}{name}/", f"{provider.ROOT}{name}/index.txt"):
                if hub.get(path).status == OK:
                    yield _("%(path)s is open to strangers") % {"path": path}
        for path in hub.closed:
            if hub.get(path).status == OK:
                yield _("%(path)s is for members and open to strangers") % {"path": path}

    found = tuple(problems())
    if found:
        return Outcome(State.NOT_MET, found)
    none = _("The hub puts nothing marked TLP:AMBER or TLP:RED on the web.")
    return Outcome(State.NOT_APPLICABLE, (none,))


def no_redirects(hub: Hub) -> Outcome:
    """6: nothing that was fetched redirects; it is looked at last."""

    def problems() -> Iterator[str]:
        for path, answer in sorted(hub.seen.items()):
            if answer.is_redirect:
                yield _("%(path)s sends the client to %(to)s") % {
                    "path": path,
                    "to": answer.location,
                }

    asked = _("Addresses fetched, none of which redirects: %(n)d.") % {"n": len(hub.seen)}
    return _judged(problems(), asked)


def metadata(hub: Hub) -> Outcome:
    """7: `provider-metadata.json`."""

    def problems() -> Iterator[str]:
        said, problem = hub.metadata
        if problem:
            yield problem
            return
        yield from shapes.problems("metadata", said)
        if said.get("canonical_url") != f"{hub.base_url}{WELL_KNOWN}":
            yield _("It was fetched from another address than canonical_url says.")

    return _judged(problems(), _("The file has the form that CSAF 2.0 gives it."))


def security_txt(hub: Hub) -> Outcome:
    """8: the field CSAF of `security.txt` (RFC 9116)."""

    def problems() -> Iterator[str]:
        answer = hub.get(SECURITY_TXT)
        if answer.status != OK:
            yield answered(answer)
            return
        fields = [line.partition(": ") for line in answer.text.splitlines()]
        named = [value for name, _colon, value in fields if name == "CSAF"]
        if not named or named[0] != f"{hub.base_url}{WELL_KNOWN}":
            yield _("No first field CSAF leads to the metadata of this hub.")
        if any(not value.startswith("https://") for value in named):
            yield _("The field CSAF must begin with https://.")
        expires = next((value for name, _colon, value in fields if name == "Expires"), "")
        if not _is_later(expires, hub.now):
            yield _("It has expired: readers must not rely on it.")

    return _judged(problems(), _("Its field CSAF leads to the metadata."))


def _is_later(text: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) > now
    except (ValueError, TypeError):
        return False


def well_known(hub: Hub) -> Outcome:
    """9: the metadata's well-known address."""

    def problems() -> Iterator[str]:
        _said, problem = hub.metadata
        if problem:
            yield problem
        if not hub.base_url.startswith("https://"):
            yield _("It must be served by https.")

    return _judged(problems(), _("The path serves the metadata itself."))


def dns(_hub: Hub) -> Outcome:
    """10: the name `csaf.data.security.DOMAIN`."""
    said = _("A hub cannot see from inside what a name in the DNS leads others to.")
    return Outcome(State.NOT_CHECKABLE, (said,))


def years(hub: Hub) -> Outcome:
    """11: a folder per year of first release."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            year = served.tracking("initial_release_date")[:4]
            if served.path.partition("/")[0] != year:
                yield _("%(path)s was first released in %(year)s") % {
                    "path": served.path,
                    "year": year or "?",
                }

    return _of_documents(hub, problems(), _("Documents in their year's folder: %(n)d."))


def index(hub: Hub) -> Outcome:
    """12: `index.txt`."""

    def problems() -> Iterator[str]:
        answer = hub.in_folder("index.txt")
        if answer.status != OK:
            yield answered(answer)
            return
        lines = hub.index()
        yield from differences(set(lines), set(hub.paths))
        if len(lines) != len(set(lines)):
            yield _("A document is named twice.")

    return _judged(problems(), _("It names every open document: %(n)d.") % {"n": len(hub.paths)})


def changes(hub: Hub) -> Outcome:
    """13: `changes.csv`."""

    def problems() -> Iterator[str]:
        answer = hub.in_folder("changes.csv")
        if answer.status != OK:
            yield answered(answer)
            return
        rows = hub.changes()
        if any(len(row) != 2 for row in rows):  # noqa: PLR2004 - path and time
            yield _("A line has not two columns.")
            return
        if answer.body.count(b'"') != 4 * len(rows):
            yield _("The values are not in quotes.")
        yield from differences({path for path, _at in rows}, set(hub.paths))
        times = [at for _path, at in rows]
        if times != sorted(times, reverse=True):
            yield _("The newest does not stand first.")
        newest = dict(reversed([(path, at) for path, at in rows]))
        for served in hub.documents:
            if newest.get(served.path, "") != served.tracking("current_release_date"):
                yield _("%(path)s has another time in it than in the document") % {
                    "path": served.path
                }

    return _judged(problems(), _("It names every open document: %(n)d.") % {"n": len(hub.paths)})


def listings(hub: Hub) -> Outcome:
    """14: folders can be listed."""

    def problems() -> Iterator[str]:
        years = {path.partition("/")[0] for path in hub.paths}
        for folder in ("", *(f"{year}/" for year in sorted(years))):
            answer = hub.in_folder(folder)
            if answer.status != OK:
                yield f"{folder or './'}: {answered(answer)}"
                continue
            wanted = {f"{year}/" for year in years} | {"index.txt", "changes.csv"}
            if folder:
                inside = [path for path in hub.paths if path.startswith(folder)]
                ends = ("", ".asc", *(f".{name}" for name in HASHES))
                wanted = {path + end for path in inside for end in ends}
            for path in sorted(wanted - hub.links(folder)):
                yield _("%(folder)s does not list %(path)s") % {
                    "folder": folder or "./",
                    "path": path,
                }

    return _judged(problems(), _("Every folder lists its files, without scripts."))


def rolie(hub: Hub) -> Outcome:
    """15: the ROLIE feed."""

    def problems() -> Iterator[str]:
        open_feeds = [f.get("url") for f in _feeds(hub) if f.get("tlp_label") == "WHITE"]
        if open_feeds != [provider.feed_address(hub.base_url)]:
            yield _("The metadata does not name the one feed of TLP:WHITE.")
        said, problem = hub.feed
        if problem:
            yield f"{provider.FEED}: {problem}"
            return
        wrong = shapes.problems("feed", said)
        yield from wrong
        if not wrong:
            yield from _feed_differs(hub, said["feed"])

    return _judged(
        problems(), _("One feed holds every document of TLP:WHITE: %(n)d.") % {"n": len(hub.paths)}
    )


def _feed_differs(hub: Hub, feed: dict) -> Iterator[str]:
    folder = provider.folder(hub.base_url)
    if feed["link"][0]["href"] != provider.feed_address(hub.base_url):
        yield _("Its link to itself leads elsewhere.")
    entries = {e["content"]["src"].removeprefix(folder): e for e in feed["entry"]}
    yield from differences(set(entries), set(hub.paths))
    for path, entry in entries.items():
        links = {(link["rel"], link["href"].removeprefix(folder)) for link in entry["link"]}
        wanted = {("self", path), ("signature", f"{path}.asc")}
        wanted |= {("hash", f"{path}.{name}") for name in HASHES}
        if not wanted <= links:
            yield _("The entry of %(path)s lacks a link to document, hash or signature.") % {
                "path": path
            }
    for served in hub.documents:
        entry = entries.get(served.path, {})
        same = (entry.get("id"), entry.get("updated")) == (
            served.tracking("id"),
            served.tracking("current_release_date"),
        )
        if entry and not same:
            yield _("The entry of %(path)s differs from the document.") % {"path": served.path}


def _named_file(hub: Hub, kind: str, shape: str, names: Callable[[dict], list[str]]) -> Outcome:
    """Judge the optional ROLIE files: one that the metadata names must be there and be right."""
    addresses = hub.named("distributions", "rolie", kind)
    if not addresses:
        return Outcome(State.NOT_APPLICABLE, (_("The metadata names none; it is optional."),))

    def problems() -> Iterator[str]:
        for address in map(str, addresses):
            answer = hub.at(address)
            if answer is None:
                yield _("%(url)s stands outside this hub and was not fetched") % {"url": address}
                continue
            said, problem = hub.json(address.removeprefix(hub.base_url))
            wrong = [problem] if problem else shapes.problems(shape, said)
            yield from (f"{address}: {one}" for one in (wrong or names(said)))

    return _judged(problems(), _("It has the form that CSAF 2.0 gives it."))


def service(hub: Hub) -> Outcome:
    """16: the ROLIE service document."""

    def names(said: dict) -> list[str]:
        listed = {c["href"] for w in said["service"]["workspace"] for c in w["collection"]}
        return list(differences(listed, {str(feed.get("url")) for feed in _feeds(hub)}))

    return _named_file(hub, "services", "service", names)


def categories(hub: Hub) -> Outcome:
    """17: the ROLIE category document."""

    def names(said: dict) -> list[str]:
        listed = {c["term"] for c in said["categories"]["category"]}
        feed, problem = hub.feed
        if problem or shapes.problems("feed", feed):
            return []  # requirement 15 says what is wrong with it
        used = {
            c["term"]
            for entry in feed["feed"]["entry"]
            for c in entry.get("category", [])
            if "scheme" not in c
        }
        return list(differences(listed, used))

    return _named_file(hub, "categories", "categories", names)


def hashes(hub: Hub) -> Outcome:
    """18: hash files."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            for name in HASHES:
                answer = hub.in_folder(f"{served.path}.{name}")
                if answer.status != OK:
                    yield f"{served.path}.{name}: {answered(answer)}"
                    continue
                said = answer.text.split()[:1]
                if said != [hashlib.new(name, served.answer.body).hexdigest()]:
                    yield _("%(path)s.%(name)s is of other bytes") % {
                        "path": served.path,
                        "name": name,
                    }

    return _of_documents(hub, problems(), _("Documents whose SHA-256 and SHA-512 fit: %(n)d."))


def signatures(hub: Hub) -> Outcome:
    """19: signatures, verified with the published keys."""
    keys = [key.certificate.certificate for key in hub.keys if key.certificate]

    def holds(data: bytes, signature: bytes) -> bool:
        for key in keys:
            try:
                verify_detached(data, signature, key)
            except SignatureRefused:
                continue
            return True
        return False

    def problems() -> Iterator[str]:
        for served in hub.documents:
            answer = hub.in_folder(f"{served.path}.asc")
            if answer.status != OK:
                yield f"{served.path}.asc: {answered(answer)}"
            elif not holds(served.answer.body, answer.body):
                yield _("%(path)s.asc is of no key that the metadata names") % {"path": served.path}

    return _of_documents(hub, problems(), _("Signatures that fit the published keys: %(n)d."))


def keys(hub: Hub) -> Outcome:
    """20: the public keys."""

    def problems() -> Iterator[str]:
        if not hub.keys:
            yield _("The metadata names no key.")
        for key in hub.keys:
            if key.certificate is None:
                yield f"{key.claimed}: {key.problem}"
            elif key.certificate.fingerprint != key.claimed:
                yield _("%(claimed)s is claimed and %(found)s is served") % {
                    "claimed": key.claimed or "?",
                    "found": key.certificate.fingerprint,
                }
            elif key.certificate.weak:
                yield _("%(key)s is too weak") % {"key": key.claimed}
        present = [key.certificate for key in hub.keys if key.certificate]
        if present and not any(_is_good(c.expires, c.revoked, hub.now) for c in present):
            yield _("No key is valid now: all have expired or were revoked.")

    return _judged(
        problems(),
        _("Keys with the fingerprint that is given: %(n)d.") % {"n": len(hub.keys)},
    )


def _is_good(expires: datetime | None, revoked: bool, now: datetime) -> bool:
    return not revoked and (expires is None or expires > now)
