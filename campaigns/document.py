"""The page around a mail's content: head, preview text, light and dark."""

from html import escape

from campaigns.contracts import CARD_DARK, FONTS, Brand, Look

COLOUR_SCHEMES = (
    '<meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark">'
    '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">'
)
# After the preview text, so that a mail program does not go on with the first lines of the mail.
_FILLER = "&#847;&zwnj;&nbsp;" * 30


def document(sections: str, *, preheader: str, look: Look) -> str:
    """MJML of a whole mail around its sections."""
    brand = look.brand
    preview = (
        f"<mj-preview>{escape(preheader)}{look.keep(_FILLER)}</mj-preview>" if preheader else ""
    )
    return (
        f'<mjml lang="{escape(brand.language)}"><mj-head>'
        f"<mj-title>{escape(brand.name)}</mj-title>{preview}"
        f'<mj-attributes><mj-all font-family="{FONTS}" /></mj-attributes>'
        f"<mj-raw>{look.keep(COLOUR_SCHEMES)}</mj-raw>"
        f"<mj-style>{look.keep(_styles(look))}</mj-style>"
        f'</mj-head><mj-body css-class="vg-ground" background-color="{look.ground}" width="600px">'
        f"{_masthead(look)}{sections}</mj-body></mjml>"
    )


def whole_page(inner: str, *, styles: str, preheader: str, brand: Brand) -> str:
    """The page around HTML written by hand."""
    sheet = f'<style type="text/css">{styles}</style>' if styles.strip() else ""
    preview = (
        '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;'
        f'opacity:0;overflow:hidden;">{escape(preheader)}{_FILLER}</div>'
        if preheader
        else ""
    )
    return (
        f'<!doctype html><html lang="{escape(brand.language)}"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(brand.name)}</title>{sheet}</head>"
        f'<body style="margin:0;padding:0;">{preview}{inner}</body></html>'
    )


def _masthead(look: Look) -> str:
    brand = look.brand
    if brand.logo_url:
        inner = (
            f'<mj-image src="{escape(brand.logo_url)}" alt="{escape(brand.name)}" width="160px" '
            f'align="left" padding="0 32px" />'
        )
    else:
        name = (
            f'<span style="color:{look.accent};font-weight:700;letter-spacing:-0.01em;">'
            f"{escape(brand.name)}</span>"
        )
        inner = (
            f'<mj-text css-class="vg-brand" font-size="20px" line-height="24px" padding="0 32px">'
            f"{look.keep(name)}</mj-text>"
        )
    return (
        f'<mj-section css-class="vg-head" padding="28px 0 18px"><mj-column>{inner}</mj-column>'
        "</mj-section>"
    )


def _styles(look: Look) -> str:
    return (
        ".vg-text p:last-child,.vg-text ul:last-child,.vg-text ol:last-child"
        "{margin-bottom:8px!important}"
        "@media (max-width:620px){.vg-card{margin-left:10px!important;margin-right:10px!important}"
        ".vg-head{padding-left:10px!important}.vg-text>div{overflow-wrap:anywhere}}"
        "@media (prefers-color-scheme:dark){"
        "body,.vg-ground{background-color:#121412!important}"
        f".vg-card,.vg-card>table{{background:{CARD_DARK}!important;"
        f"background-color:{CARD_DARK}!important}}"
        ".vg-text>div,.vg-text h1,.vg-text h2,.vg-text h3,.vg-text p,.vg-text li,"
        ".vg-text blockquote{color:#edf0ea!important}"
        f".vg-text a,.vg-brand span{{color:{look.accent_dark}!important}}"
        f".vg-text a.vg-solid{{color:{look.on_solid}!important}}"
        ".vg-text .vg-muted{color:#b9c1b6!important}.vg-text td{border-color:#2e342d!important}"
        ".vg-line p{border-top-color:#2e342d!important}"
        ".vg-footer div,.vg-footer a{color:#b9c1b6!important}}"
    )
