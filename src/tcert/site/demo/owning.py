"""Who owns telecom security at one operator of the demonstration: named, confirmed, and gaps."""

from datetime import timedelta

from tcert.community.responsibility.domain import answers, entries, participation
from tcert.community.responsibility.domain import chain as chains
from tcert.community.responsibility.domain.entries import FIELDS, Wanted
from tcert.community.responsibility.enums import Refusal
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.shown import mark
from tcert.foundation.kernel.tlp import Tlp
from tcert.site.demo.community import Side

NAMED = {
    "governance": ("Signe Aalto", "Chief information security officer", ["Security governance"]),
    "core": ("Mikael Berg", "Head of core networks", ["Core operations", "Core engineering"]),
    "ran": ("Petra Nyman", "Head of radio", ["Radio operations"]),
    "transport": ("Mikael Berg", "Head of core networks", ["IP and transport"]),
    "ims": ("Mikael Berg", "Head of core networks", ["Voice platforms"]),
    "roaming": ("Lauri Koskela", "Head of roaming and wholesale", ["Roaming", "Clearing"]),
    "subscriber-data": ("Mikael Berg", "Head of core networks", ["Subscriber data"]),
    "lawful-interception": ("Irma Salo", "Officer for lawful interception", ["LI unit"]),
    "oss-bss": ("Teemu Lahti", "Head of IT platforms", ["OSS", "Billing"]),
    "cloud": ("Mikael Berg", "Head of core networks", ["Cloud platform"]),
    "supply-chain": ("Aino Virta", "Head of procurement", ["Vendor management"]),
}
"""Domain, name, role, teams; who is not here has an account, or nobody is named."""
NOT_CONFIRMED = {"oss-bss", "supply-chain"}
OVERDUE = {"roaming"}
REFUSED = "ran"


def name_owners(side: Side) -> None:
    """Let an operator have begun a matrix, with everything that a reader may meet in one."""
    now, boss = clock.now(), side.principal()
    with clock.frozen(now - timedelta(days=100)):
        matrix = participation.begin(principal=boss, organisation=side.organisation)
        _name(side, matrix)
        for code in OVERDUE:
            _confirm(matrix, code)
    with clock.frozen(now - timedelta(days=20)):
        for code in {*NAMED} - NOT_CONFIRMED - OVERDUE - {REFUSED}:
            _confirm(matrix, code)
        mine = _entry(matrix, "incident-command")
        answers.confirm(principal=boss, entry=mine, shown=mark(mine, FIELDS))
        _chain(side, matrix)
        _refuse(matrix)


def _name(side: Side, matrix: Matrix) -> None:
    boss = side.principal()
    wanted = [
        Wanted(
            _entry(matrix, code),
            None,
            {
                "name": name,
                "role_title": role,
                "mail": f"{name.split()[0].lower()}@{side.party.domain}",
                "phone": f"+999 0001 {number:04}",
                "responsible": teams,
                "consulted": [side.team.name],
                "tlp": Tlp.GREEN if code == "roaming" else Tlp.AMBER,
            },
        )
        for number, (code, (name, role, teams)) in enumerate(NAMED.items())
    ]
    account = {"person": side.players[0].person, "role_title": "Head of the CERT"}
    wanted += [
        Wanted(_entry(matrix, code), None, {**account, "phone": "+999 0001 0100"})
        for code in ("signalling", "incident-command")
    ]
    entries.change(principal=boss, matrix=matrix, wanted=wanted)


def _entry(matrix: Matrix, code: str) -> Entry:
    return Entry.objects.select_related("person", "matrix").get(matrix=matrix, domain=code)


def _confirm(matrix: Matrix, code: str) -> None:
    """Let somebody without an account have confirmed by a link."""
    now = clock.now()
    Entry.objects.filter(matrix=matrix, domain=code).update(confirmed_at=now)


def _refuse(matrix: Matrix) -> None:
    entry = _entry(matrix, REFUSED)
    entry.refused_at, entry.refusal = clock.now(), Refusal.MOVED
    entry.remark = "I lead the fibre programme since spring. Ask Petri Oja."
    entry.save()


def _chain(side: Side, matrix: Matrix) -> None:
    first, second = side.players[0].person, side.players[-1].person
    step = {"name": "", "hours": "round the clock"}
    chains.change(
        principal=side.principal(),
        matrix=matrix,
        shown=chains.mark_of(matrix),
        steps=[
            {
                **step,
                "person_id": first.id,
                "role_title": "Head of the CERT",
                "phone": "+999 0001 0101",
            },
            {**step, "person_id": second.id, "role_title": "Deputy", "phone": "+999 0001 0102"},
            {
                "person_id": None,
                "name": "Mikael Berg",
                "role_title": "Head of core networks",
                "phone": "+999 0001 0001",
                "hours": "08:00-18:00 on working days",
            },
        ],
        nobody="Call the control room on +999 0001 9999 (another operator's line) and ask for the "
        "shift leader; nobody there: go to the main exchange, gate 2.",
    )
