"""Which file is the mask of which image.

A mask is called as its image (`1.png` for `1.jpg`) or has a word for masks behind that name
(`1_segmentation.png`), and lies

- in a folder of masks (`masks/`, `Masks/`, `labels/`, ...; all are in `mask_names.FOLDERS`), under
  the path of its image or a part of that path: `masks/train/Mel/1.png`, `masks/1.png`;
- in a folder whose name ends in such a word: `train_masks/Mel/1.png`, `1_lesion/1_lesion.bmp`;
- or beside its image, if its name ends in such a word.

Where several fit an image, the one with the longest path in common is taken. Numbered masks of one
image (`1_mask.png`, `1_mask_1.png`) are parts that are put together.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from helpers.datasets import mask_names
from helpers.datasets.entries import DEEPEST, below, entries, is_image
from helpers.datasets.errors import DatasetError, shortened
from helpers.settings import quoted

NO_MASKS = {".txt", ".csv", ".json", ".xml"}  # labels/ may hold classes or boxes instead


class Mask(NamedTuple):
    """A file that is a mask, of an image that is not known yet."""

    file: Path
    base: Path  # its image is somewhere below
    within: tuple[str, ...]  # the folders that it is in, below that of all masks, in lower case

    def fits(self, image: Path) -> bool:
        """Whether the path of an image holds the folders of this mask, in this order."""
        if self.base not in image.parents:
            return False
        folders = iter(image.parent.relative_to(self.base).parts)
        return all(any(at.lower() == name for at in folders) for name in self.within)

    @property
    def depth(self) -> int:
        """How many folders it has in common with its image."""
        return len(self.base.parts) + len(self.within)


def masks_of(
    root: Path, images: Sequence[Path], kind: str = "masks"
) -> dict[Path, tuple[Path, ...]] | None:
    """Find the masks of images.

    Args:
        root: the folder of the set.
        images: the files, all below it.
        kind: masks, or the name of another folder with such files, where no other is looked for.

    Returns:
        One mask or several parts for each image; None where the set has none at all.

    Raises:
        DatasetError: images have no mask, or several that are not its parts; a mask fits several
            images; or a folder of masks holds no file that is read.
    """
    found = list(_masks(root, images, kind))
    if not found:
        return None
    by_stem: defaultdict[str, list[Mask]] = defaultdict(list)
    for mask in found:
        for stem in {mask.file.stem, mask_names.picture_of(mask.file.stem)} - {None}:
            by_stem[str(stem)].append(mask)

    def nearest(image: Path) -> list[Path]:
        fitting = [mask for mask in by_stem[image.stem] if mask.fits(image)]
        deepest = max((mask.depth for mask in fitting), default=0)
        return [mask.file for mask in fitting if mask.depth == deepest]

    of = {image: tuple(nearest(image)) for image in images}
    others = set(below(root)) - {mask.file for mask in found} - set(images)
    taken = Counter(mask for image in {*images, *others} for mask in nearest(image))
    if missing := [image for image, masks in of.items() if not masks]:
        left = [mask.file for mask in found if not taken[mask.file]]
        raise DatasetError(
            f"{quoted(root)}: {len(missing)} of {len(images)} images have no mask: "
            f"{_named(missing, root)}; masks of no image: {_named(left, root) or 'none'}; the "
            f"mask of train/Mel/1.jpg is {kind}/train/Mel/1.png, 1_mask.png or the like; draw "
            "those, rename them, or move all masks away"
        )
    if several := [image for image, masks in of.items() if not _are_parts(masks)]:
        raise DatasetError(
            f"{quoted(root)}: not sure which mask is meant: "
            f"{_named(several, root)} has {_named(of[several[0]], root)}; keep one for each image"
        )
    if shared := sorted({mask for masks in of.values() for mask in masks if taken[mask] > 1}):
        raise DatasetError(
            f"{quoted(root)}: several images of one name have one mask: "
            f"{_named(shared, root)}; put masks into the folders of their images, as "
            f"{kind}/train/Mel/1.png is the mask of train/Mel/1.jpg"
        )
    return of


def _masks(root: Path, images: Sequence[Path], kind: str) -> Iterator[Mask]:
    """All files that are masks by their names or by those of their folders."""
    names: Collection[str] = mask_names.FOLDERS if kind == "masks" else {kind}
    above = {folder for image in images for folder in image.parents}  # images, whatever its name
    files = list(_files(root))
    by_folder: defaultdict[Path, list[Path]] = defaultdict(list)  # the folders of masks
    others: list[Path] = []
    for file in files:
        folder = _topmost(file, root, above, lambda name: name.lower() in names)
        (by_folder[folder] if folder else others).append(file)
    for folder, inside in by_folder.items():
        masks = [file for file in inside if is_image(file)]
        if not masks and any(file.suffix.lower() not in NO_MASKS for file in inside):
            raise DatasetError(
                f"{quoted(folder)}: holds no mask of a format that the lab reads; seen: "
                f"{shortened([repr(file.name) for file in inside], most=3)}; save the masks as "
                "PNG, or move the folder away"
            )
        for file in masks:
            yield Mask(file, folder.parent, _lower(file.parent, folder))
    if kind != "masks":
        return
    others = [file for file in others if is_image(file)]
    beside = {(file.parent, file.stem) for file in others}
    of_stem: defaultdict[str | None, list[Path]] = defaultdict(list)
    for image in images:
        of_stem[image.stem].append(image)
    for file in others:
        picture = mask_names.picture_of(file.stem)
        folder = _topmost(file, root, above, lambda name: bool(mask_names.picture_of(name)))
        if (file.parent, picture) in beside:
            yield Mask(file, file.parent, ())
        elif folder and (called_alike := of_stem[picture] + of_stem[file.stem]):
            mask = Mask(file, folder.parent, _twin(folder) + _lower(file.parent, folder))
            if any(map(mask.fits, called_alike)):  # a class may be called 'vascular_lesion' too
                yield mask


def _lower(path: Path, folder: Path) -> tuple[str, ...]:
    return tuple(part.lower() for part in path.relative_to(folder).parts)


def _twin(folder: Path) -> tuple[str, ...]:
    """Of train_masks/ the folder train/ or train_images/ beside it, if there is one."""
    start = str(mask_names.picture_of(folder.name)).lower()
    beside = (at.name.lower() for at in entries(folder.parent)[0] if at != folder)
    return next(((name,) for name in beside if name.startswith(start)), ())


def _topmost(
    file: Path, root: Path, above: Collection[Path], named: Callable[[str], bool]
) -> Path | None:
    """The highest folder of a file below the root that is so named and holds none of the images."""
    folders = [at for at in reversed(file.parents) if root in at.parents and at not in above]
    return next((at for at in folders if named(at.name)), None)


def _files(folder: Path, depth: int = DEEPEST) -> Iterator[Path]:
    folders, files = entries(folder)
    yield from files
    for at in folders:
        if depth:
            yield from _files(at, depth - 1)


def _are_parts(masks: Sequence[Path]) -> bool:
    """Whether masks differ by the numbers behind their names alone."""
    names = {re.sub(r"[_\-. ]?\d{1,2}$", "", mask.stem).lower() for mask in masks}
    return len(names) == 1 and len({mask.stem for mask in masks}) == len(masks)


def _named(files: Sequence[Path], root: Path) -> str:
    return shortened([quoted(file.relative_to(root)) for file in files])
