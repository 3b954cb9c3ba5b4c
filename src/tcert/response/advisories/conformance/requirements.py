"""Requirements 1 to 20 of CSAF 2.0 (section 7.1): how each is checked, and what cures it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.response.advisories.conformance import feeds, looking
from tcert.response.advisories.conformance.hub import Hub
from tcert.response.advisories.conformance.looking import Outcome, State

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement; `how` says what is looked at, `cure` what to do when it is not met."""

    number: int
    title: Words
    how: Words
    cure: Words
    look: Callable[[Hub], Outcome]


@dataclass(frozen=True, slots=True)
class Result:
    """A requirement with what came out."""

    requirement: Requirement
    outcome: Outcome

    @property
    def state(self) -> State:
        """Return what came out."""
        return self.outcome.state

    @property
    def needs_cure(self) -> bool:
        """Tell whether somebody must do, or look at, what the cure says."""
        return self.state in {State.NOT_MET, State.NOT_CHECKABLE}

    def to_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "number": self.requirement.number,
            "title": str(self.requirement.title),
            "state": self.state,
            "how": str(self.requirement.how),
            "seen": list(self.outcome.seen),
            "cure": str(self.requirement.cure) if self.needs_cure else "",
        }


_BUG = _("The hub writes this file itself: report it as a fault, with this answer.")
REQUIREMENTS = (
    Requirement(
        1,
        _("Valid documents"),
        _("Each document is fetched and held against the schema and all mandatory tests."),
        _("Open the advisory for a new release, mend what is named, have it approved."),
        looking.valid,
    ),
    Requirement(
        2,
        _("File names"),
        _("Each name is compared with the id that the document gives."),
        _BUG,
        looking.file_name,
    ),
    Requirement(
        3,
        _("Encrypted transport (TLS)"),
        _(
            "Read from TCERT_BASE_URL and from every address in the metadata. The certificate of "
            "your web server, and whether it answers without TLS as well, is not seen from inside."
        ),
        _("Put a web server with TLS before the hub and set TCERT_BASE_URL to https://…"),
        looking.tls,
    ),
    Requirement(
        4,
        _("TLP:WHITE is free"),
        _("Each document is fetched as a stranger without a cookie."),
        _("Something before the hub or in its settings asks for a sign-in: take it away."),
        looking.free,
    ),
    Requirement(
        5,
        _("TLP:AMBER and TLP:RED are protected, and TLP:GREEN"),
        _(
            "The mark in each document is read; folders of closer marks, the feed of TLP:GREEN and "
            "its documents are asked for as a stranger, who must be asked for a feed key."
        ),
        _("Take the hub off the network until you know why, and tell the desk."),
        looking.protected,
    ),
    Requirement(
        6,
        _("No redirects"),
        _("All that the other requirements fetched is looked through for redirects."),
        _("Serve the addresses of the metadata directly, by the host name in TCERT_BASE_URL."),
        looking.no_redirects,
    ),
    Requirement(
        7,
        _("provider-metadata.json"),
        _("The file is fetched and held against the form of CSAF 2.0, section 7.1.7."),
        _("Name a desk, and give its organisation a name, a kind and a public mail address."),
        looking.metadata,
    ),
    Requirement(
        8,
        _("security.txt"),
        _("The file is fetched, its field CSAF and its end of validity are read."),
        _("Serve the hub by https; if your web server has a file of its own, add the line."),
        looking.security_txt,
    ),
    Requirement(
        9,
        _("Well-known address"),
        _(
            "The metadata is fetched from /.well-known/csaf/ of this hub. Whether that is your "
            "main domain, only you know."
        ),
        _("Serve the hub by https, or have your main domain's web server pass this path on."),
        looking.well_known,
    ),
    Requirement(
        10,
        _("DNS name csaf.data.security.DOMAIN"),
        _("Not checked: the hub asks nobody about names. One of 8, 9 and 10 is enough."),
        _("From outside: does https://csaf.data.security.DOMAIN serve the metadata itself?"),
        looking.dns,
    ),
    Requirement(
        11,
        _("One folder per year"),
        _("The folder is compared with the date of first release in each document."),
        _BUG,
        looking.years,
    ),
    Requirement(
        12,
        _("index.txt"),
        _("Its lines are compared with the open documents in the database."),
        _BUG,
        looking.index,
    ),
    Requirement(
        13,
        _("changes.csv"),
        _("Its lines are compared with the database, its times with the documents."),
        _BUG,
        looking.changes,
    ),
    Requirement(
        14,
        _("Directory listings"),
        _("Every folder is fetched, its links are compared with the database."),
        _BUG,
        looking.listings,
    ),
    Requirement(
        15,
        _("ROLIE feed"),
        _(
            "Fetched, that of TLP:GREEN as a member's program, held against the form of section "
            "7.1.15, compared with the database."
        ),
        _BUG,
        feeds.rolie,
    ),
    Requirement(
        16,
        _("ROLIE service document"),
        _("Fetched, held against the form of section 7.1.16, compared with the metadata."),
        _BUG,
        feeds.service,
    ),
    Requirement(
        17,
        _("ROLIE category document"),
        _("Fetched, held against the form of section 7.1.17, compared with their feeds."),
        _BUG,
        feeds.categories,
    ),
    Requirement(
        18,
        _("Hashes"),
        _("SHA-256 and SHA-512 of each fetched document are computed and compared."),
        _("Compare the document with a backup: its bytes in the database were changed."),
        looking.hashes,
    ),
    Requirement(
        19,
        _("Signatures"),
        _("Each signature is verified over the fetched bytes with the published keys."),
        _("Compare the document with a backup; a changed one must be released anew."),
        looking.signatures,
    ),
    Requirement(
        20,
        _("Public key"),
        _("Each key that the metadata names is fetched, its fingerprint computed."),
        _("Make the hub's key (tcert hub-key create), or prolong it (tcert hub-key)."),
        looking.keys,
    ),
)


def check(hub: Hub) -> tuple[Result, ...]:
    """Check all requirements, the one about redirects last: it looks at all that was fetched."""
    order = sorted(REQUIREMENTS, key=lambda r: (r.look is looking.no_redirects, r.number))
    results = [Result(requirement, requirement.look(hub)) for requirement in order]
    return tuple(sorted(results, key=lambda result: result.requirement.number))


def supported_role(results: Iterable[Result]) -> str:
    """Return the highest role of section 7.2 that the results support; nothing for none."""
    state = {result.requirement.number: result.state for result in results}

    def hold(*numbers: int) -> bool:
        return all(state[n] is not State.NOT_MET for n in numbers)

    found = any(state[n] is State.MET for n in (8, 9, 10))
    distributed = hold(11, 12, 13, 14) or hold(15, 16, 17)
    if not hold(1, 2, 3, 4):
        return ""
    if not (hold(5, 6, 7) and found and distributed):
        return "csaf_publisher"
    return "csaf_trusted_provider" if hold(18, 19, 20) else "csaf_provider"
