"""The Hugging Face Hub: push and pull. The Hub's client is imported by the first call."""

from zoo.hub.hub_name import HubName, read_hub_name
from zoo.hub.pull import pull
from zoo.hub.push import plan_push, push
from zoo.hub.push_plan import PushPlan

__all__ = ["HubName", "PushPlan", "plan_push", "pull", "push", "read_hub_name"]
