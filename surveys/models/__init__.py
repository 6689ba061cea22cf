"""What people are asked and what they say: surveys, answers, reviews."""

from surveys.models.review import Review, ReviewRequest
from surveys.models.survey import Answer, Invitation, Question, Survey

__all__ = ["Answer", "Invitation", "Question", "Review", "ReviewRequest", "Survey"]
