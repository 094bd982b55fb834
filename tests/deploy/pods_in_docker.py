"""The pods of infrastructure/kubernetes as Docker containers: command, user, environment, volumes and limits.

A Service is a network name, a probe is run by a container beside the pods, and NetworkPolicies are not enforced. A data
volume belongs to root and the group of `fsGroup`, as prepared by a kubelet.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.kubernetes import SECRETS, Resource, container_of, environment_of, of_kind, pod_of, workloads

_LIMIT_S = 120.0
_ASK = """
import sys, urllib.request, urllib.error
url, host, token = sys.argv[1:]
request = urllib.request.Request(url, headers={k: v for k, v in (("Host", host), ("Authorization", token)) if v})
try:
    answer = urllib.request.urlopen(request, timeout=10)
except urllib.error.HTTPError as err:
    answer = err
print(answer.status, answer.read().decode())
"""


@dataclass
class Pods:
    """The pods of one overlay on their own network; `version` is the tag of the built images."""

    overlay: str
    version: str
    folder: Path
    name: str = field(default_factory=lambda: f"pods-test-{secrets.token_hex(3)}")
    secrets: dict[str, dict[str, str]] = field(default_factory=lambda: {**SECRETS, "influxdb-tokens": {}})

    def create(self) -> None:
        """Create the network, and the container that sends requests to the pods."""
        self.docker("network", "create", self.name)
        beside = ("--name", f"{self.name}-client", "--network", self.name, "--entrypoint", "sleep")
        self.docker("run", "--detach", *beside, f"ha-ingestor:{self.version}", "infinity")

    def remove(self) -> None:
        """Remove everything."""
        mine = ("--quiet", "--filter", f"name={self.name}")
        for container in self.docker("ps", "--all", *mine).split():
            self.docker("rm", "--force", container)
        for volume in self.docker("volume", "ls", *mine).split():
            self.docker("volume", "rm", volume)
        self.docker("network", "rm", self.name)

    def start(self, workload: str, replica: int = 0, command: list[str] | None = None) -> str:
        """Start a pod of a workload, optionally with another command; return the name of its container."""
        resource = workloads(self.overlay)[workload]
        pod, container = pod_of(resource), container_of(resource)
        name = f"{self.name}-{workload}-{replica}"
        image = container["image"].replace(":local", f":{self.version}")
        first, *rest = command or container.get("command") or ["", *container.get("args", [])]
        memory = container["resources"]["limits"]["memory"].replace("Mi", "m").replace("Gi", "g")
        options = ["--detach", "--name", name, "--hostname", f"{workload}-{replica}", "--memory", memory]
        options += ["--network", self.name, "--network-alias", workload, *_confinement(pod)]
        told = environment_of(self.overlay, resource, self.secrets)
        options += [part for each in told.items() for part in ("--env", "=".join(each))]
        options += [part for mount in self._mounts(workload, pod, container, image) for part in ("--volume", mount)]
        self.docker("run", *options, *(("--entrypoint", first) if first else ()), image, *rest)
        return name

    def wait_until_ready(self, workload: str, replica: int = 0) -> None:
        """Return when the readiness probe of a pod succeeds; fails with its log after two minutes."""
        container = container_of(workloads(self.overlay)[workload])
        path, port = container["readinessProbe"]["httpGet"]["path"], container["ports"][0]["containerPort"]
        end = time.monotonic() + _LIMIT_S
        while self.ask(f"http://{self.name}-{workload}-{replica}:{port}{path}")[0] != 200:
            log = self.docker("logs", "--tail", "20", f"{self.name}-{workload}-{replica}")
            assert time.monotonic() < end, log
            time.sleep(0.5)

    def ask(self, url: str, token: str = "", host: str = "") -> tuple[int, str]:
        """Return (status, body) of a request from beside the pods; status 0 without an answer."""
        shown = f"Bearer {token}" if token else ""
        asking = ("exec", f"{self.name}-client", "python", "-c", _ASK, url, host, shown)
        ran = subprocess.run(["docker", *asking], capture_output=True, text=True, timeout=_LIMIT_S)
        status, _, body = ran.stdout.partition(" ")
        return int(status or 0), body

    def docker(self, *arguments: str) -> str:
        """Return the output of docker; an error fails the test."""
        ran = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=_LIMIT_S)
        assert ran.returncode == 0, f"docker {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout.strip()

    def state(self, container: str) -> Any:
        """Return the state of a container."""
        return json.loads(self.docker("inspect", "--format", "{{json .State}}", container))

    def _mounts(self, workload: str, pod: Resource, container: Resource, image: str) -> list[str]:
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        mounts = []
        for mount in container["volumeMounts"]:
            volume = volumes.get(mount["name"], {"persistentVolumeClaim": {}})
            if "persistentVolumeClaim" in volume:
                source = self._volume(workload, image, pod["securityContext"]["fsGroup"])
            else:
                source = str(self._folder(workload, mount["name"], volume))
            inside = f"/{mount['subPath']}" if "subPath" in mount else ""
            mounts.append(f"{source}{inside}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}")
        return mounts

    def _volume(self, workload: str, image: str, group: int) -> str:
        """Create a data volume shared by all pods of a workload: owned by root, writable for the group."""
        name = f"{self.name}-{workload}"
        if name not in self.docker("volume", "ls", "--quiet").split():
            prepare = f"mkdir -p /v/lost+found && chgrp -R {group} /v && chmod -R 2770 /v"
            as_root = ("--rm", "--user", "0", "--volume", f"{name}:/v", "--entrypoint", "sh")
            self.docker("run", *as_root, image, "-c", prepare)
        return name

    def _folder(self, workload: str, name: str, volume: Resource) -> Path:
        """Return an empty folder, or that of the files of a ConfigMap."""
        folder = self.folder / f"{workload}-{name}-{secrets.token_hex(2)}"
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        if "configMap" in volume:
            for key, text in of_kind(self.overlay, "ConfigMap")[volume["configMap"]["name"]]["data"].items():
                (folder / key).write_text(text, encoding="utf-8")
                (folder / key).chmod(0o644)
        return folder


def _confinement(pod: Resource) -> list[str]:
    """Return Docker's options for the restricted standard; another test checks that every pod follows it."""
    confined = pod["securityContext"]
    group = ["--group-add", str(confined["fsGroup"])] if "fsGroup" in confined else []
    user = f"{confined['runAsUser']}:{confined['runAsGroup']}"
    return ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--user", user, *group]
