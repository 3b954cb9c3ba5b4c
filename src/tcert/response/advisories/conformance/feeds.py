"""Requirements 15 to 17 of CSAF 2.0 (section 7.1): the ROLIE files of both folders."""

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from tcert.response.advisories import provider
from tcert.response.advisories.conformance import shapes
from tcert.response.advisories.conformance.hub import Folder, Hub, differences, read
from tcert.response.advisories.conformance.looking import HASHES, Outcome, State, judged


def rolie(hub: Hub) -> Outcome:
    """15: the ROLIE feed."""

    def problems() -> Iterator[str]:
        for folder in hub.folders:
            yield from _feed_problems(hub, folder)

    return judged(
        problems(),
        _(
            "One feed for each marking holds every document: TLP:WHITE %(open)d, "
            "TLP:GREEN %(members)d."
        )
        % {"open": len(hub.open.paths), "members": len(hub.members.paths)},
    )


def _feed_problems(hub: Hub, folder: Folder) -> Iterator[str]:
    named = [f.get("url") for f in hub.feeds if f.get("tlp_label") == folder.label]
    if named != [provider.feed_address(hub.base_url, folder.level)]:
        yield _("The metadata does not name the one feed of TLP:%(label)s.") % {
            "label": folder.label
        }
    said, problem = folder.feed
    if problem:
        yield f"{provider.feed_name(folder.level)}: {problem}"
        return
    wrong = shapes.problems("feed", said)
    yield from wrong
    if not wrong:
        yield from _feed_differs(hub, folder, said["feed"])


def _feed_differs(hub: Hub, folder: Folder, feed: dict) -> Iterator[str]:
    root = provider.folder(hub.base_url, folder.level)
    if feed["link"][0]["href"] != provider.feed_address(hub.base_url, folder.level):
        yield _("Its link to itself leads elsewhere.")
    entries = {e["content"]["src"].removeprefix(root): e for e in feed["entry"]}
    yield from differences(set(entries), set(folder.paths))
    for path, entry in entries.items():
        links = {(link["rel"], link["href"].removeprefix(root)) for link in entry["link"]}
        wanted = {("self", path), ("signature", f"{path}.asc")}
        wanted |= {("hash", f"{path}.{name}") for name in HASHES}
        if not wanted <= links:
            yield _("The entry of %(path)s lacks a link to document, hash or signature.") % {
                "path": path
            }
    for served in folder.documents:
        entry = entries.get(served.path, {})
        same = (entry.get("id"), entry.get("updated")) == (
            served.tracking("id"),
            served.tracking("current_release_date"),
        )
        if entry and not same:
            yield _("The entry of %(path)s differs from the document.") % {"path": served.path}


def _named_file(
    hub: Hub, kind: str, shape: str, names: Callable[[str, dict], list[str]]
) -> Outcome:
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
            said, problem = read(answer)
            wrong = [problem] if problem else shapes.problems(shape, said)
            yield from (f"{address}: {one}" for one in (wrong or names(address, said)))

    return judged(problems(), _("It has the form that CSAF 2.0 gives it."))


def service(hub: Hub) -> Outcome:
    """16: the ROLIE service document."""

    def names(_address: str, said: dict) -> list[str]:
        listed = {c["href"] for w in said["service"]["workspace"] for c in w["collection"]}
        return list(differences(listed, {str(feed.get("url")) for feed in hub.feeds}))

    return _named_file(hub, "services", "service", names)


def categories(hub: Hub) -> Outcome:
    """17: the ROLIE category document."""

    def names(address: str, said: dict) -> list[str]:
        listed = {c["term"] for c in said["categories"]["category"]}
        folder = hub.members if hub.members.root in address else hub.open
        feed, problem = folder.feed
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
