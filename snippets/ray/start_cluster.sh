# Start Ray by hand, and let a program find it.
# snippet: needs nothing, needs namespaces
set -euo pipefail
# On a host of its own: a machine has one Ray that programs find, and
# with the first of its processes there end all others.
if [ -z "${APART-}" ]; then
  scratch=$(mktemp -d)
  trap 'rm -r "$scratch"' EXIT
  export APART=1 RAY_TMPDIR=$scratch
  unset RAY_ADDRESS # may name the other Ray
  unshare --user --map-root-user --net --mount --pid --mount-proc \
    --fork --kill-child bash "$0"
  exit
fi
mount -t tmpfs tmpfs /dev/shm
ip link set lo up
# Ray asks which of the host's addresses leads out.
ip address add 10.0.0.1/24 dev lo
ip route add default dev lo
exec 3>&1 >/dev/null # what it says when it starts is for people

# region start
ray start --head
# endregion start

python - >&3 <<'PYTHON'
import logging

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()
nodes, resources = ray.nodes(), ray.cluster_resources()
print(f"nodes: {len(nodes)}, CPUs: {resources['CPU']:.0f}")
assert len(nodes) == 1
PYTHON
