from .attainments import Attainment, Certificate, EvidenceClaim, EvidenceClaimChange
from .learners import Learner
from .modules import Module, ModuleAuthor, ModuleChange, ModuleCompetency, ModuleMaterial, Partner
from .offerings import (
    Enrolment,
    Facilitator,
    Offering,
    OfferingChange,
    OfferingStateChange,
    OfferingSurvey,
    SelfAssessment,
    SelfRating,
    Session,
    SessionAttendance,
)
from .standards import (
    Comment,
    CommentInvitee,
    Competency,
    CompetencyText,
    Criterion,
    Domain,
    Level,
    Requirement,
    RoleProfile,
    Standard,
    StandardVersion,
    StandardVersionChange,
)

__all__ = [
    "Attainment", "Certificate", "Comment", "CommentInvitee", "Competency", "CompetencyText", "Criterion", "Domain",
    "Enrolment", "EvidenceClaim", "EvidenceClaimChange", "Facilitator", "Learner", "Level", "Module", "ModuleAuthor",
    "ModuleChange", "ModuleCompetency", "ModuleMaterial", "Offering", "OfferingChange", "OfferingStateChange",
    "OfferingSurvey", "Partner", "Requirement", "RoleProfile", "SelfAssessment", "SelfRating", "Session",
    "SessionAttendance", "Standard", "StandardVersion", "StandardVersionChange",
]  # fmt: skip
