"""Settings, each from an environment variable with a documented default (docs/operations.md)."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

from tcert.foundation.kernel.lasting import write_new
from tcert.foundation.ui.static_headers import add_headers


def _flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _number(name: str, default: float) -> float:
    raw = os.environ.get(name, "")
    try:
        return float(raw) if raw else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {raw!r}") from error


def _kept_secret(path: Path) -> str:
    """Return the secret in a file, made on first use and readable by its owner only."""
    if not path.exists():
        with suppress(FileExistsError):
            write_new(path, secrets.token_urlsafe(50))
    return path.read_text().strip()


ROOT = Path(__file__).resolve().parents[3]
DATA_DIR = Path(os.environ.get("TCERT_DATA", ROOT / "var" / "hub")).resolve()
KEYS_DIR = Path(os.environ.get("TCERT_KEYS", DATA_DIR / "keys")).resolve()

DEMO = _flag("TCERT_DEMO")
PRODUCTION = _flag("TCERT_PRODUCTION")
DEBUG = _flag("TCERT_DEBUG")
DISK_ENCRYPTED = _flag("TCERT_DISK_ENCRYPTED")
HAVE_BACKUP = _flag("TCERT_HAVE_BACKUP")
BACKUP_RETENTION_DAYS = int(_number("TCERT_BACKUP_RETENTION_DAYS", 0))

BASE_URL = os.environ.get("TCERT_BASE_URL", "http://localhost:8000").rstrip("/")
_host = urlparse(BASE_URL).hostname or "localhost"
ONION_HOST = os.environ.get("TCERT_ONION_HOST", "").strip().lower()
if ONION_HOST and not re.fullmatch(r"[a-z2-7]{56}\.onion", ONION_HOST):
    raise ImproperlyConfigured(
        "TCERT_ONION_HOST is the name of a version 3 onion service: 56 letters and digits, .onion"
    )
_hosts = os.environ.get("TCERT_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ALLOWED_HOSTS = [h for h in {_host, ONION_HOST, *_hosts} if h]
CSRF_TRUSTED_ORIGINS = [BASE_URL, *([f"http://{ONION_HOST}"] if ONION_HOST else [])]

SECRET_KEY = os.environ.get("TCERT_SECRET_KEY") or _kept_secret(KEYS_DIR / "secret-key")
FIELD_KEYS_FILE = Path(os.environ.get("TCERT_FIELD_KEYS", KEYS_DIR / "field-keys"))
RECEIPT_SALT_FILE = Path(os.environ.get("TCERT_RECEIPT_SALT", KEYS_DIR / "receipt-salt"))
HUB_KEY_FILE = Path(os.environ.get("TCERT_HUB_KEY", KEYS_DIR / "hub-key"))
MAIL_KEY_FILE = Path(os.environ.get("TCERT_MAIL_KEY", KEYS_DIR / "mail-key"))

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "tcert.foundation.kernel",
    "tcert.foundation.ui",
    "tcert.foundation.openpgp",
    "tcert.foundation.sealed",
    "tcert.foundation.language",
    "tcert.foundation.transparency",
    "tcert.community.accounts",
    "tcert.community.directory",
    "tcert.community.notices",
    "tcert.community.reachability",
    "tcert.community.keyring",
    "tcert.community.talks",
    "tcert.community.bundle",
    "tcert.community.inventory",
    "tcert.community.desk",
    "tcert.community.responsibility",
    "tcert.community.claims",
    "tcert.community.imports",
    "tcert.community.membership",
    "tcert.community.conduct",
    "tcert.community.duties",
    "tcert.community.market",
    "tcert.community.maturity",
    "tcert.community.participation",
    "tcert.community.groups",
    "tcert.community.joining",
    "tcert.response.reference",
    "tcert.response.explain",
    "tcert.response.routing",
    "tcert.response.bulk",
    "tcert.response.playbooks",
    "tcert.response.cases",
    "tcert.response.advisories",
    "tcert.response.incidents",
    "tcert.response.requests",
    "tcert.response.intake",
    "tcert.response.notifications",
    "tcert.response.followups",
    "tcert.response.parties",
    "tcert.response.retention",
    "tcert.response.feedkeys",
    "tcert.site",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "tcert.foundation.ui.gateways.OnionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tcert.foundation.kernel.pages.PagePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "tcert.site.middleware.FeedKeyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tcert.community.accounts.middleware.AskAgainMiddleware",
    "tcert.site.middleware.PrincipalMiddleware",
    "tcert.site.middleware.SecondFactorMiddleware",
    "tcert.site.middleware.ViewerMiddleware",
    "tcert.foundation.ui.errors.DomainErrorMiddleware",
    "tcert.community.desk.middleware.SecondMiddleware",
]

ROOT_URLCONF = "tcert.site.urls"
WSGI_APPLICATION = "tcert.site.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def _database(url: str) -> dict[str, object]:
    """Read ``sqlite:///path`` or ``postgresql://user:pass@host:port/name`` into Django's form."""
    parsed = urlparse(url)
    if parsed.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parsed.path),
            # Opening it costs more than a page's questions; it stands still between requests, and
            # holds up neither a writer nor the erasing of the log.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": _number("TCERT_BUSY_TIMEOUT", 20),
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; "
                    "PRAGMA temp_store=MEMORY;"  # else pages go to files in /tmp now and then
                ),
            },
        }
    if parsed.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parsed.path.lstrip("/")),
            "USER": unquote(parsed.username or ""),
            "PASSWORD": unquote(parsed.password or ""),
            "HOST": parsed.hostname or parse_qs(parsed.query).get("host", [""])[0],
            "PORT": str(parsed.port or ""),
            "OPTIONS": {
                "connect_timeout": 10,
                **{
                    name: values[0]
                    for name, values in parse_qs(parsed.query).items()
                    if name in {"sslmode", "sslrootcert"}
                },
            },
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured("TCERT_DATABASE must start with sqlite:/// or postgresql://")


DATABASES = {
    "default": _database(
        os.environ.get("TCERT_DATABASE") or f"sqlite:///{DATA_DIR / 'hub.sqlite3'}"
    )
}
CACHES = {"default": {"BACKEND": "tcert.foundation.kernel.shared.SharedCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES: dict[str, str] = {}

SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the address is unique in its lower case

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tcert.community.accounts.passphrases.PiecesValidator"},
]
PASSWORD_HASHERS = [
    "tcert.community.accounts.passphrases.CostlyScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my-day/"
LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "ciphertext": {
        "BACKEND": "tcert.foundation.kernel.storage.CiphertextStorage",
        "OPTIONS": {"location": DATA_DIR / "sealed"},
    },
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
WHITENOISE_ALLOW_ALL_ORIGINS = False

FILE_UPLOAD_HANDLERS = ["tcert.foundation.kernel.uploads.MemoryUploadHandler"]
UPLOAD_MEMORY_LIMIT = 26_300_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

_mail = os.environ.get("TCERT_MAIL_BACKEND", "file")
EMAIL_BACKEND = {
    "smtp": "tcert.foundation.kernel.mail.FixedNameBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
}.get(_mail, _mail)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = os.environ.get("TCERT_SMTP_HOST", "localhost")
EMAIL_PORT = int(_number("TCERT_SMTP_PORT", 25))
EMAIL_HOST_USER = os.environ.get("TCERT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("TCERT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("TCERT_SMTP_STARTTLS")
EMAIL_TIMEOUT = 20
MAIL_DOMAIN = os.environ.get("TCERT_MAIL_DOMAIN", _host)
DEFAULT_FROM_EMAIL = os.environ.get("TCERT_MAIL_FROM", f"hub@{MAIL_DOMAIN}")
MAIL_CLEAR_TEXT = _flag("TCERT_MAIL_CLEAR_TEXT", default=True)
BOUNCE_ADDRESS = os.environ.get("TCERT_BOUNCE_ADDRESS", "").strip()
if BOUNCE_ADDRESS and not re.fullmatch(
    r"[A-Za-z0-9._-]{1,16}@[A-Za-z0-9.-]{1,200}", BOUNCE_ADDRESS
):
    raise ImproperlyConfigured(
        "TCERT_BOUNCE_ADDRESS is one address of at most 16 letters and digits before the @"
    )
BOUNCE_IMAP_HOST = os.environ.get("TCERT_BOUNCE_IMAP_HOST", "").strip()
BOUNCE_IMAP_PORT = int(_number("TCERT_BOUNCE_IMAP_PORT", 993))
BOUNCE_IMAP_USER = os.environ.get("TCERT_BOUNCE_IMAP_USER", "")
BOUNCE_IMAP_PASSWORD = os.environ.get("TCERT_BOUNCE_IMAP_PASSWORD", "")
BOUNCE_IMAP_FOLDER = os.environ.get("TCERT_BOUNCE_IMAP_FOLDER", "INBOX")
BOUNCE_IMAP_CA = os.environ.get("TCERT_BOUNCE_IMAP_CA", "")
INCIDENT_ADDRESS = os.environ.get("TCERT_INCIDENT_ADDRESS", "").strip()
if INCIDENT_ADDRESS and not re.fullmatch(
    r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}", INCIDENT_ADDRESS
):
    raise ImproperlyConfigured("TCERT_INCIDENT_ADDRESS is one mail address")
INCIDENT_IMAP_HOST = os.environ.get("TCERT_INCIDENT_IMAP_HOST", "").strip()
INCIDENT_IMAP_PORT = int(_number("TCERT_INCIDENT_IMAP_PORT", 993))
INCIDENT_IMAP_USER = os.environ.get("TCERT_INCIDENT_IMAP_USER", "")
INCIDENT_IMAP_PASSWORD = os.environ.get("TCERT_INCIDENT_IMAP_PASSWORD", "")
INCIDENT_IMAP_FOLDER = os.environ.get("TCERT_INCIDENT_IMAP_FOLDER", "INBOX")
INCIDENT_IMAP_CA = os.environ.get("TCERT_INCIDENT_IMAP_CA", "")

_tls = BASE_URL.startswith("https://")
_onion = _host.endswith(".onion")
# A browser takes a cookie of this name from this very host over TLS only: a neighbour under the
# same domain can plant none. An onion service has no TLS of its own, and no neighbours either.
_only_here = "__Host-" if _tls and not ONION_HOST else ""
SESSION_ENGINE = "tcert.community.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = f"{_only_here}hub"
CSRF_COOKIE_NAME = f"{_only_here}csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "tcert.foundation.ui.errors.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _tls
SECURE_HSTS_SECONDS = 31_536_000 if _tls and not _onion else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _flag("TCERT_HSTS_SUBDOMAINS", default=True)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _flag("TCERT_BEHIND_PROXY") else None
)

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_ADAPTER = "tcert.community.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 0  # accounts.proofs decides alone how fresh a proof is
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "change_password": "10/m/user",
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "login_failed_account": "40/h/key",
    "reauthenticate": "20/m/user",
    "reset_password": "20/m/ip,3/h/key",
}
ACCOUNT_FORMS = {
    "change_password": "tcert.community.accounts.forms.ChangePassphraseForm",
    "login": "tcert.community.accounts.forms.SignInForm",
    "reauthenticate": "tcert.community.accounts.forms.AskAgainForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _flag("TCERT_BEHIND_PROXY") else 0
MFA_ADAPTER = "tcert.community.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "tcert.community.accounts.forms.SetUpAppForm",
    "add_webauthn": "tcert.community.accounts.forms.AddPasskeyForm",
    "authenticate": "tcert.community.accounts.forms.SecondFactorForm",
    "authenticate_webauthn": "tcert.community.accounts.forms.PasskeyForm",
    "edit_webauthn": "tcert.community.accounts.forms.RenamePasskeyForm",
    "reauthenticate": "tcert.community.accounts.forms.SecondFactorAgainForm",
    "reauthenticate_webauthn": "tcert.community.accounts.forms.PasskeyAgainForm",
}
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "TCERT hub"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http://localhost")

STAFF_SESSION_MINUTES = _number("TCERT_STAFF_SESSION_MINUTES", 60)
PROOF_OF_WORK_BITS = int(_number("TCERT_PROOF_OF_WORK_BITS", 16))
VAULT_IDLE_SECONDS = _number("TCERT_VAULT_IDLE_SECONDS", 900)
INVITATION_DAYS = _number("TCERT_INVITATION_DAYS", 7)
RETENTION_DAYS = int(_number("TCERT_RETENTION_DAYS", 90))
if RETENTION_DAYS not in range(30, 731):
    raise ImproperlyConfigured("TCERT_RETENTION_DAYS must lie between 30 and 730")
DRILLS = _flag("TCERT_DRILLS", default=True)
DRILL_MINUTES = int(_number("TCERT_DRILL_MINUTES", 30))
if DRILL_MINUTES not in range(5, 721):
    raise ImproperlyConfigured("TCERT_DRILL_MINUTES must lie between 5 and 720")
TALKS_KEEP_DAYS = int(_number("TCERT_TALKS_KEEP_DAYS", 730))
if TALKS_KEEP_DAYS not in range(60, 3651):
    raise ImproperlyConfigured("TCERT_TALKS_KEEP_DAYS must lie between 60 and 3650")
INCIDENTS_KEEP_DAYS = int(_number("TCERT_INCIDENTS_KEEP_DAYS", 365))
if INCIDENTS_KEEP_DAYS not in range(60, 3651):
    raise ImproperlyConfigured("TCERT_INCIDENTS_KEEP_DAYS must lie between 60 and 3650")
JURISDICTION = os.environ.get("TCERT_JURISDICTION", "").strip()
LEGAL_CONTACT = os.environ.get("TCERT_LEGAL_CONTACT", "").strip()
CONTROLLER = os.environ.get("TCERT_CONTROLLER", "").strip()
STOP_SECONDS = _number("TCERT_STOP_SECONDS", 20)
HEAD_SECONDS = _number("TCERT_HEAD_SECONDS", 15)
BODY_GRACE_SECONDS = _number("TCERT_BODY_GRACE", 30)
BODY_OCTETS_PER_SECOND = _number("TCERT_BODY_RATE", 8000)
JOB_LEASE_SECONDS = _number("TCERT_JOB_LEASE", 45)
JOB_BEAT_SECONDS = _number("TCERT_JOB_BEAT", 10)
JOB_POLL_SECONDS = _number("TCERT_JOB_POLL", 0.5)
JOB_CLOCK_PAUSE_SECONDS = _number("TCERT_JOB_CLOCK_PAUSE", 900)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "tcert.foundation.kernel.loglines.LineFormatter"}},
    "filters": {"no stranger": {"()": "tcert.foundation.ui.quiet.NoStranger"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "tcert": {"level": "INFO"},
        "django.request": {"filters": ["no stranger"]},
        # A stranger's mistake is no line with an hour and words of theirs. By level: what has no
        # handler at all is printed by Python's handler of last resort.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("TCERT_DEBUG is on: a production hub shows no debug pages")
    if DEMO:
        raise ImproperlyConfigured("TCERT_DEMO is on: a production hub cannot be a demonstration")
    if not _tls and not _onion:
        raise ImproperlyConfigured("TCERT_BASE_URL must be https:// (or an onion address)")
