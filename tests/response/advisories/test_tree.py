"""The provider's folder, checked file by file, and the signature by a real GnuPG."""

import csv
import hashlib
import io
import json
from pathlib import Path

import csaf as package
import pytest
from django.test import Client
from tests.factories import advisories as made
from tests.factories.desk import confirmed
from tests.factories.directory import DeskFactory, TeamFactory, member_of
from tests.gnupg import Gnupg
from tests.principals import sign_in

from tcert.community.directory.models import Channel
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories import validation
from tcert.response.advisories.domain import release
from tcert.response.advisories.models import Advisory, Release

pytestmark = pytest.mark.django_db

ROOT = "/.well-known/csaf/"


def test_the_whole_folder(client: Client, hub_key: None, gnupg: Gnupg, tmp_path: Path) -> None:
    first, second = made.published(), made.published()
    metadata = json.loads(client.get(f"{ROOT}provider-metadata.json").content)
    assert metadata["metadata_version"] == "2.0"
    assert metadata["role"] == "csaf_provider", "trusted only behind TLS"
    assert [sorted(d) for d in metadata["distributions"]] == [["directory_url"], ["rolie"]]
    folder = metadata["distributions"][0]["directory_url"]
    assert folder.endswith("/.well-known/csaf/white/")
    (key,) = metadata["public_openpgp_keys"]
    certificate = client.get(key["url"].split("8000")[1])
    assert certificate["Content-Type"] == "application/pgp-keys"
    gnupg.run("--import", data=certificate.content)
    assert gnupg.fingerprints() == [key["fingerprint"]] == [hubkey.load().fingerprint]

    index = client.get(f"{ROOT}white/index.txt").content.decode().split()
    assert index == sorted(r.entry.path for r in (first, second))
    changes = list(csv.reader(io.StringIO(client.get(f"{ROOT}white/changes.csv").content.decode())))
    assert next(row[0] for row in changes) == second.entry.path or len({r[1] for r in changes}) == 1
    assert sorted(row[0] for row in changes) == index
    raw = client.get(f"{ROOT}white/changes.csv").content
    assert raw.startswith(b'"')
    assert raw.count(b'"') == 4 * len(changes)

    tree = tmp_path / "tree"
    (tree / index[0]).parent.mkdir(parents=True)
    (tree / "index.txt").write_text("\n".join(index) + "\n")
    for path in index:
        served = client.get(f"{ROOT}white/{path}")
        assert (served.status_code, served["Content-Type"]) == (200, "application/json")
        assert served["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in served
        document = json.loads(served.content)
        assert validation.validate(document).is_valid
        assert package.validate(document) is not None
        (tree / path).write_bytes(served.content)
        for algorithm in ("sha256", "sha512"):
            line = client.get(f"{ROOT}white/{path}.{algorithm}")
            assert line["Content-Type"].startswith("text/plain")
            digest, name = line.content.decode().split()
            assert digest == hashlib.new(algorithm, served.content).hexdigest()
            assert name == path.partition("/")[2]
        signature = client.get(f"{ROOT}white/{path}.asc")
        assert signature["Content-Type"] == "application/pgp-signature"
        (tmp_path / "doc.asc").write_bytes(signature.content)
        gnupg.run("--verify", str(tmp_path / "doc.asc"), str(tree / path))
        (tree / path).write_bytes(served.content.replace(b"Open5GS", b"open5gs", 1))
        with pytest.raises(AssertionError, match="BAD signature"):
            gnupg.run("--verify", str(tmp_path / "doc.asc"), str(tree / path))
        (tree / path).write_bytes(served.content)
    found = package.audit_tree(tree)
    assert found.advisory_count == 2
    assert not found.violations_for("year-folders")
    assert not found.violations_for("index-txt")


def test_folders_can_be_listed(client: Client, hub_key: None) -> None:
    out = made.published()
    top = client.get(f"{ROOT}white/").content.decode()
    assert f"{out.year}/" in top
    assert "index.txt" in top
    inner = client.get(f"{ROOT}white/{out.year}/").content.decode()
    for suffix in ("", ".asc", ".sha256", ".sha512"):
        assert f'href="/.well-known/csaf/white/{out.year}/{out.file_name}{suffix}"' in inner


def test_nothing_but_clear_stands_in_the_tree(client: Client, hub_key: None) -> None:
    green = made.published(tlp=Tlp.GREEN)
    path = f"{ROOT}white/{green.year}/{green.file_name}"
    missing = client.get(f"{ROOT}white/{green.year}/tcert-sa-2026-9999.json")
    for suffix in ("", ".asc", ".sha256", ".sha512"):
        assert client.get(path + suffix).status_code == 404
    assert client.get(path).content == missing.content, "existence is not told"
    assert green.file_name not in client.get(f"{ROOT}white/index.txt").content.decode()
    assert client.get(f"/advisories/{green.number}/").status_code == 404
    assert green.title not in client.get("/advisories/").content.decode()
    member = sign_in(Client(), member_of(TeamFactory()))
    assert member.get(f"/advisories/{green.number}/").status_code == 200
    served = member.get(f"/advisories/{green.number}/{green.file_name}")
    assert served.content == bytes(green.document)
    assert "no-store" in served["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in served


@pytest.mark.parametrize(
    "path",
    [
        "white/2026/../provider-metadata.json",
        "white/2026/x.txt",
        "white/1999/",
        "amber/",
        "red/2026/x.json",
        "green/index.txt",
        "white/2026/TCERT-SA-2026-0001.json",
        "openpgp/0000000000000000000000000000000000000000.asc",
    ],
)
def test_anything_else_does_not_exist(client: Client, path: str) -> None:
    DeskFactory()
    assert client.get(ROOT + path).status_code == 404


def test_drafts_are_nowhere(client: Client, hub_key: None) -> None:
    text = made.approved()
    for address in (
        "/advisories/",
        f"{ROOT}white/index.txt",
        f"{ROOT}white/changes.csv",
        f"{ROOT}provider-metadata.json",
    ):
        content = client.get(address).content.decode()
        assert (text.number or "?") not in content
        assert "Open5GS" not in content
    assert client.get(f"/advisories/{text.number}/").status_code == 404


def test_a_new_release_replaces_the_old_at_the_same_place(client: Client, hub_key: None) -> None:
    out = made.published()
    release.withdraw(
        principal=made.writer(),
        advisory_id=out.advisory_id,
        confirmation=confirmed(release.WITHDRAW, out.advisory_id),
        text_version=Advisory.objects.get().text_version,
        reason="Wrong.",
        typed_number=out.number,
    )
    with clock.frozen(clock.now().replace(year=clock.now().year + 1)):
        Advisory.objects.update(scheduled_for=clock.now())
        jobs.run_due()
    new = Release.objects.get(is_current=True)
    assert new.entry.path == out.entry.path, "the folder is the year of the first release"
    served = json.loads(client.get(f"{ROOT}white/{new.entry.path}").content)
    assert served["document"]["title"].startswith("Withdrawn: ")
    assert "withdrawn" in client.get(f"/advisories/{out.number}/").content.decode()


def test_security_txt(client: Client, settings: object) -> None:
    desk = DeskFactory()
    Channel.objects.create(
        team=desk, kind="email", purpose="main", value="desk@tcert.example", is_public=True
    )
    served = client.get("/.well-known/security.txt")
    assert served["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in reversed(served.content.decode().splitlines()))
    assert lines["CSAF"].endswith("/.well-known/csaf/provider-metadata.json")
    assert lines["Contact"].endswith("/report")
    assert lines["Expires"].endswith("Z")
    assert b"mailto:desk@tcert.example" in served.content


def test_metadata_names_a_trusted_provider_behind_tls(
    client: Client, hub_key: None, settings: object
) -> None:
    DeskFactory()
    settings.BASE_URL = "https://hub.example"  # type: ignore[attr-defined]
    metadata = json.loads(client.get(f"{ROOT}provider-metadata.json").content)
    assert metadata["role"] == "csaf_trusted_provider"
    assert (
        metadata["canonical_url"] == "https://hub.example/.well-known/csaf/provider-metadata.json"
    )
