"""Customers' photos: looked at, drawn anew, kept. Nothing else that was in the file survives."""

from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import Invalid, Problem

BYTES_MAX = 10 * 1024 * 1024
# Bytes a photo's form may have besides the photo: its texts and the frame of a multipart body.
FORM_MAX = BYTES_MAX + 64 * 1024
SIDE_MAX = 1600
# JPEG is read at a fraction of its size; the others take 4 bytes a pixel while they are drawn.
PIXELS_MAX = {"JPEG": 120_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}


def redrawn(file: IO[bytes]) -> ContentFile:
    """The photo as a JPEG of at most SIDE_MAX pixels a side, upright, without its metadata.

    Raises Invalid `empty`, `too_large` or `file_type`.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if size == 0:
        raise refusal("empty", _("The photo is an empty file."))
    if size > BYTES_MAX:
        raise too_large()
    try:
        drawn = _drawn(file)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        sentence = _("This is no photo that can be shown. Send a JPEG, PNG or WebP.")
        raise refusal("file_type", sentence) from None
    written = BytesIO()
    drawn.save(written, "JPEG", quality=82, optimize=True)
    return ContentFile(written.getvalue())


def too_large() -> Invalid:
    """The refusal of a photo with too many bytes."""
    words = {"most": BYTES_MAX // (1024 * 1024)}
    return refusal("too_large", _("A photo has at most %(most)d MB.") % words)


def refusal(code: str, sentence: str) -> Invalid:
    """The refusal of a photo."""
    return Invalid(code, sentence, [Problem(code, sentence, "photo")])


def _drawn(file: IO[bytes]) -> Image.Image:
    with Image.open(file, formats=list(PIXELS_MAX)) as image:
        if image.width * image.height > PIXELS_MAX[str(image.format)]:
            raise refusal("too_large", _("The photo has too many pixels."))
        image.draft("RGB", (SIDE_MAX, SIDE_MAX))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE_MAX, SIDE_MAX))
        return _on_white(upright)


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, and without anything that is not a pixel."""
    if image.mode not in ("RGBA", "LA", "P"):
        return Image.merge("RGB", image.convert("RGB").split())
    layered = image.convert("RGBA")
    ground = Image.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground
