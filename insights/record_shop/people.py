"""The shop's customers: invented names for the sample's numbers."""

from contacts.rows import ContactRow
from insights.record_shop.chance import fraction, whole

FIRST = (
    "Ada", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Giulia", "Hugo", "Irene",
    "Jonas", "Karin", "Luca", "Marta", "Nico", "Olga", "Paolo", "Rita", "Sara",
    "Tomas", "Ugo", "Vera", "Wanda", "Xenia", "Yuri", "Zoe",
)  # fmt: skip
LAST = (
    "Rossi", "Bianchi", "Conti", "Moretti", "Ricci", "Greco", "Hale", "Reyes", "Weir",
    "Carr", "Frost", "Bello", "Shah", "Lind", "Novak", "Keller", "Dubois", "Silva",
    "Costa", "Marin", "Olsen", "Byrne", "Doyle", "Stone", "Winter",
)  # fmt: skip
SUBSCRIBED = 0.85


def row_of(customer: int) -> ContactRow:
    """Who customer number so and so is."""
    first = FIRST[whole(len(FIRST), "first", customer)]
    last = LAST[whole(len(LAST), "last", customer)]
    return ContactRow(
        email=f"{first}.{last}.{customer}@example.com".lower(),
        first_name=first,
        last_name=last,
        external_id=f"customer-{customer}",
    )


def has_subscribed(customer: int) -> bool:
    """Whether they agreed to hear from the shop."""
    return fraction("subscribed", customer) < SUBSCRIBED
