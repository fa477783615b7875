from .occasion import Comment, ConfidentialReading, FollowUp, Occasion, Theme
from .questionnaire import Question, Questionnaire
from .response import Answer, Coding, Remark, Response
from .survey import Invitation, Survey

__all__ = [
    "Answer", "Coding", "Comment", "ConfidentialReading", "FollowUp", "Invitation", "Occasion", "Question", "Questionnaire",
    "Remark", "Response", "Survey", "Theme",
]  # fmt: skip
