"""Names that say that a file or a folder is not pictures but their masks."""

import re

FOLDERS = frozenset(  # in lower case
    {
        *("mask", "masks", "segmentation", "segmentations", "seg", "label", "labels"),
        *("annotation", "annotations", "groundtruth", "ground_truth", "ground-truth", "gt"),
    }
)
# A number behind the word counts several masks of one picture: 'benign (1)_mask_1.png'.
OF_A_MASK = re.compile(
    r"(?P<picture>.*[^_\-. ])[_\-. ]+"
    r"(?P<word>masks?|seg|segm|segmentations?|lesions?|labels?|annotations?"
    r"|ground[_\-. ]?truth|gt|contour)(?:[_\-. ]?\d{1,2})?",
    re.IGNORECASE | re.DOTALL,
)


def picture_of(stem: str) -> str | None:
    """The stem of the picture that a mask of this stem is of: 'X' of 'X_mask' or 'X-Seg'.

    'skin_lesion' can be a picture as well: a file is only a mask if there is a picture of the stem
    that is returned.

    Args:
        stem: the name of a file without its suffix, or the name of a folder.

    Returns:
        None where the stem does not end in a word for masks.
    """
    found = OF_A_MASK.fullmatch(stem)
    return found["picture"] if found else None
