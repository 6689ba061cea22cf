"""Colours that stay readable: WCAG 2 contrast, and a brand colour moved until it passes."""

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
READABLE = 4.5  # WCAG 2.2, 1.4.3


def is_colour(text: str) -> bool:
    """Whether this is a colour as #rrggbb."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """White or near-black, whichever reads better on this ground."""
    return max("#ffffff", "#10130f", key=lambda ink: contrast(ink, colour))


def darkened_to_read(colour: str, ground: str) -> str:
    """The colour, mixed with black until it can be read on a light ground."""
    return _moved(colour, ground, 0)


def lightened_to_read(colour: str, ground: str) -> str:
    """The colour, mixed with white until it can be read on a dark ground."""
    return _moved(colour, ground, 255)


def _moved(colour: str, ground: str, towards: int) -> str:
    red, green, blue = _channels(colour)
    for step in range(21):
        share = step / 20
        mixed = "#" + "".join(
            f"{round(channel + (towards - channel) * share):02x}" for channel in (red, green, blue)
        )
        if contrast(mixed, ground) >= READABLE:
            break
    return mixed


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
