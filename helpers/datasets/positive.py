"""Which of two classes is positive, the one whose detection is called sensitivity.

It is read from the classes' names where these say disease or health, or given; never guessed.
"""

import re
from collections.abc import Sequence

import numpy as np

from helpers import settings
from helpers.datasets.errors import DatasetError

# Words and beginnings of words, in lower case. The longest that fits counts.
ILL = (
    "abnormal aff affected anomal atypic bad bcc bleed cancer carcin cataract covid cyst defect "
    "diabet diseas dysplas edema effusion emphysem fibros fractur glaucom gliom haemorrhag "
    "hemorrhag ill infarct infect infiltrat ischaem ischem keratos lesion leukaem leukem lymphom "
    "malign mass mel melanom meningiom metasta mm nodul oedema opacit osteoarthr osteopor parasit "
    "patholog pneumon pneumothora polyp pos positive retinopath sarcom scc sick stenos stroke tb "
    "tear tubercul tumor tumour ulcer unhealthy yes"
)
HEALTHY = (
    "benign clean clear common control fine good health intact naevi naevus neg negative nev nevi "
    "nevus nff no none normal nv regular typical unremarkable"
)
# These are no beginnings of other words.
WHOLE = "aff bad bcc fine good ill mass mel mm neg nev nff no none nv pos scc sick tb tear yes"
NEGATIONS = ("not", "non", "no", "without", "un", "free")  # 'un' as in uninfected


def _words(name: str) -> list[str]:
    """'Non_Fractured', 'NonCOVID' and 'not fractured' as words in lower case."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+", apart.lower())


def _says(word: str) -> int:
    """1 where a word says disease, -1 where it says health, 0 where neither."""
    fits = [
        (len(stem), side)
        for stems, side in ((ILL, 1), (HEALTHY, -1))
        for stem in stems.split()
        if word == stem or (stem not in WHOLE.split() and word.startswith(stem))
    ]
    if fits:
        return max(fits)[1]
    for negation in ("un", "non", "not"):
        if word.startswith(negation) and (meant := _says(word.removeprefix(negation))):
            return -meant
    return 0


def health(name: str) -> int:
    """1 where a class's name says disease, -1 where it says health, 0 where it does not say.

    A negation turns what it stands before ('no tumor') or, as 'free', behind ('tumour-free'). Where
    a name says both, as 'atypical nevus' does, the disease counts.
    """
    said: list[int] = []
    turned = 1
    words = _words(name)
    for i, word in enumerate(words):
        last = i == len(words) - 1
        if word == "free" and said:
            said[-1] = -said[-1]
        elif word in NEGATIONS and not last:
            turned = -1
        elif side := _says(word):
            said.append(turned * side)
            turned = 1
    return (1 if 1 in said else -1) if said else 0


def _negates(name: str, other: str) -> bool:
    """Whether a name is the other one with a negation: 'no mask' of 'mask'."""
    words, plain = _words(name), _words(other)
    return bool(plain) and (
        (len(words) == len(plain) + 1 and words[0] in NEGATIONS and words[1:] == plain)
        or ("".join(words) in {negation + "".join(plain) for negation in ("non", "not")})
    )


def positive_of(classes: Sequence[str]) -> str | None:
    """Of two classes the one whose detection is called sensitivity, where their names say so.

    That is the one that says disease beside one that does not, the one beside one that says
    health, or the one that the other negates. None with more classes, or where it is not said.
    """
    if len(classes) != 2:
        return None
    first, second = classes
    shared = set(_words(first)) & set(_words(second))
    for words in (_words, lambda name: [word for word in _words(name) if word not in shared]):
        sides = [health(" ".join(words(name))) for name in classes]
        if sides[0] != sides[1]:  # of 'benign tumor' and 'malignant tumor' by what differs
            return classes[int(np.argmax(sides))]
    if _negates(second, first):
        return first
    return second if _negates(first, second) else None


def chosen_positive(name: str, classes: Sequence[str]) -> str | None:
    """The positive class of a set: the one that the settings name, else `positive_of`.

    Raises:
        DatasetError: the settings name classes, and none of this set or several.
    """
    given = [one.strip() for one in settings.current().positive.split(",") if one.strip()]
    if not given or len(classes) != 2:
        return positive_of(classes)
    here = [one for one in classes if one in given]
    if len(here) != 1:
        raise DatasetError(
            f"LAB_POSITIVE is {settings.current().positive!r}, but the classes of {name} are "
            f"{' and '.join(map(repr, classes))}; name one of them (of several sets one each, with "
            "commas between)"
        )
    return here[0]
