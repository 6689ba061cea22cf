"""Components as template tags (a built-in library, no {% load %}) and the renderer of all forms.

`docs/pages.md` shows each component in use; the specimen page shows how each one looks.
"""

import colorsys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from core import charts
from core.money import money as money_in_words

register = template.Library()

HUES = 12

NOTICE_ICONS = {
    "info": "info",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
}
DELTA_ICONS = {"up": "arrow-up-right", "down": "arrow-down-right", "flat": "arrow-right"}


class FormRenderer(TemplatesSetting):
    """Draws every Django form, field and error list with the templates of templates/ui/."""

    form_template_name = "ui/form.html"
    formset_template_name = "ui/formset.html"
    field_template_name = "ui/field.html"


@lru_cache(maxsize=512)
def _drawn_icon(name: str, label: str, css: str) -> SafeString:
    attrs: dict[str, Any] = (
        {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    )
    if css:
        attrs["class"] = css
    return mark_safe(lucide(name, **attrs))  # noqa: S308  the package escapes attributes


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """A Lucide icon as inline SVG, decoration unless it has a label; an unknown name raises."""
    return _drawn_icon(str(name), str(label), str(css))


@register.simple_tag
def attributes(values: Mapping[str, Any]) -> SafeString:
    """HTML attributes: hx_get becomes hx-get, True stands alone, None is left out."""
    return flatatt({name.replace("_", "-"): value for name, value in values.items()})


@register.simple_tag
def button(
    label: str,
    *,
    href: str = "",
    kind: str = "",
    icon: str = "",
    small: bool = False,
    icon_only: bool = False,
    **attrs: Any,
) -> SafeString:
    """A link when it has an href, else a button (of type button unless told)."""
    words = ("btn", kind, "sm" if small else "", "icon" if icon_only else "")
    css = " ".join(word for word in words if word)
    drawn = _drawn_icon(icon, "", "") if icon else ""
    if icon_only:
        attrs["aria-label"] = label
    rest = attributes(attrs)
    shown = "" if icon_only else label
    if href:
        return format_html('<a class="{}" href="{}"{}>{}{}</a>', css, href, rest, drawn, shown)
    attrs.setdefault("type", "button")
    return format_html('<button class="{}"{}>{}{}</button>', css, attributes(attrs), drawn, shown)


@register.simple_tag
def chip(text: str, tone: str = "", icon: str = "", dot: str = "") -> SafeString:
    """A status in a word; `dot` is "on" for a dot, "live" for one with a halo."""
    mark = SafeString("")
    if dot:
        mark = format_html('<span class="dot {}"></span>', dot)
    elif icon:
        mark = _drawn_icon(icon, "", "")
    css = f"chip {tone}".strip()
    return format_html('<span class="{}">{}{}</span>', css, mark, text)


@register.simple_tag
def delta(text: str, direction: str = "flat") -> SafeString:
    """A change with its arrow; `direction` is up (good), down (bad) or flat."""
    drawn = _drawn_icon(DELTA_ICONS[direction], "", "")
    return format_html('<span class="delta {}">{}{}</span>', direction, drawn, text)


@register.simple_tag
def tile(icon: str, tone: str = "", size: str = "") -> SafeString:
    """An icon on a tinted ground; `tone` may be a step family as k-message."""
    css = " ".join(word for word in ("tile", size, tone) if word)
    return format_html('<span class="{}">{}</span>', css, _drawn_icon(icon, "", ""))


@register.simple_tag
def avatar(name: str, size: str = "", square: bool = False) -> SafeString:
    """One or two initials, decoration beside the name itself."""
    css = " ".join(word for word in ("av", size, "sq" if square else "") if word)
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, initials(name))


@register.filter
def initials(name: str) -> str:
    """First letters of the first and the last word; a question mark for no name."""
    words = str(name).replace("@", " ").split()
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@register.filter
def grouped(count: int) -> str:
    """A whole number with the thousands separator of the active language."""
    return charts.localized(count)


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount in words; "" for none."""
    return "" if amount is None else money_in_words(amount, currency)


@register.filter
def hue_class(colour: str) -> str:
    """Class of the hosted pages' colour step nearest to #rrggbb; empty for grey or nonsense.

    Steps rather than the colour itself: each passes 4.5:1 on light and dark pages.
    """
    try:
        red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    except (TypeError, ValueError):
        return ""
    hue, _lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return f"hue-{round(hue * HUES) % HUES}" if saturation > 0.15 else ""


@register.simple_tag
def bar(percent: float, label: str = "", tone: int = 1) -> SafeString:
    """A share in per cent as a bar."""
    return charts.bar(float(percent), label=label, tone=tone)


@register.inclusion_tag("ui/progress.html")
def progress(value: int, maximum: int | None, label: str) -> dict[str, Any]:
    """How far a task has come; an unknown maximum shows that it runs."""
    return {"value": value, "maximum": maximum, "label": label}


@register.inclusion_tag("ui/search.html")
def search_field(
    name: str = "q", value: str = "", label: str = "", placeholder: str = "", **attrs: Any
) -> dict[str, Any]:
    """A search box inside a form with method get; further attributes go on the input."""
    return {
        "name": name,
        "value": value,
        "label": label or _("Search"),
        "placeholder": placeholder,
        "attrs": attrs,
    }


@register.inclusion_tag("ui/filter_chip.html")
def filter_chip(text: str, value: str, remove_url: str, target: str = "") -> dict[str, Any]:
    """A filter in force, with the link that takes it away."""
    return {"text": text, "value": value, "remove_url": remove_url, "target": target}


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Links to sibling pages; each item has label and url, and may have current, icon, count."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/segmented.html")
def segmented(items: Sequence[Mapping[str, Any]], label: str, target: str = "") -> dict[str, Any]:
    """Links to views of the same thing; with a target, htmx swaps that instead of the page."""
    return {"items": items, "label": label, "target": target}


@register.inclusion_tag("ui/pager.html")
def pager(
    previous_url: str = "", next_url: str = "", summary: str = "", target: str = ""
) -> dict[str, Any]:
    """Cursor paging under a list; an empty address greys its button out."""
    return {
        "previous_url": previous_url,
        "next_url": next_url,
        "summary": summary,
        "target": target,
    }


@register.inclusion_tag("ui/stats.html")
def stat_list(items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Figures with their names, two a row: (name, figure)."""
    return {"items": items}


@register.inclusion_tag("ui/chart_table.html")
def chart_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The figures of a chart for those who cannot or will not read it."""
    return {"headers": headers, "rows": rows}


@register.inclusion_tag("ui/confirm_form.html", takes_context=True)
def confirm_form(
    context: template.Context,
    action: str,
    label: str,
    *,
    kind: str = "danger-solid",
    back: str = "",
) -> dict[str, Any]:
    """One button that posts to `action`, with the way back beside it."""
    return {
        "action": action,
        "label": label,
        "kind": kind,
        "back": back,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What is wrong with a sent form, with links to the fields; nothing when all is well."""
    return {"form": form}


@register.simple_block_tag
def card(
    content: str, title: str = "", note: str = "", href: str = "", link: str = "", id: str = ""
) -> SafeString:
    """A titled box; `note` is quiet text or, with an href, `link` a link at the far end."""
    return _rendered("ui/card.html", content, title=title, note=note, href=href, link=link, id=id)


@register.simple_block_tag
def notice(content: str, tone: str = "info", icon: str = "", role: str = "") -> SafeString:
    """A remark in its place on the page; role="alert" only for what just went wrong."""
    return _rendered(
        "ui/notice.html", content, tone=tone, icon=icon or NOTICE_ICONS[tone], role=role
    )


@register.simple_block_tag
def emptystate(
    content: str, icon: str, title: str, text: str = "", tone: str = "brand"
) -> SafeString:
    """What this place is, one sentence of gain, and inside the block one button to begin."""
    return _rendered("ui/empty.html", content, icon=icon, title=title, text=text, tone=tone)


@register.simple_block_tag
def menu(
    content: str, label: str, icon: str = "ellipsis", kind: str = "", small: bool = False
) -> SafeString:
    """Links and buttons behind an icon button; opens without a script."""
    return _rendered("ui/menu.html", content, label=label, icon=icon, kind=kind, small=small)


@register.simple_block_tag
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    """A dialog on the page, opened by any link with data-dialog="<id>"."""
    return _rendered("ui/dialog.html", content, id=id, title=title, wide=wide)


@register.simple_block_tag
def timeline_event(
    content: str, icon: str, tone: str = "", when: Any = None, time: str = "", title: str = ""
) -> SafeString:
    """One thing that happened; the block is its detail and may be empty."""
    return _rendered(
        "ui/timeline_event.html",
        mark_safe(content.strip()),  # noqa: S308  rendered by the block above
        icon=icon, tone=tone, when=when, time=time, title=title,
    )  # fmt: skip


def _rendered(template_name: str, content: str, **context: Any) -> SafeString:
    return render_to_string(template_name, {**context, "content": content})
