"""Commands for reference data: what stands here, what a newer list changes, and taking it.

Exit codes: 0 done, or nothing to do; 1 refused; 2 wrong use.
"""

import argparse
import sys
from pathlib import Path

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import SYSTEM
from tcert.response.reference import calling_codes, networks
from tcert.response.reference.asn import reading, store
from tcert.response.reference.domain import addresses, taking
from tcert.response.reference.enums import Source
from tcert.response.reference.models import Edition

DONE, PROBLEM, WRONG_USE = 0, 1, 2
_SHOWN = 40


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `reference status`, `reference networks` and `reference asn`."""
    reference = commands.add_parser(
        "reference", help="public lists of networks, numbers and addresses"
    )
    inner = reference.add_subparsers(dest="reference_command", metavar="COMMAND", required=True)
    status = inner.add_parser("status", help="which version of each list stands here")
    status.set_defaults(run=run_status)
    codes = inner.add_parser(
        "networks",
        help="what the list that set-up brought would change; with --take, take it",
    )
    codes.add_argument("--file", type=Path, help="another mcc-mnc-list.json; give --version too")
    codes.add_argument("--version", help="the version of that file, such as 1.1.12")
    _add_taking(codes)
    codes.set_defaults(run=run_networks)
    asn = inner.add_parser(
        "asn",
        help="the optional list of addresses and autonomous systems (npm @ip-location-db/asn)",
        description="Show what a version of the list would change; with --take, take it. "
        "The list is CC BY 4.0, by Route Views, RIPE and DB-IP, and some 20 MB as a package.",
    )
    asn.add_argument(
        "--file", type=Path, action="append", help="the package (.tgz), or its CSV files, one each"
    )
    asn.add_argument(
        "--url", help="where to fetch the package: npm view @ip-location-db/asn dist.tarball"
    )
    asn.add_argument(
        "--integrity",
        help="its hash, a must with --url: npm view @ip-location-db/asn dist.integrity",
    )
    asn.add_argument("--version", default="", help="of CSV files; a package says its own")
    _add_taking(asn)
    asn.set_defaults(run=run_asn)


def _add_taking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--take", action="store_true", help="take it; else nothing is changed")
    parser.add_argument(
        "--anyhow", action="store_true", help="also when it is older, or lacks many rows"
    )


def run_status(_options: argparse.Namespace) -> int:
    """Print the versions that stand here."""
    for source in Source:
        current = Edition.objects.current(source)
        if current is None:
            print(f"{source}: nothing was taken")
            continue
        lost = source == Source.ADDRESSES and store.opened(current.digest) is None
        print(
            f"{current}: {current.rows} rows, {current.licence}, taken {current.taken_at:%Y-%m-%d}"
            + (" (its file is not there: take it again)" if lost else "")
        )
    codes = len(calling_codes.calling_codes())
    print(f"{calling_codes.SOURCE}: {codes} country calling codes, {calling_codes.LICENCE}")
    return DONE


def run_networks(options: argparse.Namespace) -> int:
    """Show what a list of network codes would change, and take it where that is asked for."""
    if (options.file is None) != (options.version is None):
        print("tcert: --file and --version go together.", file=sys.stderr)
        return WRONG_USE
    if options.file is None:
        proposal = taking.propose_packaged()
        if proposal is None:
            print("Set-up brought no list: run make setup.", file=sys.stderr)
            return PROBLEM
    else:
        data = _read(options.file, networks.MOST_BYTES)
        proposal = taking.propose(data, version=options.version[:40], licence="MIT")
    _tell(proposal)
    for change in proposal.changes[:_SHOWN] if proposal.known else ():
        print(f"  {change.turn}: {change.row.plmn} {change.row.country}: {change.row.operator}")
        for name, old, new in change.fields:
            print(f"    {name}: {old or 'nothing'} → {new or 'nothing'}")
    if proposal.known and len(proposal.changes) > _SHOWN:
        print(f"  … and {len(proposal.changes) - _SHOWN} more, on the page Reference data")
    for one in proposal.aside:
        print(f"  left aside, no single code: row {one.row}, {one.mcc} {one.mnc}")
    if not options.take:
        return DONE
    taken = taking.take(principal=SYSTEM, proposal=proposal, anyhow=options.anyhow)
    print(f"Taken: {taken}.")
    return DONE


def run_asn(options: argparse.Namespace) -> int:
    """Show what a list of ranges would change, and take it where that is asked for."""
    if bool(options.file) == bool(options.url):
        print("tcert: name the package with --file, or its address with --url.", file=sys.stderr)
        return WRONG_USE
    if options.url and not options.integrity:
        print("tcert: what is fetched is held against --integrity.", file=sys.stderr)
        return WRONG_USE
    if options.url:
        files = [addresses.fetched(options.url, options.integrity)]
    else:
        files = [_read(one, reading.MOST_PACKED) for one in options.file]
        if options.integrity:
            addresses.check(b"".join(files), options.integrity)
    proposal = addresses.propose(files, version=options.version[:40])
    _tell(proposal)
    if not options.take:
        return DONE
    taken = addresses.take(proposal=proposal, anyhow=options.anyhow)
    print(f"Taken: {taken}.")
    return DONE


def _tell(proposal: taking.Proposal | addresses.Proposal) -> None:
    known = proposal.known
    print(f"Here stands {known}." if known else "Nothing stands here yet.")
    if not proposal.is_new:
        print("The file is the same.")
        return
    counts = ", ".join(f"{count} {turn}" for turn, count in proposal.counts.items())
    print(f"Version {proposal.version} would change: {counts}.")
    if proposal.doubt:
        print(f"Doubtful: {proposal.doubt} Taken with --anyhow only.")


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise DomainError(f"{path.name} is larger than any list that is taken.")
    return data
