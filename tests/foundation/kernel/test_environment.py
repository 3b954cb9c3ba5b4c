"""The file of settings: shown whole, held against what the hub knows, and never written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tcert.foundation.kernel import environment

ROOT = Path(__file__).parents[3]
FOR_DEVELOPERS = {"TCERT_DEBUG", "TCERT_DEMO"}


def check(*words):
    done = subprocess.run(
        [sys.executable, "-m", "tcert", "check", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_the_example_names_every_setting_and_no_other():
    settings = (ROOT / "src/tcert/site/settings.py").read_text()
    read = set(re.findall(r"TCERT_[A-Z_]+", settings)) - FOR_DEVELOPERS
    assert environment.known() >= read
    told = (ROOT / "docs/operations.md").read_text()
    for name in environment.known():
        short = re.sub(r"TCERT_SMTP(_[A-Z]+)", r"`\1`", name)
        assert name in told or short in told, name
        used = subprocess.run(["grep", "-rq", "--include=*.py", name, ROOT / "src"], check=False)
        assert used.returncode == 0, name


@pytest.mark.slow
def test_the_example_is_a_file_of_settings_that_the_check_takes(tmp_path):
    code, shown, _said = check("--example")
    assert code == 0
    file = tmp_path / "hub.env"
    file.write_text(shown)
    file.chmod(0o600)
    before = file.read_bytes()
    assert environment.read(file)["TCERT_BASE_URL"] == "https://hub.example.org"
    for name in ("DATA", "KEYS"):
        (tmp_path / name).mkdir()
        shown = re.sub(rf"TCERT_{name}=.*", f"TCERT_{name}='{tmp_path / name}'", shown)
    shown = re.sub(r"TCERT_DATABASE=.*", f"TCERT_DATABASE=sqlite://{tmp_path}/hub", shown)
    file.write_text(shown.replace("TCERT_MAIL_BACKEND=smtp", "TCERT_MAIL_BACKEND=file"))
    code, told, _said = check("--environment", str(file), "mail")
    assert code == 1
    assert "Mail is not sent anywhere." in told
    file.write_bytes(before)
    file.chmod(0o644)
    code, _told, said = check("--environment", str(file))
    assert (code, "chmod 600" in said) == (1, True)
    assert check("--environment", str(tmp_path / "missing"))[0] == 2
    # Half the word was taken, the file was not, and what came out was about another hub.
    assert check("--env", str(file), "mail")[0] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("TCERT_BASE_ULR=https://a.example", "line 1: there is no TCERT_BASE_ULR; perhaps"),
        ("\nTCERT_DATA=/a\nTCERT_DATA=/b", "line 3: TCERT_DATA stands here a second time"),
        ("TCERT_DATA = /a", "line 1: this is not NAME=value"),
        ("export TCERT_DATA=/a", "line 1: this is not NAME=value"),
        ("TCERT_SMTP_PASSWORD='hush", "TCERT_SMTP_PASSWORD begins with a quotation mark"),
        ('TCERT_DATA="', "begins with a quotation mark"),
        # systemd would take away the backslash, or both marks, and the hub would get another value.
        ("TCERT_SMTP_PASSWORD=hu\\sh", "TCERT_SMTP_PASSWORD has a backslash"),
        ('TCERT_SMTP_PASSWORD="hu\\$sh"', "TCERT_SMTP_PASSWORD has a backslash"),
        ("TCERT_DATA=/a\\\nTCERT_KEYS=/b", "line 1: TCERT_DATA has a backslash"),
        ("# a remark \\\nTCERT_PRODUCTION=1", "line 1: a backslash at the end"),
        ("TCERT_SMTP_PASSWORD='hu''sh'", "TCERT_SMTP_PASSWORD has its quotation mark within"),
        ("TCERT_SMTP_PASSWORD=hush\0", "has a character that does not show"),
        ("# a remark\rTCERT_DATE=/a", "line 2: there is no TCERT_DATE"),
        ("TCERT_DATA=/a\x0bTCERT_KEYS=/b", "has a character that does not show"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_no_value_with_it(tmp_path, text, said):
    file = tmp_path / "hub.env"
    file.write_text(text)
    with pytest.raises(environment.Unreadable) as refused:
        environment.read(file)
    assert said in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"A=" + b"x" * 70_000])
def test_what_is_no_file_of_settings_is_refused(tmp_path, raw):
    file = tmp_path / "hub.env"
    file.write_bytes(raw)
    with pytest.raises(environment.Unreadable):
        environment.read(file)


def test_quotes_and_remarks_are_read_as_systemd_does(tmp_path):
    file = tmp_path / "hub.env"
    file.write_text("# a remark\n; another\n\nTCERT_DATA='/a b'\nTCERT_KEYS=\"/c\"\nPATH=/bin\n")
    assert environment.read(file) == {
        "TCERT_DATA": "/a b",
        "TCERT_KEYS": "/c",
        "PATH": "/bin",
    }
