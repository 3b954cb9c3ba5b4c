"""Pages of the common language."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.language.glossary import GLOSSARY
from tcert.foundation.language.vocabularies import vocabularies


@page(Permission.SITE_PUBLIC)
def glossary(request: HttpRequest) -> HttpResponse:
    """The words that the hub uses, and the vocabularies that it stores."""
    words = sorted(GLOSSARY, key=lambda word: word.term.lower())
    context = {"words": words, "vocabularies": vocabularies().values()}
    return render(request, "language/glossary.html", context)


@page(Permission.SITE_PUBLIC)
def vocabulary_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One vocabulary with its source and terms."""
    chosen = vocabularies().get(slug)
    if chosen is None:
        raise Http404
    context = {"vocabulary": chosen, "others": vocabularies().values()}
    return render(request, "language/vocabulary.html", context)
