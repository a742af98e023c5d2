"""Rules that others are made of."""

from oslo_policy import policy

RULES = [
    policy.RuleDefault(
        "project_scoped",
        "is_project_scoped:True",
        description="The token is scoped to a project. Others see nothing.",
    ),
    policy.RuleDefault(
        "admin", "rule:project_scoped and role:admin", description="An administrator of the cloud."
    ),
    policy.RuleDefault(
        "enroller",
        "rule:project_scoped and role:hardware_owner",
        description="Somebody whom the site lets enrol hardware. Sites grant the role, or name "
        "another one here.",
    ),
    policy.RuleDefault(
        "project_reader",
        "rule:project_scoped and project_id:%(project_id)s",
        description="Anybody in the project that owns the hardware.",
    ),
    policy.RuleDefault(
        "project_member",
        "rule:project_reader and (role:member or rule:enroller)",
        description="Somebody in the project that owns the hardware who may do more than read.",
    ),
]
