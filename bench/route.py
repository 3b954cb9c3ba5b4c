"""How quickly observations are routed, beside IntelMQ and beside the bare parsing of their lines.

Everything is generated from one seed and measured in one run, by processor time. Each lane goes
once over a long file, knowing nothing when it begins, and all of that pass counts. On a machine
that others use, time is lent out in pieces, so the sides work on short slices by turns: the floor
on the very lines of each lane.
"""

import argparse
import gc
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import orjson

from bench import captures, cpu
from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk.batch import decoded, route_batch
from tcert.response.bulk.claimsfile import read_claims
from tcert.response.bulk.memory import Memory
from tcert.response.bulk.outputs import Folder
from tcert.response.bulk.running import identified, run
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State
from tcert.response.snapshot.snapshot import Snapshot

SEED = 20_261_130
SLICE, BATCH = 4_000, 1_000
THEIR_LINES = 20_000
LINE = 400
"""Octets of a line on average, with its end."""
DISTINCT = 0.1
"""Share of distinct identifiers, of each kind."""
ALL, ONE = 1.0, 0.0
DAY, NOW = date(2026, 11, 1), datetime(2026, 11, 30, tzinfo=UTC)
INTELMQ = ("intelmq==3.5.0", "pyasn==1.6.2")
GOALS = {
    "ratio_intelmq": 30,
    "ratio_floor": 6,
    "ratio_tshark": 5,
    "telecom": 100_000,
    "compile": 60,
}


def main() -> int:
    """Measure and print a table; with `--json` the last line is one object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lines", type=int, default=600_000)
    parser.add_argument("--claims", type=int, default=2_000_000)
    parser.add_argument("--prefixes", type=int, default=500_000)
    parser.add_argument("--no-intelmq", action="store_true", help="leave out what must be fetched")
    parser.add_argument("--packets", type=int, default=20_000, help="of the capture; 0: none")
    parser.add_argument("--child", choices=[*_CHILDREN], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_CHILDREN[options.child](options)))
        return 0
    load = cpu.load()
    found = _lanes(options)
    for child in _CHILDREN:
        found |= _child(child, options)
    found |= _beside_tshark(options.packets)
    print(f"load {load:.1f} before, {cpu.load():.1f} after; processor time of one core")
    for name, value in found.items():
        print(f"{name:48}{value:>14,.1f}")
    if options.json:
        names = ("ratio_intelmq", "ratio_floor", "ratio_tshark", "peak_mib")
        print(json.dumps({name: round(found[name], 2) for name in names if name in found}))
    return 0


def networks(count: int, seed: random.Random) -> list[tuple[str, int]]:
    """Return networks with the AS that announces each, spread over the IPv4 space."""
    found = {}
    while len(found) < count:
        length = seed.choice((12, 14, 16, 18, 20, 22, 24, 24, 24, 24))
        first = seed.randrange(1 << 24, 224 << 24) >> 32 - length << 32 - length
        found[f"{_dotted(first)}/{length}"] = seed.randrange(1, 30_000)
    return list(found.items())


def address_lines(count: int, seed: random.Random, distinct: float = DISTINCT) -> Iterator[bytes]:
    """Yield events as a scan of the Internet sends them, in IntelMQ's names."""
    address = _drawn(count, seed, distinct, lambda: _dotted(seed.randrange(1 << 24, 224 << 24)))
    for _ in range(count):
        yield _line(
            {
                "time.source": _time(seed),
                "source.ip": address(),
                "source.port": seed.randrange(1024, 65536),
                "protocol.transport": "udp",
                "protocol.application": "gtp",
                "classification.taxonomy": "vulnerable",
                "classification.type": "vulnerable-system",
                "classification.identifier": "open-gtp-c",
                "feed.name": "Accessible GTP services on the public Internet",
                "feed.provider": "Example Scanning Foundation",
            }
        )


def telecom_lines(count: int, seed: random.Random, distinct: float = DISTINCT) -> Iterator[bytes]:
    """Yield what a signalling firewall reports: calling title, subscriber, number."""
    title = _drawn(count, seed, distinct, lambda: f"+49{seed.randrange(10**9, 10**10)}")
    subscriber = _drawn(
        count,
        seed,
        distinct,
        lambda: f"{seed.randrange(200, 700)}{seed.randrange(10**11):012}",
    )
    number = _drawn(count, seed, distinct, lambda: f"+336{seed.randrange(10**8):08}")
    for _ in range(count):
        yield _line(
            {
                "time.source": _time(seed),
                "source.gt": title(),
                "destination.imsi": subscriber(),
                "destination.msisdn": number(),
                "ss7.operation": "provideSubscriberInfo",
                "signalling.category": "category 2",
                "protocol.application": "map",
                "classification.type": "signalling attack",
                "feed.name": "SS7 firewall",
                "feed.provider": "Example Operator",
            }
        )


def _drawn(
    count: int, seed: random.Random, distinct: float, make: Callable[[], str]
) -> Callable[[], str]:
    """Return what gives the next identifier: a new one each time, or one of so large a share."""
    if distinct == ALL:
        return make
    some = [make() for _ in range(max(1, int(count * distinct)))]
    return lambda: seed.choice(some)


def address_table(prefixes: list[tuple[str, int]]) -> Iterator[Entry]:
    """Yield announcements, and claims on every AS."""
    for network, number in prefixes:
        yield _imported(Kind.CIDR, network, f"AS{number}", Role.ORIGIN)
    for number in range(1, 30_000):
        yield _claimed(Kind.ASN, str(number), f"org-{number % 2_000}")


def telecom_table(seed: random.Random) -> Iterator[Entry]:
    """Yield ranges of titles and numbers, and networks, that cover what the lines name."""
    for n in range(1_000, 10_000):
        yield _claimed(Kind.GT_RANGE, f"+49{n}", f"org-{n % 2_000}")
    for n in range(100):
        yield _claimed(Kind.MSISDN_RANGE, f"+336{n:02}", f"org-{n}")
    for mcc in range(200, 700):
        for mnc in range(0, 100, 2):
            yield _claimed(Kind.PLMN, f"{mcc}-{mnc:02}", f"org-{seed.randrange(2_000)}")


def many_claims(claims: int, prefixes: int) -> Iterator[Entry]:
    """Yield claims of 20,000 organisations, six of ten on numbers, and announcements."""
    seed = random.Random(SEED)
    for n in range(claims):
        party = f"org-{n % 20_000}"
        if n % 5 < 3:  # noqa: PLR2004 - six of ten
            yield _claimed(Kind.GT_RANGE, f"+49{seed.randrange(10**8, 10**9)}", party)
        elif n % 5 == 3:  # noqa: PLR2004
            yield _claimed(Kind.CIDR, f"{_dotted(seed.randrange(1 << 24, 224 << 24))}/32", party)
        else:
            yield _claimed(Kind.DOMAIN, f"h{n}.example{n % 1_000}.net", party)
    for _ in range(prefixes):
        first = seed.randrange(1 << 24, 224 << 24) >> 8 << 8
        yield _imported(Kind.CIDR, f"{_dotted(first)}/24", f"AS{n % 70_000}", Role.ORIGIN)


def _lanes(options: argparse.Namespace) -> dict[str, float]:
    """Send every lane once over its file, by turns with IntelMQ."""
    seed = random.Random(SEED)
    count, prefixes = options.lines, networks(100_000, seed)
    addresses, telecom = compiled(address_table(prefixes)), compiled(telecom_table(seed))
    lanes = {
        "addresses, 1 of 10 distinct": _Lane(addresses, address_lines(count, seed)),
        "addresses, all distinct": _Lane(addresses, address_lines(count, seed, ALL)),
        "addresses, one only": _Lane(addresses, address_lines(count, seed, ONE)),
        "telecom, 1 of 10 of each distinct": _Lane(telecom, telecom_lines(count, seed)),
        "telecom, all distinct": _Lane(telecom, telecom_lines(count, seed, ALL)),
    }
    gc.collect()
    gc.freeze()
    with ExitStack() as stack:
        theirs = None
        if not options.no_intelmq:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            lines = list(address_lines(THEIR_LINES, seed))
            theirs = stack.enter_context(_intelmq(folder, prefixes, lines))
        turns = -(-count // SLICE)
        spent = 0.0
        for turn in range(turns):
            for lane in lanes.values():
                lane.step()
            if theirs is not None:
                spent += _theirs(theirs, turn * THEIR_LINES // turns, THEIR_LINES // turns)
    first = lanes["addresses, 1 of 10 distinct"]
    found = {"floor: orjson.loads, lines/s": first.lines / first.floor}
    found |= {f"{name}, lines/s": lane.lines / lane.seconds for name, lane in lanes.items()}
    found["ratio_floor"] = first.seconds / first.floor
    found["octets of a line"] = first.octets / first.lines
    if theirs is not None:
        found["IntelMQ 3.5.0, lines/s"] = speed = turns * (THEIR_LINES // turns) / spent
        found["ratio_intelmq"] = first.lines / first.seconds / speed
    return found


class _Lane:
    """One pass of the engine, which begins knowing nothing, and the bare parsing of its lines."""

    def __init__(self, snapshot: Snapshot, lines: Iterator[bytes]) -> None:
        self.memory = Memory(snapshot)
        self.source = lines
        self.lines = self.octets = 0
        self.seconds = self.floor = 0.0

    def step(self) -> None:
        """Do the next slice, both ways."""
        part = list(islice(self.source, SLICE))
        self.octets += sum(map(len, part)) + len(part)
        self.floor += _parse(part)
        began = time.process_time()
        for at in range(0, len(part), BATCH):
            routed = route_batch(
                self.memory.snapshot,
                decoded(part[at : at + BATCH]),
                now=NOW,
                first_line=self.lines + at,
                memory=self.memory,
            )
            for pieces in routed.lines.values():
                b"".join(pieces)
        self.seconds += time.process_time() - began
        self.lines += len(part)


def _parse(lines: list[bytes]) -> float:
    loads = orjson.loads
    began = time.process_time()
    for line in lines:
        loads(line)
    return time.process_time() - began


_THEIRS = '''
import json, sys, time
from intelmq.bots.experts.asn_lookup.expert import ASNLookupExpertBot
from intelmq.lib.bot import BotLibSettings, ExpertBot
class Contact(ExpertBot):
    """The quickest contact expert there can be: one dictionary."""
    def process(self):
        event = self.receive_message()
        found = CONTACTS.get(event.get("source.asn"))
        if found:
            event.add("source.abuse_contact", found, overwrite=True)
        self.send_message(event)
        self.acknowledge_message()
CONTACTS = {n: f"abuse@org-{n % 2000}.example" for n in range(1, 30000)}
settings = {"logging_level": "ERROR"}
asn = ASNLookupExpertBot("asn", settings=BotLibSettings | settings | {"database": sys.argv[1]})
contact = Contact("contact", settings=BotLibSettings | settings)
lines = open(sys.argv[2], "rb").read().splitlines()
for turn in sys.stdin:
    at, count = map(int, turn.split())
    began = time.process_time()
    for line in lines[at:at + count]:
        (event,) = asn.process_message(json.loads(line))["output"]
        (event,) = contact.process_message(event)["output"]
        event.to_json()
    print(time.process_time() - began, flush=True)
'''


def _intelmq(
    folder: Path, prefixes: list[tuple[str, int]], lines: list[bytes]
) -> subprocess.Popen[str]:
    """Install IntelMQ in an environment of its own and start what does lines when told to."""
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *INTELMQ], check=True, stderr=subprocess.DEVNULL)
    database, events = folder / "ipasn.dat", folder / "events.jsonl"
    database.write_text("".join(f"{network}\t{number}\n" for network, number in prefixes))
    events.write_bytes(b"\n".join(lines))
    script = folder / "theirs.py"
    script.write_text(_THEIRS)
    words = [python, script, database, events]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd=folder)


def _theirs(process: subprocess.Popen[str], at: int, count: int) -> float:
    """Return the seconds that IntelMQ takes for some lines."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{at} {count}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _compile(options: argparse.Namespace) -> dict[str, float]:
    gc.disable()
    began = time.process_time()
    for _ in many_claims(options.claims, options.prefixes):
        pass
    made = time.process_time() - began
    began = time.process_time()
    snapshot = compiled(many_claims(options.claims, options.prefixes))
    seconds = time.process_time() - began - made
    return {"entries": snapshot.entries, "compile, s": seconds, "compile, peak MiB": _peak()}


def _run(options: argparse.Namespace) -> dict[str, float]:
    """Run all from file to folder, every address distinct, 2,000 parties."""
    return _whole(options, "all distinct", ALL) | {"peak_mib": _peak()}


def _run_of_one(options: argparse.Namespace) -> dict[str, float]:
    """Run all from file to folder, one address in all lines."""
    return _whole(options, "one address", ONE)


def _whole(options: argparse.Namespace, said: str, distinct: float) -> dict[str, float]:
    seed = random.Random(SEED)
    snapshot = compiled(address_table(networks(100_000, seed)))
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "events.jsonl"
        with path.open("wb") as file:
            file.writelines(b"%b\n" % one for one in address_lines(options.lines, seed, distinct))
        began, before = time.process_time(), _peak()
        told = {"files": identified([str(path)]), "now": NOW.isoformat()}
        run(
            Folder(Path(name) / "out", told),
            [str(path)],
            snapshot,
            wanted=None,
            jobs=1,
            progress=lambda _name, _block: None,
        )
        seconds = time.process_time() - began
    return {
        f"whole run with tables, {said}, lines/s": options.lines / seconds,
        f"{said}: before the run, peak MiB": before,
        f"{said}: after it, peak MiB": _peak(),
    }


def _claims(options: argparse.Namespace) -> dict[str, float]:
    """Read claims from a file and compile them."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "claims.csv"
        with path.open("w") as file:
            file.write("kind,value,party,role,state\n")
            for one in many_claims(options.claims, options.prefixes):
                file.write(f"{one.kind},{one.value},{one.party},{one.role},{one.state}\n")
        began = time.process_time()
        found = read_claims(path, DAY)
        snapshot = compiled(one for one in found if not isinstance(one, tuple))
        seconds = time.process_time() - began
    assert snapshot.entries == options.claims + options.prefixes
    return {"claims of a file, read and compiled, s": seconds, "the same, peak MiB": _peak()}


_CHILDREN = {"compile": _compile, "claims": _claims, "run": _run, "one": _run_of_one}


def _child(name: str, options: argparse.Namespace) -> dict[str, float]:
    """Measure in a process of its own, whose memory is its own."""
    words = [f"--{key}={getattr(options, key)}" for key in ("lines", "claims", "prefixes")]
    command = [sys.executable, "-m", "bench.route", "--child", name, *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _beside_tshark(packets: int) -> dict[str, float]:
    """Return how much quicker than tshark captures are scanned, subscribers known and all new."""
    if not packets or shutil.which("tshark") is None:
        return {}
    known, new = (captures.measure(packets, 2, subscribers=n) for n in (5_000, 10 * packets))
    return {
        "captures: our scan, packets/s": float(known["scan_packets_per_cpu_s"]),
        "tshark, packets/s": float(known["tshark_packets_per_cpu_s"]),
        "ratio_tshark": float(known["ratio_tshark"]),
        "ratio_tshark, every subscriber new": float(new["ratio_tshark"]),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _line(fields: dict[str, object]) -> bytes:
    """Return a JSON line, filled up to the length with words in fields that events have."""
    said = json.dumps(fields).encode()
    missing = LINE - 1 - len(said) - len(', "feed.code": "", "malware.name": ""')
    if missing <= 0:
        return said
    name = ("known for long " * 6)[: min(missing // 2, 76)].strip()
    code = ("listed in public " * 6)[: min(missing - len(name), 76)].strip()
    return json.dumps(fields | {"feed.code": code, "malware.name": name}).encode()


def _time(seed: random.Random) -> str:
    day, hour, minute = seed.randrange(1, 31), seed.randrange(24), seed.randrange(60)
    return f"2026-11-{day:02}T{hour:02}:{minute:02}:{seed.randrange(60):02}+00:00"


def _dotted(number: int) -> str:
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _claimed(kind: Kind, value: str, party: str) -> Entry:
    return Entry(kind, value, party, Role.HOLDER, State.VERIFIED, "claim", DAY)


def _imported(kind: Kind, value: str, party: str, role: Role) -> Entry:
    return Entry(kind, value, party, role, State.IMPORTED, "public", DAY)


if __name__ == "__main__":
    sys.exit(main())
