"""Registers from what the platform itself saw: answers to alerts, days in custody, restraints, requests for a lawyer.

Other systems' records come by `safehold register import`; these rows come to lie beside them. Pure but for `job`.
"""

SOURCE = "platform"
"""Source of these rows in the registers."""
