"""The demo home: a simulated Home Assistant with a plausible house, for a first look and for tests."""

from ha_ingestor.demo_home.demo_home import DemoHome
from ha_ingestor.demo_home.house import House
from ha_ingestor.demo_home.server import SimulatedHomeAssistant

__all__ = ["DemoHome", "House", "SimulatedHomeAssistant"]
