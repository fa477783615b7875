from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "cmncp_portal.evaluation"
    label = "evaluation"
