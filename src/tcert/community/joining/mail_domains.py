"""Mail domains: to whom an address belongs, and which belong to nobody in particular.

Pure. Whoever reads mail at a domain of its own has shown a little; a mailbox at a provider that
gives one to everybody shows nothing about an organisation.
"""

FREE = frozenset(
    {
        "126.com",
        "163.com",
        "aol.com",
        "disroot.org",
        "duck.com",
        "fastmail.com",
        "free.fr",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hey.com",
        "icloud.com",
        "laposte.net",
        "libero.it",
        "mac.com",
        "mail.com",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "naver.com",
        "orange.fr",
        "pm.me",
        "posteo.de",
        "proton.me",
        "protonmail.ch",
        "protonmail.com",
        "qq.com",
        "rediffmail.com",
        "riseup.net",
        "seznam.cz",
        "sina.com",
        "t-online.de",
        "tuta.com",
        "tuta.io",
        "tutanota.com",
        "ukr.net",
        "web.de",
        "wp.pl",
        "ya.ru",
        "yandex.com",
        "yandex.ru",
        "zoho.com",
    }
)
"""Providers that give a mailbox to everybody; public knowledge, and never complete."""
_FAMILIES = frozenset({"hotmail", "live", "outlook", "yahoo", "ymail", "rocketmail"})
"""First labels of providers with an address in many countries, as in yahoo.co.uk."""
_MOST_LABELS = 3


def domain_of(address: str) -> str:
    """Return the domain of a mail address in small letters, without a dot at its end."""
    return address.strip().rpartition("@")[2].rstrip(".").lower()


def belongs(address: str, domain: str) -> bool:
    """Is the address at this domain or below it?"""
    host, domain = domain_of(address), domain.rstrip(".").lower()
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def is_free(domain: str) -> bool:
    """Does the domain give a mailbox to everybody, as far as this list knows?"""
    domain = domain.rstrip(".").lower()
    if any(domain == one or domain.endswith(f".{one}") for one in FREE):
        return True
    labels = domain.split(".")
    return 1 < len(labels) <= _MOST_LABELS and labels[0] in _FAMILIES
