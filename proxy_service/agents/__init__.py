"""The service's side of the agents: enrolment, what they are assigned, what they report, what they are asked."""
