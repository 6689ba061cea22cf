"""The way in for shop data: every door translates into `commerce.shapes` and calls these.

Each takes a batch of one shop in a bounded number of statements and one transaction, and gives
one answer per item, in order. What comes twice, in another order, or at the same moment ends the
same.
"""

from commerce.ingest.carts import take_carts
from commerce.ingest.categories import take_categories
from commerce.ingest.orders import take_orders
from commerce.ingest.products import take_products

__all__ = ["take_carts", "take_categories", "take_orders", "take_products"]
