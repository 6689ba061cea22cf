"""Published reviews as schema.org describes them, for search engines.

https://schema.org/AggregateRating and https://schema.org/Review, inside a Product.
"""

from collections.abc import Sequence
from typing import Any

from surveys.models import Review
from surveys.models.review import ReviewFigures


def product_data(
    *, name: str, figures: ReviewFigures, reviews: Sequence[Review]
) -> dict[str, Any] | None:
    """The JSON-LD of a product with its rating; None without a review, for none may be claimed."""
    if not figures.count:
        return None
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": name,
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": str(figures.average),
            "reviewCount": figures.count,
            "bestRating": 5,
            "worstRating": 1,
        },
        "review": [review_data(review) for review in reviews],
    }


def review_data(review: Review) -> dict[str, Any]:
    """One review; what it does not have is left out."""
    parts = {"name": review.title, "reviewBody": review.text}
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.author},
        "datePublished": review.submitted_at.date().isoformat(),
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": review.stars,
            "bestRating": 5,
            "worstRating": 1,
        },
        **{key: value for key, value in parts.items() if value},
    }
