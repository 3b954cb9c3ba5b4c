import argparse
import hashlib
import subprocess

import pytest

from tcert.foundation.kernel import installation
from tcert.foundation.openpgp import hubkey
from tcert.foundation.sealed import scripts
from tcert.foundation.sealed.commands import register


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    settings.DATA_DIR = tmp_path
    installation.names()


def findings(name="scripts"):
    return [(found.level, str(found.message)) for found in installation.inspect([name])]


def test_every_served_script_is_listed_with_its_digest(client):
    listed = scripts.served()
    assert "static/sealed/inner.js" in listed
    assert "static/openpgp/worker.js" in listed
    response = client.get("/static/sealed/inner.js")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert hashlib.sha256(body).hexdigest() == listed["static/sealed/inner.js"]
    assert scripts.read(scripts.write(listed)) == listed


@pytest.mark.django_db
def test_the_published_list_is_signed_and_compared(client, gnupg, settings, tmp_path):
    assert client.get("/about/scripts.sha256").status_code == 404
    assert client.get("/about/hub-key.asc").status_code == 404
    assert findings()[0][0] == "warning"
    settings.PRODUCTION = True
    assert findings()[0][0] == "problem"
    hubkey.create()
    text = scripts.publish()
    assert findings() == [("fine", "The served scripts are those of the signed list.")]

    gnupg.run("--import", data=client.get("/about/hub-key.asc").content)
    (tmp_path / "l").write_bytes(client.get("/about/scripts.sha256").content)
    (tmp_path / "l.asc").write_bytes(client.get("/about/scripts.sha256.asc").content)
    gnupg.run("--verify", str(tmp_path / "l.asc"), str(tmp_path / "l"))
    assert (tmp_path / "l").read_text() == text


def test_a_changed_missing_or_new_script_is_named(tmp_path, monkeypatch):
    hubkey.create()
    scripts.publish()
    served = scripts.served()
    served["static/sealed/inner.js"] = "0" * 64
    served["static/evil.js"] = "1" * 64
    del served["static/openpgp/worker.js"]
    monkeypatch.setattr(scripts, "served", lambda: served)
    ((level, message),) = findings()
    assert level == "problem"
    for name in ("static/sealed/inner.js", "static/evil.js", "static/openpgp/worker.js"):
        assert name in message


def test_a_list_that_somebody_else_wrote_is_a_problem(tmp_path):
    hubkey.create()
    scripts.publish()
    path = tmp_path / "published" / "scripts.sha256"
    path.write_text(path.read_text().replace("inner", "outer"))
    ((level, message),) = findings()
    assert level == "problem"
    assert "not signed" in message


def test_the_command_prints_what_sha256sum_reads(capsys, tmp_path):
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())

    def run(act):
        options = parser.parse_args(["scripts", act])
        return options.run(options), capsys.readouterr().out

    status, listed = run("list")
    assert status == 0
    assert run("sign")[0] == 1
    hubkey.create()
    assert run("sign") == (0, listed)
    (tmp_path / "static" / "a").mkdir(parents=True)
    (tmp_path / "static" / "a" / "b.js").write_text("x")
    entries = {"static/a/b.js": hashlib.sha256(b"x").hexdigest()}
    subprocess.run(
        ["sha256sum", "--check", "--strict"],
        input=scripts.write(entries),
        text=True,
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )


def test_the_hub_key_is_inspected():
    from datetime import timedelta

    from tcert.foundation.kernel import clock

    assert findings("hub-key")[0][0] == "warning"
    info = hubkey.create()
    assert findings("hub-key")[0][0] == "fine"
    for days, level in ((30, "warning"), (-1, "problem")):
        with clock.frozen(info.expires - timedelta(days=days)):
            assert findings("hub-key")[0][0] == level
    assert findings("openpgp")[0][0] == "fine"
