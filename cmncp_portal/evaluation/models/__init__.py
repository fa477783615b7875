from .questionnaire import Question, Questionnaire
from .response import Answer, Remark, Response
from .survey import Invitation, Survey

__all__ = ["Answer", "Invitation", "Question", "Questionnaire", "Remark", "Response", "Survey"]
