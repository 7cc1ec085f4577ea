"""Whether JPEG data is sound.

Pillow hides the warnings of libjpeg and fills what is missing with grey or with what came before,
so that a damaged file looks like an image. TurboJPEG reports them.
"""

import simplejpeg

UNKNOWN = "subsampling level"  # TurboJPEG knows the usual ones; a rare one is left to Pillow alone
EIGHTH = {"min_height": 1, "min_width": 1, "min_factor": 8}  # all is parsed, 1 pixel in 64 made


def check(data: bytes, colours: str = "GRAY") -> None:
    """Refuse data of which libjpeg warns.

    Args:
        data: a whole JPEG stream.
        colours: what it can be decoded to: GRAY, or CMYK for four inks.

    Raises:
        ValueError: it is damaged, in libjpeg's words.
    """
    try:
        simplejpeg.decode_jpeg(data, colours, True, True, strict=True, **EIGHTH)
    except ValueError as error:
        if UNKNOWN not in str(error):
            raise
