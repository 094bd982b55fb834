"""The connections that the NetworkPolicies of infrastructure/kubernetes allow, by the rules of Kubernetes."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.deploy.kubernetes import Resource, container_of, labels_of, matches, of_kind, workloads

OUTSIDE = "outside"
"""Everything that is not a pod of this namespace."""


class Way(NamedTuple):
    """An allowed connection: from a workload to a port of another, or of any address outside."""

    source: str
    target: str
    port: int


def allowed_ways(overlay: str) -> set[Way]:
    """Return the connections between pods, and from outside to a pod, that both ends allow; without name resolution."""
    pods = workloads(overlay)
    policies = list(of_kind(overlay, "NetworkPolicy").values())
    return {
        Way(source, target, port["containerPort"])
        for target, of_target in pods.items()
        for port in container_of(of_target).get("ports", [])
        for source in (*pods, OUTSIDE)
        if source != target
        and _lets_in(policies, pods.get(source), of_target, port)
        and (source == OUTSIDE or _lets_out(policies, pods[source], of_target, port))
    }


def ports_to_outside(overlay: str, name: str) -> set[int]:
    """Return the ports of any address that a workload may connect to; without name resolution."""
    pod = workloads(overlay)[name]
    rules = [
        rule
        for policy in of_kind(overlay, "NetworkPolicy").values()
        for rule in _rules(policy, "Egress", "egress", pod)
    ]
    return {port["port"] for rule in rules if "to" not in rule for port in rule["ports"]} - {53}


def _lets_in(policies: list[Resource], source: Resource | None, target: Resource, port: Resource) -> bool:
    rules = [rule for policy in policies for rule in _rules(policy, "Ingress", "ingress", target)]
    return any(_has_port(rule, port) and _has_peer(rule.get("from"), source) for rule in rules)


def _lets_out(policies: list[Resource], source: Resource, target: Resource, port: Resource) -> bool:
    rules = [rule for policy in policies for rule in _rules(policy, "Egress", "egress", source)]
    return any(_has_port(rule, port) and _has_peer(rule.get("to"), target) for rule in rules)


def _rules(policy: Resource, kind: str, field: str, pod: Resource) -> list[Resource]:
    """Return the rules of a policy for a pod in one direction."""
    spec = policy["spec"]
    if kind not in spec["policyTypes"] or not matches(spec["podSelector"], labels_of(pod)):
        return []
    rules: list[Resource] = spec.get(field, [])
    return rules


def _has_port(rule: Resource, port: Resource) -> bool:
    return any(
        each["protocol"] == "TCP" and each["port"] in (port["name"], port["containerPort"]) for each in rule["ports"]
    )


def _has_peer(peers: list[dict[str, Any]] | None, pod: Resource | None) -> bool:
    if peers is None:
        return True
    return pod is not None and any(
        matches(peer["podSelector"], labels_of(pod)) for peer in peers if "namespaceSelector" not in peer
    )
