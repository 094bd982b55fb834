# shellcheck shell=bash disable=SC2034,SC2154
# The target Kubernetes: an overlay with the images of this version, rolled out by the cluster. Tested with a stand-in
# for kubectl, not on a cluster.

state_dir=$state_dir/kubernetes
wait_s=${DEPLOY_WAIT_S:-300}  # for each rollout

k() { kubectl --namespace "${NAMESPACE:-ha-ingestor}" "$@"; }

check_tools() {
  command -v kubectl >/dev/null || refuse "kubectl is not installed. https://kubernetes.io/docs/tasks/tools/"
  kubectl version >/dev/null 2>&1 || refuse "The cluster does not answer. Check your context: kubectl config current-context"
}

check_target() {
  check_tools
  overlay=${overlay:-influxdb}
  [[ $overlay == */* ]] || overlay=$root/infrastructure/kubernetes/overlays/$overlay
  [[ -f $overlay/kustomization.yaml ]] || refuse "There is no $overlay/kustomization.yaml."
}

get_images() {  # get_images auto|build|REGISTRY: the nodes pull the images, so only their address is set
  [[ $1 != build ]] || refuse "Images for Kubernetes come from a registry that the nodes can reach: --pull REGISTRY."
  images=${1/#auto/}
}

prepare() {  # prepare DEPLOY: a kustomization over the overlay
  local folder=$state_dir/$1 name
  mkdir -p "$folder"
  {
    printf 'resources: ["%s"]\nimages:\n' "$(realpath --relative-to="$folder" "$overlay")"
    for name in ha-ingestor ha-ingestor-dashboard; do
      printf -- '  - {name: %s, newName: "%s", newTag: "%s"}\n' "$name" "${images:+$images/}$name" "$HA_INGESTOR_VERSION"
    done
    if [[ -n ${USE_INFLUXDB_STATS+set}${INFLUXDB_ROLLOUT_PERCENT+set} ]]; then stats_source_patches; fi
  } >"$folder/kustomization.yaml"
  record "$1/commit" "$HA_INGESTOR_COMMIT"
  kubectl kustomize "$folder" >/dev/null || refuse "The overlay is not valid. Nothing was changed."
}

stats_source_patches() {
  local workload name env=''
  for name in USE_INFLUXDB_STATS INFLUXDB_ROLLOUT_PERCENT; do
    [[ -z ${!name+set} ]] || env+="{name: $name, value: \"${!name}\"}, "
  done
  printf 'patches:\n'
  for workload in Deployment/admin-api StatefulSet/ha-ingestor; do
    printf '  - target: {kind: %s, name: %s}\n    patch: |-\n' "${workload%/*}" "${workload#*/}"
    printf '      {apiVersion: apps/v1, kind: %s, metadata: {name: %s}, ' "${workload%/*}" "${workload#*/}"
    printf 'spec: {template: {spec: {containers: [{name: %s, env: [%s]}]}}}}\n' "${workload#*/}" "$env"
  done
}

generations() {  # generations DEPLOY: of its workloads that are there, a line each
  k get --kustomize "$state_dir/$1" --ignore-not-found --output \
    'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.generation}{"\n"}{end}' |
    grep -E '^(StatefulSet|Deployment)/' || true
}

roll_out() {  # roll_out DEPLOY
  local workload
  record "$1/generations" "$(generations "$1")"
  k delete job influxdb-init --ignore-not-found  # a Job cannot be changed, only created again
  k apply --kustomize "$state_dir/$1"
  for workload in $(generations "$1" | cut -d ' ' -f 1); do
    k rollout status "$workload" --timeout="${wait_s}s"
  done
}

undo() {  # undo DEPLOY: of the workloads that it changed; others would be reverted too far
  local workload changed
  mapfile -t changed < <(generations "$1" | grep -vxFf "$state_dir/$1/generations" | cut -d ' ' -f 1)
  for workload in "${changed[@]}"; do k rollout undo "$workload"; done
  record "$1/generations" "$(generations "$1")"  # another undo would return to the newer one
  for workload in $(generations "$1" | cut -d ' ' -f 1); do k rollout status "$workload" --timeout="${wait_s}s"; done
}

restore_release() { undo "$1"; }  # restore_release DEPLOY: the one before it

smoke_test() { ask_running smoke --limit-s "$smoke_s" --front http://127.0.0.1:8003 --commit "$(recorded "$1/commit")"; }

ask_running() {  # ask_running ARGUMENTS: inside a pod of the Admin API, which has the secret
  local workload=deployment/admin-api
  k get "$workload" >/dev/null 2>&1 || workload=statefulset/ha-ingestor
  k exec --stdin "$workload" -- python - "$@" <"$root/scripts/deployment/ask_admin_api.py"
}

keep_settings() { :; }

roll_back() {
  local last
  [[ -z $backup ]] || refuse "--restore-backup is for compose only. For volumes, see docs/kubernetes.md."
  last=$(recorded next)
  last=${last:-$(recorded current)}
  [[ -n $last ]] || refuse "No deploy by deploy.sh is known. kubectl rollout undo deployment/admin-api"
  say "Undoing $last."
  undo "$last"
  end_deploy "$(recorded "$last/before")"
  say "The previous release is running again."
}
