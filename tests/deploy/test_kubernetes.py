"""infrastructure/kubernetes: valid for the oldest and newest Kubernetes, confined, and with the right connections."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from ha_ingestor.settings.reference import SERVICES, current_settings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.loading import load_settings

from scripts import generate_prometheus_rule
from tests.deploy.containers import CONTAINERS, init_module
from tests.deploy.kubernetes import (
    FORMS,
    KUBERNETES,
    OVERLAYS,
    ROOT,
    container_of,
    environment_of,
    labels_of,
    matches,
    of_kind,
    pod_of,
    rendered,
    resources,
    secret_keys,
    workloads,
)
from tests.deploy.network_ways import OUTSIDE, Way, allowed_ways, ports_to_outside

LOWEST, NEWEST = "1.27", kubernetes_validate.latest_version()
MANUAL = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
CRDS = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "tests" / "deploy" / "crds").glob("*.yaml")]
TOKENS = init_module().tokens("home_assistant_events", "home_assistant_events_rollups")
PODS = [
    *(("influxdb", name) for name in ("websocket-ingestion", "enrichment-pipeline", "admin-api", "health-dashboard")),
    *(("influxdb", name) for name in ("influxdb", "influxdb-init")),
    ("embedded", "ha-ingestor"),
]
LASTING = [pod for pod in PODS if pod[1] != "influxdb-init"]
OURS = [("influxdb", name) for name in SERVICES] + [("embedded", "ha-ingestor")]

each_pod = pytest.mark.parametrize(("form", "name"), PODS)
each_lasting_pod = pytest.mark.parametrize(("form", "name"), LASTING)
each_service_of_ours = pytest.mark.parametrize(("form", "name"), OURS)


# --- valid


@pytest.mark.parametrize("version", [LOWEST, NEWEST])
@pytest.mark.parametrize("overlay", FORMS)
def test_every_resource_is_valid_for_the_oldest_and_the_newest_kubernetes(overlay: str, version: str) -> None:
    for resource in resources(overlay):
        kubernetes_validate.validate(resource, version, strict=True)


def test_every_custom_resource_is_valid_by_its_own_definition() -> None:
    schemas = {crd["spec"]["names"]["kind"]: crd["spec"]["versions"][0] for crd in CRDS}
    checked = set()
    for resource in resources("observability"):
        if (kind := resource["kind"]) in schemas:
            assert resource["apiVersion"] == f"monitoring.coreos.com/{schemas[kind]['name']}"
            jsonschema_rs.validator_for(strict(schemas[kind]["schema"]["openAPIV3Schema"])).validate(resource)
            checked.add(kind)
        else:
            kubernetes_validate.validate(resource, NEWEST, strict=True)
    assert checked == {"ServiceMonitor", "PrometheusRule"}


def strict(schema: Any) -> Any:
    """Return the schema without unknown fields, which Kubernetes drops silently."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if schema.get("type") == "object" and schema.get("properties", {}).keys() - {"metadata"}:
        closed.setdefault("additionalProperties", False)
    return closed


def test_the_lowest_kubernetes_is_that_of_the_manual() -> None:
    assert f"Kubernetes {LOWEST} or later" in MANUAL


def test_every_pod_is_among_those_that_are_tested() -> None:
    assert {(form, name) for form in FORMS for name in workloads(form)} == set(PODS)


# --- confined


@each_pod
def test_a_pod_keeps_the_restricted_standard_on_a_read_only_root(form: str, name: str) -> None:
    pod = pod_of(workloads(form)[name])
    confined, container = pod["securityContext"], container_of(workloads(form)[name])
    assert confined["runAsNonRoot"] is True
    assert confined["runAsUser"] > 0
    assert confined["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert {key for volume in pod.get("volumes", []) for key in volume} <= {
        *("name", "emptyDir", "configMap", "secret", "persistentVolumeClaim"),
    }


@pytest.mark.parametrize("form", FORMS)
def test_the_namespace_enforces_that_standard(form: str) -> None:
    (namespace,) = of_kind(form, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@each_pod
def test_a_pod_runs_as_the_user_of_its_image_which_owns_its_volumes(form: str, name: str) -> None:
    workload = workloads(form)[name]
    users = {CONTAINERS[c]["image"].split(":")[0]: CONTAINERS[c]["user"] for c in CONTAINERS if "user" in CONTAINERS[c]}
    confined = pod_of(workload)["securityContext"]
    user = users[container_of(workload)["image"].split(":")[0]]
    assert f"{confined['runAsUser']}:{confined['runAsGroup']}" == user
    if "volumeClaimTemplates" in workload["spec"] or "persistentVolumeClaim" in str(pod_of(workload).get("volumes")):
        assert confined["fsGroup"] == confined["runAsGroup"]


@each_pod
def test_no_pod_but_the_one_that_writes_a_secret_has_an_account_of_kubernetes(form: str, name: str) -> None:
    assert pod_of(workloads(form)[name])["automountServiceAccountToken"] is (name == "influxdb-init")


def test_the_account_may_change_the_one_secret_and_nothing_else() -> None:
    (role,) = of_kind("influxdb", "Role").values()
    (bound,) = of_kind("influxdb", "RoleBinding").values()
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["influxdb-tokens"], "verbs": ["patch"]}
    ]
    assert bound["roleRef"]["name"] == role["metadata"]["name"]
    assert [subject["name"] for subject in bound["subjects"]] == ["influxdb-init"]


@each_pod
def test_no_variable_of_a_service_of_kubernetes_is_taken_for_a_setting(form: str, name: str) -> None:
    assert pod_of(workloads(form)[name])["enableServiceLinks"] is False  # ADMIN_API_PORT=tcp://10.0.0.1:8003


@each_pod
def test_an_image_has_the_tag_that_compose_gives_it_and_never_latest(form: str, name: str) -> None:
    image = container_of(workloads(form)[name])["image"]
    assert image in {re.sub(r"\$\{[A-Z_]+:-(\w+)\}", r"\1", container["image"]) for container in CONTAINERS.values()}
    assert re.fullmatch(r"[a-z-]+:(local|\d+\.\d+\.\d+)", image)


@each_pod
def test_a_pod_asks_for_what_it_needs_and_has_a_limit_of_memory(form: str, name: str) -> None:
    needs = container_of(workloads(form)[name])["resources"]
    assert needs["requests"].keys() == {"cpu", "memory"}
    assert "memory" in needs["limits"]


# --- network policies


def test_the_pods_connect_as_the_services_need_and_in_no_other_way() -> None:
    assert allowed_ways("influxdb") == {
        Way("websocket-ingestion", "enrichment-pipeline", 8002),
        Way("websocket-ingestion", "influxdb", 8086),
        Way("enrichment-pipeline", "influxdb", 8086),
        Way("admin-api", "websocket-ingestion", 8001),
        Way("admin-api", "enrichment-pipeline", 8002),
        Way("admin-api", "influxdb", 8086),
        Way("health-dashboard", "admin-api", 8003),
        Way("influxdb-init", "influxdb", 8086),
        *(Way(name, "health-dashboard", 3000) for name in (OUTSIDE,)),
    }


def test_the_one_process_is_reached_from_outside() -> None:
    assert allowed_ways("embedded") == {Way(OUTSIDE, "ha-ingestor", 8003)}


@each_service_of_ours
def test_every_address_of_a_pod_is_a_service_that_it_may_connect_to(form: str, name: str) -> None:
    services, pods = of_kind(form, "Service"), workloads(form)
    for variable, value in environment_of(form, pods[name]).items():
        if variable.endswith("_URL") and variable != "HA_URL":
            address = urlsplit(value)
            (port,) = services[str(address.hostname)]["spec"]["ports"]
            assert port["port"] == address.port
            if address.hostname != name:
                assert Way(name, str(address.hostname), int(port["port"])) in allowed_ways(form)


@pytest.mark.parametrize(
    ("form", "name", "ports"),
    [
        ("influxdb", "websocket-ingestion", {80, 443, 8123}),
        ("influxdb", "enrichment-pipeline", {443}),
        ("influxdb", "admin-api", {443, 465, 587}),
        ("influxdb", "health-dashboard", set()),
        ("influxdb", "influxdb", set()),
        ("influxdb", "influxdb-init", {443, 6443}),
        ("embedded", "ha-ingestor", {80, 443, 465, 587, 8123}),
    ],
)
def test_a_pod_reaches_other_addresses_on_the_ports_that_the_manual_names(
    form: str, name: str, ports: set[int]
) -> None:
    assert ports_to_outside(form, name) == ports
    row = re.search(rf"^\| `{name}` \|(.*)\|$", MANUAL.partition("## Network")[2], re.MULTILINE)
    assert row
    assert {int(port) for port in re.findall(r"\b\d+\b", row[1])} == ports


@pytest.mark.parametrize("form", FORMS)
def test_every_service_leads_to_the_pods_of_its_name(form: str) -> None:
    for name, service in of_kind(form, "Service").items():
        selected = [
            n for n, w in workloads(form).items() if matches({"matchLabels": service["spec"]["selector"]}, labels_of(w))
        ]
        assert selected == [name]
        ports = {port["name"]: port["containerPort"] for port in container_of(workloads(form)[name])["ports"]}
        assert [(port["targetPort"], port["port"]) for port in service["spec"]["ports"]] == list(ports.items())


def test_prometheus_may_reach_what_it_scrapes() -> None:
    (monitor,) = of_kind("observability", "ServiceMonitor").values()
    (policy,) = of_kind("observability", "NetworkPolicy").values()
    (endpoint,) = monitor["spec"]["endpoints"]
    scraped = {
        name
        for form in FORMS
        for name, service in of_kind(form, "Service").items()
        if matches(monitor["spec"]["selector"], service["metadata"]["labels"])
    }
    assert scraped == {*SERVICES, "ha-ingestor"}
    for form, name in OURS:
        workload = workloads(form)[name]
        service = of_kind(form, "Service")[name]
        assert matches(policy["spec"]["podSelector"], labels_of(workload))
        assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
        assert service["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "ha-ingestor"
    assert [port["port"] for port in policy["spec"]["ingress"][0]["ports"]] == [endpoint["port"]]


# --- settings and secrets


@each_service_of_ours
def test_a_service_is_told_what_its_settings_know(form: str, name: str) -> None:
    known = {variable for variable, _ in current_settings()} | {"INFLUXDB_URL", "INFLUXDB_ORG", "INFLUXDB_BUCKET"}
    known |= {"INFLUXDB_TOKEN", "INFLUXDB_WRITE_TOKEN"}
    assert environment_of(form, workloads(form)[name]).keys() - known == set()


@each_service_of_ours
def test_the_settings_of_a_service_are_fine(
    form: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable, value in environment_of(form, workloads(form)[name]).items():
        monkeypatch.setenv(variable, value)
    for settings in SERVICES.values() if name == "ha-ingestor" else [SERVICES[name]]:
        try:
            load_settings(settings)
        except InvalidSettingsError as err:
            pytest.fail(str(err.detail))


def test_no_secret_is_in_the_repository() -> None:
    for overlay in (*FORMS, "observability"):
        assert [
            name for name, secret in of_kind(overlay, "Secret").items() if secret.keys() & {"data", "stringData"}
        ] == []
    generators = [
        path for path in KUBERNETES.rglob("kustomization.yaml") if "secretGenerator" in path.read_text("utf-8")
    ]
    assert generators == []


def test_every_secret_that_is_used_is_in_the_table_of_the_manual() -> None:
    used = {(secret, key) for form, name in PODS for _, secret, key in secret_keys(workloads(form)[name])}
    (monitor,) = of_kind("observability", "ServiceMonitor").values()
    credentials = monitor["spec"]["endpoints"][0]["authorization"]["credentials"]
    used.add((credentials["name"], credentials["key"]))
    used |= {("influxdb-tokens", f"{token.service}.{token.name}") for token in TOKENS}
    used -= {("home-assistant", "")}
    used |= {("home-assistant", "HA_URL"), ("home-assistant", "HA_TOKEN")}
    described = set(re.findall(r"^\| `([a-z-]+)` \| `([A-Za-z_.-]+)` \|", MANUAL, re.MULTILINE))
    assert described == used


def test_the_services_take_the_tokens_that_are_made_for_them() -> None:
    made = {f"{token.service}.{token.name}": token.service for token in TOKENS if token.service in SERVICES}
    for name in SERVICES:
        taken = {key for _, secret, key in secret_keys(workloads("influxdb")[name]) if secret == "influxdb-tokens"}
        assert taken == {key for key, service in made.items() if service == name}


def test_a_secret_reaches_the_pods_that_need_it_alone() -> None:
    users: dict[str, set[str]] = {}
    for name, workload in workloads("influxdb").items():
        for _, secret, _ in secret_keys(workload):
            users.setdefault(secret, set()).add(name)
    assert users == {
        "home-assistant": {"websocket-ingestion"},
        "ha-ingestor": set(SERVICES),
        "influxdb-admin": {"influxdb-init"},
        "influxdb-tokens": set(SERVICES),
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_configmap_and_claim_that_is_used_is_there(form: str) -> None:
    maps, claims = of_kind(form, "ConfigMap"), of_kind(form, "PersistentVolumeClaim")
    for workload in workloads(form).values():
        container, volumes = container_of(workload), pod_of(workload).get("volumes", [])
        sources = container.get("envFrom", [])
        names = {each["configMapRef"]["name"] for each in sources if "configMapRef" in each}
        names |= {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
        assert names <= maps.keys()
        assert {
            v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v
        } <= claims.keys()
        templates = {each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", [])}
        mounted = [mount["name"] for mount in container["volumeMounts"]]
        assert sorted(mounted) == sorted({volume["name"] for volume in volumes} | templates)


def test_the_statistics_source_is_left_to_be_changed_at_run_time() -> None:
    told = environment_of("influxdb", workloads("influxdb")["admin-api"])
    assert not {"USE_INFLUXDB_STATS", "INFLUXDB_ROLLOUT_PERCENT", "STATS_COMPARE"} & told.keys()


# --- started, checked, replaced


@each_lasting_pod
def test_a_pod_is_checked_while_it_starts_lives_and_answers(form: str, name: str) -> None:
    container = container_of(workloads(form)[name])
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {probe["port"] for probe in probes.values()} == {"http"}
    alive, ready = {
        "health-dashboard": ("/healthz", "/healthz"),
        "admin-api": ("/api/v1/health/live", "/api/v1/health/ready"),
        "ha-ingestor": ("/api/v1/health/live", "/api/v1/health/ready"),
    }.get(name, ("/health", "/health"))
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": alive,
        "liveness": alive,
        "readiness": ready,
    }


@each_service_of_ours
def test_a_service_listens_on_its_usual_port(form: str, name: str) -> None:
    container = container_of(workloads(form)[name])
    role = "admin-api" if name == "ha-ingestor" else name
    prefix = role.upper().replace("-", "_")
    told = environment_of(form, workloads(form)[name])
    assert container["args"] == ["run", "all" if name == "ha-ingestor" else name]
    assert told[f"{prefix}_HOST"] == "0.0.0.0"
    assert f"{prefix}_PORT" not in told
    assert [str(port["containerPort"]) for port in container["ports"]] == [dict(current_settings())[f"{prefix}_PORT"]]


@pytest.mark.parametrize("name", ["admin-api", "health-dashboard"])
def test_what_answers_requests_is_replaced_one_by_one_and_never_gone(name: str) -> None:
    spec = workloads("influxdb")[name]["spec"]
    budget = of_kind("influxdb", "PodDisruptionBudget")[name]["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    assert budget["maxUnavailable"] == 1
    assert matches(budget["selector"], labels_of(workloads("influxdb")[name]))


def test_admin_api_has_the_time_to_drain() -> None:
    pod = pod_of(workloads("influxdb")["admin-api"])
    drain_s = float(environment_of("influxdb", workloads("influxdb")["admin-api"])["ADMIN_API_DRAIN_SECONDS"])
    assert 0 < drain_s < pod["terminationGracePeriodSeconds"] / 2


def test_the_replicas_of_admin_api_share_a_volume_of_their_node() -> None:
    workload = workloads("influxdb")["admin-api"]
    (claim,) = [v["persistentVolumeClaim"]["claimName"] for v in pod_of(workload)["volumes"] if v["name"] == "data"]
    assert of_kind("influxdb", "PersistentVolumeClaim")[claim]["spec"]["accessModes"] == ["ReadWriteOnce"]
    (together,) = pod_of(workload)["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert together["topologyKey"] == "kubernetes.io/hostname"
    assert matches(together["labelSelector"], labels_of(workload))


@pytest.mark.parametrize(("form", "name"), [pod for pod in LASTING if pod[1] not in ("admin-api", "health-dashboard")])
def test_what_keeps_data_is_one_pod_with_a_volume_of_its_own(form: str, name: str) -> None:
    workload = workloads(form)[name]
    assert workload["kind"] == "StatefulSet"
    assert workload["spec"]["replicas"] == 1
    assert workload["spec"]["serviceName"] in of_kind(form, "Service")
    (volume,) = workload["spec"]["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container_of(workload)["volumeMounts"]}
    assert mounts[volume["metadata"]["name"]] == ("/var/lib/influxdb2" if name == "influxdb" else "/data")


def test_influxdb_is_the_one_of_compose() -> None:
    ours, composed = container_of(workloads("influxdb")["influxdb"]), CONTAINERS["influxdb"]
    assert ours["image"] == composed["image"]
    told = environment_of("influxdb", workloads("influxdb")["influxdb"])
    assert composed["environment"].items() <= told.items()


# --- alerts, and the manual


def test_the_alerts_are_those_of_prometheus() -> None:
    text = generate_prometheus_rule.RESOURCE.read_text(encoding="utf-8")
    assert text == generate_prometheus_rule.prometheus_rule(), (
        "run: .venv/bin/python scripts/generate_prometheus_rule.py"
    )


def test_the_manual_names_what_is_there() -> None:
    folders = set(re.findall(r"infrastructure/kubernetes/([a-z/-]+[a-z](?:\.yaml)?)", MANUAL))
    assert [folder for folder in folders if not (KUBERNETES / folder).exists()] == []
    assert {f"overlays/{path.name}" for path in OVERLAYS.iterdir()} <= folders
    named = set(re.findall(r"\b(deployment|statefulset|service|job)/([a-z-]+)", MANUAL))
    there = {(r["kind"].lower(), r["metadata"]["name"]) for form in FORMS for r in resources(form)}
    assert named <= there


@pytest.mark.parametrize("version", [LOWEST, NEWEST])
def test_the_pod_that_restores_is_valid_and_has_the_volume_and_confinement_of_the_one_process(version: str) -> None:
    pod = yaml.safe_load((KUBERNETES / "restore-pod.yaml").read_text(encoding="utf-8"))
    kubernetes_validate.validate(pod, version, strict=True)
    usual = workloads("embedded")["ha-ingestor"]
    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"] == pod_of(usual)["securityContext"]
    for same in ("image", "securityContext", "volumeMounts"):
        assert container[same] == container_of(usual)[same]
    (claim,) = [v["persistentVolumeClaim"]["claimName"] for v in pod["spec"]["volumes"] if v["name"] == "data"]
    assert claim == f"{usual['spec']['volumeClaimTemplates'][0]['metadata']['name']}-ha-ingestor-0"


def test_the_overlay_of_the_manual_builds_and_says_what_it_is_for(tmp_path: Path) -> None:
    example, *patches = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)]
    (base,) = example["resources"]
    example["resources"] = [os.path.relpath(ROOT / base.removeprefix("../ha-ingestor/"), tmp_path.resolve())]
    example["patches"] = [patch for each in patches for patch in each["patches"]]
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(example), encoding="utf-8")
    built = {(r["kind"], r["metadata"]["name"]): r for r in yaml.safe_load_all(rendered(tmp_path))}
    admin_api = built["Deployment", "admin-api"]
    assert container_of(admin_api)["image"] == "registry.example/ha-ingestor:v0.1.0"
    assert "affinity" not in pod_of(admin_api)
    assert built["PersistentVolumeClaim", "admin-api-data"]["spec"]["accessModes"] == ["ReadWriteMany"]
    told: dict[str, str] = {}
    for each in container_of(admin_api)["envFrom"]:
        told |= built["ConfigMap", each["configMapRef"]["name"]]["data"]
    assert told["LOG_LEVEL"] == "DEBUG"
    assert told["ADMIN_API_DRAIN_SECONDS"] == "5"
    assert told["ADMIN_API_ALLOWED_HOSTS"] == "*.svc,ha.example.org"
    rules = built["NetworkPolicy", "websocket-ingestion"]["spec"]["egress"]
    assert [port["port"] for port in rules[-1]["ports"]] == [18123]


def test_no_resource_has_a_name_that_a_prefix_changed() -> None:
    # `kubectl set env deployment/admin-api …` of the rollback plan.
    assert workloads("influxdb")["admin-api"]["kind"] == "Deployment"
    assert {each["metadata"].get("namespace", "ha-ingestor") for form in FORMS for each in resources(form)} == {
        "ha-ingestor"
    }
