"""Which of two classes is positive: by names that say so, by the settings, and never by a guess."""

import pytest

from helpers import settings
from helpers.datasets import DatasetError
from helpers.datasets.positive import chosen_positive, health, positive_of

# The first is positive.
TOLD = """
melanoma/nevus melanoma/naevus Mel/Nev Melanoma/NotMelanoma melanoma/other AFF/NFF
fractured/not_fractured Fractured/Non_fractured fracture/no-fracture fractured/nonfractured
Cancer/Non_Cancer Cancerous/Noncancerous tumor/no_tumor tumor/notumor tumour/tumour-free
Parasitized/Uninfected infected/un-infected affected/unaffected COVID/NonCOVID CT_COVID/CT_NonCOVID
abnormal/normal abnormal/no_abnormality atypical/typical atypical_nevus/common_nevus
malignant/benign malignant_lesion/benign_lesion unhealthy/healthy Diseased/Healthy
Osteoarthritis/Healthy Fracture/Healthy_controls pneumonia/normal PNEUMONIA/NORMAL CNV/NORMAL
yes/no positive/negative pos/neg finding/no_finding DR/No_DR mask/no_mask disease/no_disease
stroke/nonstroke Sick/Well polyp/intact
"""
NOT_TOLD = "0/1 a/b Class0/Class1 cat/dog left/right KL0/KL4 control/healthy benign/nevus"


@pytest.mark.parametrize("pair", TOLD.split())
def test_names_tell(pair):
    positive, other = pair.replace("_", " ").split("/")
    assert positive_of((positive, other)) == positive_of((other, positive)) == positive


@pytest.mark.parametrize("pair", NOT_TOLD.split())
def test_names_that_do_not_tell_are_not_guessed_from(pair):
    first, second = pair.split("/")
    assert positive_of((first, second)) is positive_of((second, first)) is None


def test_of_more_classes_none_is_positive():
    assert positive_of(("melanoma", "nevus", "healthy")) is None


@pytest.mark.parametrize(
    ("name", "side"),
    [("nevus", -1), ("not a nevus", 1), ("NoTumor", -1), ("noise", 0), ("uniform", 0), ("mm", 1)],
)
def test_health(name, side):
    assert health(name) == side


def test_what_is_given_counts_and_must_be_a_class(monkeypatch):
    monkeypatch.setattr(settings, "_current", settings.Settings(positive="1, AFF"))
    assert chosen_positive("skin", ("0", "1")) == "1"
    assert chosen_positive("bone", ("AFF", "NFF")) == "AFF"
    with pytest.raises(DatasetError, match=r"LAB_POSITIVE is '1, AFF', but .* skin are 'Mel' and"):
        chosen_positive("skin", ("Mel", "Nev"))
    settings.use(positive="0,1")
    with pytest.raises(DatasetError, match="name one of them"):
        chosen_positive("skin", ("0", "1"))
    settings.use(positive="nevus")
    assert chosen_positive("skin", ("melanoma", "nevus")) == "nevus"
