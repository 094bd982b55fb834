"""The rooms, devices, entities and behaviours of the demo home: a table, and therefore longer than most modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ha_ingestor.demo_home.behaviours.faulty import FlappingSensor, SilentSensor
from ha_ingestor.demo_home.behaviours.measuring import Appliance, Measurement, PowerMeter, Reading, wavering
from ha_ingestor.demo_home.behaviours.outdoors import Sun, Weather
from ha_ingestor.demo_home.behaviours.people import MediaPlayer, Opening, Presence
from ha_ingestor.demo_home.behaviours.rooms import MotionLight, RoomClimate
from ha_ingestor.demo_home.daily_patterns import activity, daylight, household_load, outdoor_temperature
from ha_ingestor.demo_home.registries import Device, Floor, Label, Registries
from ha_ingestor.demo_home.simulation import Behaviour, Thing, Turn

ROOMS = {
    "kitchen": "Kitchen",
    "sun_room": "Sun room",
    "living_room": "Living room",
    "bedroom": "Bedroom",
}
"""Four rooms by area id: the first has the washing machine, the second no thermostat, the last the NAS."""
GARDEN, GARDEN_NAME = "garden", "Garden"

_MEASURES: dict[str, tuple[str, str, str]] = {
    "temperature": ("°C", "temperature", "measurement"),
    "humidity": ("%", "humidity", "measurement"),
    "battery": ("%", "battery", "measurement"),
    "illuminance": ("lx", "illuminance", "measurement"),
    "power": ("W", "power", "measurement"),
    "energy": ("kWh", "energy", "total_increasing"),
    "voltage": ("V", "voltage", "measurement"),
    "current": ("A", "current", "measurement"),
    "pressure": ("hPa", "atmospheric_pressure", "measurement"),
    "wind_speed": ("km/h", "wind_speed", "measurement"),
    "pm25": ("µg/m³", "pm25", "measurement"),
    "carbon_dioxide": ("ppm", "carbon_dioxide", "measurement"),
}
_LIGHT = {
    "min_color_temp_kelvin": 2200,
    "max_color_temp_kelvin": 6500,
    "min_mireds": 153,
    "max_mireds": 454,
    "supported_color_modes": ["color_temp"],
    "supported_features": 40,
}
_THERMOSTAT = {
    "hvac_modes": ["heat", "off"],
    "min_temp": 5.0,
    "max_temp": 30.0,
    "target_temp_step": 0.5,
    "supported_features": 385,
}
_TITLES = ("Morning News", "Moonlight Sonata", "The Four Seasons: Winter", "Blue Danube", "Evening Concert", "Rain")


class Plan:
    """The registries and behaviours of the demo home; at `silent_from_ns` the battery of a sensor is empty.

    Other names of the four rooms may be given: their devices and entities are named after them.
    """

    def __init__(self, *, silent_from_ns: int, rooms: Mapping[str, str] = ROOMS) -> None:
        self.registries = Registries()
        self.behaviours: list[Behaviour] = []
        self._rooms = rooms
        self._kitchen, self._sun_room, self._living_room, self._bedroom = rooms
        self._lay_out()
        for area_id, name in rooms.items():
            self._furnish(area_id, name)
        self._add_energy()
        self._add_outdoors()
        self._add_doors()
        self._add_household(silent_from_ns)

    def _lay_out(self) -> None:
        for area_id, name in {**self._rooms, GARDEN: GARDEN_NAME}.items():
            self.registries.area(area_id, name)
        self.registries.floors.append(Floor(floor_id="ground_floor", level=0, name="Ground floor"))
        self.registries.floors.append(Floor(floor_id="upstairs", level=1, name="Upstairs"))
        self.registries.labels.append(Label(label_id="energy", name="Energy", color="amber"))
        self._act(Sun(Thing("sun.sun", {"friendly_name": "Sun"})))
        for entity_id, name in {"person.alex": "Alex", "person.sam": "Sam"}.items():
            self._act(Presence(Thing(entity_id, {"editable": False, "device_trackers": [], "friendly_name": name})))

    def _furnish(self, area_id: str, name: str) -> None:
        sensor = self.registries.device(
            f"sensor_{area_id}", f"{name} sensor", area_id=area_id, manufacturer="Demo Works", model="Multi 5"
        )
        lamp = self.registries.device(
            f"lamp_{area_id}", f"{name} light", area_id=area_id, manufacturer="Demo Light", model="A60"
        )
        thermostat = None
        if area_id != self._sun_room:
            valve = self.registries.device(
                f"valve_{area_id}", f"{name} thermostat", area_id=area_id, manufacturer="Demo Heating", model="TRV 2"
            )
            thermostat = self._thing(f"climate.{area_id}", f"{name} thermostat", valve, _THERMOSTAT)
        temperature = self._sensor(f"{area_id}_temperature", f"{name} temperature", "temperature", sensor)
        humidity = self._sensor(f"{area_id}_humidity", f"{name} humidity", "humidity", sensor)
        self._act(RoomClimate(temperature=temperature, humidity=humidity, thermostat=thermostat))
        battery = self._sensor(f"{area_id}_battery", f"{name} battery", "battery", sensor)
        self._act(Measurement(battery, lambda turn: 80 - turn.time_ns / 1e9 / 86400 % 60, every_s=300, digits=0))
        motion = {"device_class": "motion"}
        automation = {"id": area_id, "mode": "single", "friendly_name": f"{name} motion light"}
        self._act(
            MotionLight(
                motion=self._thing(f"binary_sensor.{area_id}_motion", f"{name} motion", sensor, motion),
                illuminance=self._sensor(f"{area_id}_illuminance", f"{name} illuminance", "illuminance", sensor),
                light=self._thing(f"light.{area_id}", f"{name} light", lamp, _LIGHT),
                automation=Thing(f"automation.{area_id}_motion_light", automation),
            )
        )

    def _add_energy(self) -> None:
        plug = self.registries.device(
            "plug", "Washing machine", area_id=self._kitchen, manufacturer="Demo Power", model="Plug S"
        )
        machine = Appliance(self._thing("switch.washing_machine", "Washing machine", plug, {}), watts=640.0)
        self._act(machine)
        self._meter("washing_machine", "Washing machine", plug, machine.watts, every_s=5, energy_kwh=212.4)
        roof = self.registries.device(
            "inverter", "Solar roof", area_id=GARDEN, manufacturer="Demo Solar", model="SG 6k"
        )
        self._meter(
            "solar", "Solar", roof, lambda t: 4200 * daylight(t.hour) * t.rng.uniform(0.7, 1), energy_kwh=9120.5
        )
        meter = self.registries.device("meter", "Mains meter", manufacturer="Demo Power", model="eHZ")

        def house_watts(turn: Turn) -> float:
            return wavering(turn, household_load(turn.hour), 6.0) + machine.watts(turn)

        self._meter("house", "House", meter, house_watts, every_s=1.2, energy_kwh=18233.7)
        self._measure("house_voltage", "House voltage", "voltage", meter, lambda t: t.rng.gauss(230.4, 0.7), every_s=2)
        self._measure(
            "house_current", "House current", "current", meter, lambda t: house_watts(t) / 230.4, every_s=3, digits=2
        )

    def _add_outdoors(self) -> None:
        station = self.registries.device(
            "station", "Weather station", area_id=GARDEN, manufacturer="Demo Weather", model="WS-80"
        )
        self._act(Weather(self._thing("weather.home", "Home", station, {"attribution": "Demo"})))
        readings: dict[str, tuple[str, str, Reading, float]] = {
            "temperature": ("temperature", "temperature", lambda t: t.rng.gauss(outdoor_temperature(t.hour), 0.1), 15),
            "humidity": ("humidity", "humidity", lambda t: t.rng.gauss(66, 1), 20),
            "pressure": ("pressure", "pressure", lambda t: t.rng.gauss(1013.2, 0.2), 30),
            "wind": ("wind speed", "wind_speed", lambda t: t.rng.gammavariate(3, 3), 8),
            "pm25": ("PM2.5", "pm25", lambda t: t.rng.gauss(9, 0.6), 20),
        }
        for key, (name, measure, reading, every_s) in readings.items():
            self._measure(f"outdoor_{key}", f"Outdoor {name}", measure, station, reading, every_s=every_s)
        shed = self.registries.device("shed", "Garden shed", area_id=GARDEN, manufacturer="Demo Works", model="Mini 1")
        self._act(
            FlappingSensor(self._sensor("garden_shed_temperature", "Garden shed temperature", "temperature", shed))
        )

    def _add_doors(self) -> None:
        contacts = self.registries.device("contacts", "Door and window contacts", manufacturer="Demo Works", model="C4")
        door, window = {"device_class": "door"}, {"device_class": "window"}
        lock = self._thing("lock.front_door", "Front door lock", contacts, {"supported_features": 0})
        self._act(Opening(self._thing("binary_sensor.front_door", "Front door", contacts, door, self._kitchen), lock))
        for key, name, kind, area_id in (
            ("patio_door", "Patio door", door, self._sun_room),
            ("bedroom_window", "Bedroom window", window, self._bedroom),
            ("living_room_window", "Living room window", window, self._living_room),
        ):
            self._act(Opening(self._thing(f"binary_sensor.{key}", name, contacts, kind, area_id)))

    def _add_household(self, silent_from_ns: int) -> None:
        box = self.registries.device("tv", "TV", area_id=self._sun_room, manufacturer="Demo Vision", model="OLED 55")
        player = self._thing("media_player.sun_room", "Sun room TV", box, {"supported_features": 20925})
        self._act(MediaPlayer(player, _TITLES))
        nas = self.registries.device("nas", "NAS", area_id=self._bedroom, manufacturer="Demo Storage", model="2 bay")
        load = {"unit_of_measurement": "%", "state_class": "measurement", "icon": "mdi:cpu-64-bit"}
        cpu = self._thing("sensor.nas_cpu", "NAS CPU", nas, load)
        self._act(Measurement(cpu, lambda t: t.rng.betavariate(2, 12) * 100, every_s=2.5))
        disk = self._thing("sensor.nas_disk", "NAS disk", nas, {**load, "icon": "mdi:harddisk"})
        self._act(Measurement(disk, lambda t: 71.3, every_s=60))
        air = self.registries.device(
            "air", "Air quality monitor", area_id=self._kitchen, manufacturer="Demo Works", model="Air 1"
        )
        self._measure(
            f"{self._kitchen}_co2",
            f"{self._rooms[self._kitchen]} CO2",
            "carbon_dioxide",
            air,
            lambda t: t.rng.gauss(480 + 500 * activity(t.hour), 12),
            every_s=10,
            digits=0,
        )
        cellar = self._sensor("cellar_humidity", "Cellar humidity", "humidity", None)
        self._act(SilentSensor(cellar, silent_from_ns=silent_from_ns))

    def _meter(
        self, key: str, name: str, device: Device, watts: Reading, *, every_s: float = 3, energy_kwh: float
    ) -> None:
        power = self._sensor(f"{key}_power", f"{name} power", "power", device)
        energy = self._sensor(f"{key}_energy", f"{name} energy", "energy", device)
        self._act(PowerMeter(power, energy, watts, every_s=every_s, energy_kwh=energy_kwh))

    def _measure(
        self, key: str, name: str, measure: str, device: Device, reading: Reading, *, every_s: float, digits: int = 1
    ) -> None:
        self._act(Measurement(self._sensor(key, name, measure, device), reading, every_s=every_s, digits=digits))

    def _sensor(self, key: str, name: str, measure: str, device: Device | None) -> Thing:
        unit, device_class, state_class = _MEASURES[measure]
        attributes = {"state_class": state_class, "unit_of_measurement": unit, "device_class": device_class}
        return self._thing(f"sensor.{key}", name, device, attributes)

    def _thing(
        self,
        entity_id: str,
        name: str,
        device: Device | None,
        attributes: Mapping[str, Any],
        area_id: str | None = None,
    ) -> Thing:
        self.registries.entity(entity_id, device=device, area_id=area_id)
        return Thing(entity_id, {**attributes, "friendly_name": name})

    def _act(self, behaviour: Behaviour) -> None:
        self.behaviours.append(behaviour)
