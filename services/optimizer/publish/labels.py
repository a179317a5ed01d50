"""The few fixed words of pages and mails, by language; they state nothing."""

from datetime import datetime

_LABELS = {
    "en": {
        "all": "All posts",
        "sources": "Sources",
        "feed": "RSS feed",
        "minutes": "min read",
        "none": "Nothing has been published here yet.",
        "home": "Blog",
        "film": "Film",
        "unsubscribe": "Unsubscribe",
        "from": "This e-mail was sent to you by",
    },
    "de": {
        "all": "Alle Beiträge",
        "sources": "Quellen",
        "feed": "RSS-Feed",
        "minutes": "Min. Lesezeit",
        "none": "Hier ist noch nichts erschienen.",
        "home": "Blog",
        "film": "Film",
        "unsubscribe": "Abmelden",
        "from": "Diese E-Mail kommt von",
    },
    "fr": {
        "all": "Tous les articles",
        "sources": "Sources",
        "feed": "Flux RSS",
        "minutes": "min de lecture",
        "none": "Rien n\u2019a encore été publié ici.",
        "home": "Blog",
        "film": "Film",
        "unsubscribe": "Se désabonner",
        "from": "Ce message vous est envoyé par",
    },
    "es": {
        "all": "Todas las entradas",
        "sources": "Fuentes",
        "feed": "Canal RSS",
        "minutes": "min de lectura",
        "none": "Aquí todavía no se ha publicado nada.",
        "home": "Blog",
        "film": "Vídeo",
        "unsubscribe": "Darse de baja",
        "from": "Este mensaje se lo envía",
    },
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def labels(language: str) -> dict[str, str]:
    """The fixed words of a page; English where the language has no translation here."""
    return _LABELS.get(language, _LABELS["en"])


def long_date(when: datetime, language: str) -> str:
    """The day in words in English, else in ISO 8601, which reads the same everywhere."""
    if language != "en":
        return when.date().isoformat()
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
