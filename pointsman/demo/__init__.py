"""The demo: a rack, the service and an agent, brought up together, converged while people look, and taken away."""
