"""Commands that check CSAF: anybody's documents, a published one, and this hub as a provider.

`tcert csaf validate`, `tcert verify`, `tcert check csaf`. Exit codes: 0 all is well, 1 a document
or a requirement fails, 2 wrong use or an unreadable file.
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from tcert.community.bundle import verifying as bundles
from tcert.foundation.kernel import clock, installation, worker
from tcert.foundation.openpgp import hubchanges, hubkey
from tcert.foundation.openpgp.certificates import CertificateRefused, describe
from tcert.response.advisories import validation, verification
from tcert.response.advisories.conformance import served
from tcert.response.advisories.conformance.looking import State

DONE, PROBLEM, WRONG_USE = 0, 1, 2


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `csaf validate`, `verify` and, to the kernel's `check`, `csaf`."""
    csaf = commands.add_parser("csaf", help="CSAF 2.0 documents")
    inner = csaf.add_subparsers(dest="csaf_command", metavar="COMMAND", required=True)
    validate = inner.add_parser(
        "validate", help="hold documents against schema and all mandatory tests"
    )
    validate.add_argument("files", nargs="+", metavar="FILE", type=Path)
    validate.add_argument("--json", action="store_true", help="print findings as JSON")
    validate.set_defaults(run=run_validate)
    verify = commands.add_parser(
        "verify",
        help="check hashes and signature of a published document, or a bundle of the directory",
        description="Exit codes: 0 it holds; 1 altered; 2 wrong use. Of a bundle also: 3 expired; "
        "4 rolled back; 5 not of the line accepted before; 6 dated in the future.",
    )
    verify.add_argument("file", metavar="FILE", type=Path)
    verify.add_argument("--signature", type=Path, help="default: FILE.asc")
    verify.add_argument("--key", type=Path, help="default: this hub's own key")
    verify.add_argument(
        "--changes",
        type=Path,
        help="notes by which earlier keys handed over to it; default: this hub's own",
    )
    verify.add_argument("--json", action="store_true", help="print the checks as JSON")
    bundles.add_options(verify)
    verify.set_defaults(run=run_verify, any_schema=True)
    commands.choices["check"].add_argument(
        "--hub",
        action="store_true",
        help="with the name `csaf`: hold this hub against requirements 1 to 20 of a CSAF 2.0 "
        "provider. It is the only provider that can be checked: the hub opens no address that "
        "somebody typed",
    )
    installation.on_its_own("csaf", run_check)


def run_validate(options: argparse.Namespace) -> int:
    """Print the findings of each file."""
    worst = DONE
    told = []
    for path in options.files:
        try:
            verdict = validation.validate(validation.read(path.read_bytes()))
        except (OSError, validation.Unreadable) as error:
            worst = WRONG_USE
            said = _os_words(error) if isinstance(error, OSError) else str(error)
            told.append({"file": str(path), "valid": False, "problem": said, "findings": []})
            continue
        if not verdict.is_valid and worst == DONE:
            worst = PROBLEM
        told.append(
            {
                "file": str(path),
                "valid": verdict.is_valid,
                "tests": list(verdict.tests),
                "findings": [dataclasses.asdict(f) for f in verdict.findings],
            }
        )
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for entry in told:
            _print_verdict(entry)
    return worst


def _print_verdict(entry: dict[str, object]) -> None:
    if "problem" in entry:
        print(f"{entry['file']}: cannot be read: {entry['problem']}", file=sys.stderr)
        return
    print(f"{entry['file']}: {'valid' if entry['valid'] else 'NOT VALID'}")
    findings = entry["findings"]
    if isinstance(findings, list):
        for finding in findings:
            print(
                f"  {finding['weight']} {finding['test']} {finding['title']}\n"
                f"    at {finding['path']}: {finding['message']}"
            )


def run_verify(options: argparse.Namespace) -> int:
    """Print each check of one file."""
    try:
        if bundles.is_bundle(options.file):
            key = options.key.read_bytes() if options.key else _own_key()
            return bundles.run(options, key, _notes(options))
        data = options.file.read_bytes()
        signature_path = options.signature or _beside(options.file, ".asc")
        signature = _read_if_there(signature_path, required=options.signature is not None)
        certificate = options.key.read_bytes() if options.key else _own_key()
        sha256 = _read_if_there(_beside(options.file, ".sha256"), required=False)
        sha512 = _read_if_there(_beside(options.file, ".sha512"), required=False)
        notes = _notes(options)
    except OSError as error:
        print(f"{error.filename}: {_os_words(error)}", file=sys.stderr)
        return WRONG_USE
    checks = list(
        verification.check(
            data,
            sha256=sha256,
            sha512=sha512,
            signature=signature,
            certificate=certificate,
            predecessors=_predecessors(certificate, notes),
        )
    )
    if options.json:
        print(
            json.dumps(
                {
                    "file": str(options.file),
                    "checks": [dataclasses.asdict(c) for c in checks],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for found in checks:
            mark = {True: "ok", False: "FAILED", None: "not checked"}[found.passed]
            print(f"{options.file}: {found.name}: {mark}: {found.message}")
    return _outcome(checks)


def run_check(options: argparse.Namespace) -> int:
    """Print each requirement of a CSAF provider, for this hub, with every open document."""
    if not worker.has_tables(patient=False):
        print("The database is not prepared: run `tcert migrate` first.", file=sys.stderr)
        return WRONG_USE
    checked = served.check_hub()
    if options.json:
        print(json.dumps(checked.to_json(), ensure_ascii=False, indent=2))
    else:
        _print_requirements(checked)
    return PROBLEM if checked.failed else DONE


def _print_requirements(checked: served.Checked) -> None:
    print(f"CSAF 2.0, section 7.1, of {checked.base_url} ({checked.documents} documents)")
    for result in checked.results:
        requirement = result.requirement
        state = result.state.upper() if result.state is State.NOT_MET else result.state
        print(f"{requirement.number:2}  {state:18}  {requirement.title}")
        print(f"{'':24}how: {requirement.how}")
        for sentence in result.outcome.seen:
            print(f"{'':24}{sentence}")
        if result.needs_cure:
            print(f"{'':24}-> {requirement.cure}")
    print(f"What this supports: {checked.role or 'no role of section 7.2'}")


def _outcome(checks: list[verification.Check]) -> int:
    """A failed check is a problem; so is a signature that nothing could be checked with."""
    if any(c.passed is False for c in checks):
        return PROBLEM
    signature = next(c for c in checks if c.name == "signature")
    return DONE if signature.passed else WRONG_USE


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _read_if_there(path: Path, *, required: bool) -> bytes | None:
    if not required and not path.exists():
        return None
    return path.read_bytes()


def _notes(options: argparse.Namespace) -> list[str]:
    """The notes that were given, else the hub's own for the hub's own key."""
    if options.changes:
        return [options.changes.read_text(encoding="ascii", errors="replace")]
    return [] if options.key else hubkey.changes()


def _predecessors(certificate: bytes | None, notes: list[str]) -> list[hubchanges.Predecessor]:
    if certificate is None or not notes:
        return []
    try:
        return hubchanges.predecessors(describe(certificate, clock.now()), notes)
    except CertificateRefused:
        return []


def _own_key() -> bytes | None:
    own = hubkey.public()
    return own.certificate if own else None


def _os_words(error: OSError) -> str:
    return f"{error.strerror}: check the path and your rights"
