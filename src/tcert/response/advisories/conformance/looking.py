"""One function for each requirement of CSAF 2.0 (section 7.1): what it finds on a hub."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached
from tcert.response.advisories import csaf, provider, validation
from tcert.response.advisories.conformance import shapes
from tcert.response.advisories.conformance.hub import (
    OK,
    Answer,
    Hub,
    answered,
    differences,
)

WELL_KNOWN = f"{provider.ROOT}provider-metadata.json"
SECURITY_TXT = "/.well-known/security.txt"
CLOSED_FOLDERS = ("green", "amber", "red")
HASHES = ("sha256", "sha512")
UNAUTHORIZED = 401


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


def judged(problems: Iterator[str], otherwise: str) -> Outcome:
    """Return that a requirement is not met, with the problems; or met, with the sentence."""
    found = tuple(problems)
    return Outcome(State.NOT_MET, found) if found else Outcome(State.MET, (otherwise,))


def _of_documents(hub: Hub, problems: Iterator[str], otherwise: str) -> Outcome:
    if not hub.count:
        return Outcome(State.NOT_APPLICABLE, (_("No advisory is published yet."),))
    return judged(problems, otherwise % {"n": len(hub.documents)})


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
            *(feed.get("url") for feed in hub.feeds),
            *(key.get("url") for key in hub.named("public_openpgp_keys") if isinstance(key, dict)),
        ]
        for address in named:
            if not str(address).startswith("https://"):
                yield _("The metadata names %(url)s.") % {"url": address}

    return judged(problems(), _("The hub's address and all that the metadata names is https."))


def free(hub: Hub) -> Outcome:
    """4: what is TLP:WHITE is free."""

    def problems() -> Iterator[str]:
        for served in hub.open.documents:
            if served.answer.status != OK:
                yield f"{served.path}: {answered(served.answer)}"

    if not hub.open.paths:
        return Outcome(State.NOT_APPLICABLE, (_("No advisory is public yet."),))
    got = _("Documents that a stranger got: %(n)d.") % {"n": len(hub.open.opened)}
    return judged(problems(), got)


def protected(hub: Hub) -> Outcome:
    """5: what is closer is not open; our rule is stricter and holds TLP:GREEN as well."""
    asked = _members_addresses(hub)

    found = (*_wrong_marks(hub), *_open_to_strangers(hub, asked))
    if found:
        return Outcome(State.NOT_MET, found)
    return Outcome(
        State.MET,
        (
            _("The hub puts nothing marked TLP:AMBER or TLP:RED on the web."),
            _("What is TLP:GREEN is read with a feed key only; addresses asked: %(n)d.")
            % {"n": len(asked)},
        ),
    )


def _wrong_marks(hub: Hub) -> Iterator[str]:
    for served in hub.documents:
        if served.label not in {served.folder.label, ""}:
            yield _("%(path)s stands in the folder %(folder)s and is TLP:%(label)s") % {
                "path": served.path,
                "folder": served.folder.level,
                "label": served.label,
            }


def _open_to_strangers(hub: Hub, asked: list[str]) -> Iterator[str]:
    for name in CLOSED_FOLDERS:
        for path in (f"{provider.ROOT}{name}/", f"{provider.ROOT}{name}/index.txt"):
            if hub.get(path).status == OK:
                yield _("%(path)s is open to strangers") % {"path": path}
    for path in (*hub.closed, *asked):
        if hub.get(path).status == OK:
            yield _("%(path)s is for members and open to strangers") % {"path": path}
    for path in asked:
        answer = hub.get(path)
        if answer.status != OK and not _asks_for_key(answer):
            yield _("%(path)s does not ask for a feed key: %(answered)s") % {
                "path": path,
                "answered": answered(answer),
            }


def _members_addresses(hub: Hub) -> list[str]:
    """Return the paths of the folder for members, at which a stranger must be asked for a key."""
    folder = hub.members
    names = [provider.feed_name(folder.level), provider.category_name(folder.level)]
    ends = ("", ".asc", *(f".{name}" for name in HASHES))
    names += [path + end for path in folder.opened for end in ends]
    return [folder.root + name for name in names]


def _asks_for_key(answer: Answer) -> bool:
    return answer.status == UNAUTHORIZED and answer.challenge.startswith("Basic ")


def no_redirects(hub: Hub) -> Outcome:
    """6: nothing that was fetched redirects; it is looked at last."""

    def problems() -> Iterator[str]:
        for path, answer in fetched:
            if answer.is_redirect:
                yield _("%(path)s sends the client to %(to)s") % {
                    "path": path,
                    "to": answer.location,
                }

    fetched = sorted([*hub.seen.items(), *hub.members.seen.items()], key=lambda one: one[0])
    count = len({path for path, _answer in fetched})
    asked = _("Addresses fetched, none of which redirects: %(n)d.") % {"n": count}
    return judged(problems(), asked)


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

    return judged(problems(), _("The file has the form that CSAF 2.0 gives it."))


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

    return judged(problems(), _("Its field CSAF leads to the metadata."))


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

    return judged(problems(), _("The path serves the metadata itself."))


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
        answer = hub.open.get("index.txt")
        if answer.status != OK:
            yield answered(answer)
            return
        lines = hub.index()
        yield from differences(set(lines), set(hub.open.paths))
        if len(lines) != len(set(lines)):
            yield _("A document is named twice.")

    return judged(
        problems(), _("It names every open document: %(n)d.") % {"n": len(hub.open.paths)}
    )


def changes(hub: Hub) -> Outcome:
    """13: `changes.csv`."""

    def problems() -> Iterator[str]:
        answer = hub.open.get("changes.csv")
        if answer.status != OK:
            yield answered(answer)
            return
        rows = hub.changes()
        if any(len(row) != 2 for row in rows):  # noqa: PLR2004 - path and time
            yield _("A line has not two columns.")
            return
        if answer.body.count(b'"') != 4 * len(rows):
            yield _("The values are not in quotes.")
        yield from differences({path for path, _at in rows}, set(hub.open.paths))
        times = [at for _path, at in rows]
        if times != sorted(times, reverse=True):
            yield _("The newest does not stand first.")
        newest = dict(reversed([(path, at) for path, at in rows]))
        for served in hub.open.documents:
            if newest.get(served.path, "") != served.tracking("current_release_date"):
                yield _("%(path)s has another time in it than in the document") % {
                    "path": served.path
                }

    return judged(
        problems(), _("It names every open document: %(n)d.") % {"n": len(hub.open.paths)}
    )


def listings(hub: Hub) -> Outcome:
    """14: folders can be listed."""

    def problems() -> Iterator[str]:
        years = {path.partition("/")[0] for path in hub.open.paths}
        for folder in ("", *(f"{year}/" for year in sorted(years))):
            answer = hub.open.get(folder)
            if answer.status != OK:
                yield f"{folder or './'}: {answered(answer)}"
                continue
            wanted = {f"{year}/" for year in years} | {"index.txt", "changes.csv"}
            if folder:
                inside = [path for path in hub.open.paths if path.startswith(folder)]
                ends = ("", ".asc", *(f".{name}" for name in HASHES))
                wanted = {path + end for path in inside for end in ends}
            for path in sorted(wanted - hub.links(folder)):
                yield _("%(folder)s does not list %(path)s") % {
                    "folder": folder or "./",
                    "path": path,
                }

    return judged(problems(), _("Every folder lists its files, without scripts."))


def hashes(hub: Hub) -> Outcome:
    """18: hash files."""

    def problems() -> Iterator[str]:
        for served in hub.documents:
            for name in HASHES:
                answer = served.folder.get(f"{served.path}.{name}")
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
            answer = served.folder.get(f"{served.path}.asc")
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

    return judged(
        problems(),
        _("Keys with the fingerprint that is given: %(n)d.") % {"n": len(hub.keys)},
    )


def _is_good(expires: datetime | None, revoked: bool, now: datetime) -> bool:
    return not revoked and (expires is None or expires > now)
