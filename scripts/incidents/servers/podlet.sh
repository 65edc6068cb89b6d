# packages: python3-flask gunicorn uvicorn
# Sourced by cases with pods: podlet runs the museum's three, writes what they say to log/pods/NAMESPACE_POD_UID/CONTAINER/N.log, its own
# log to kubelet.log and the events to events.log. What lies deeper than log/*.log is copied here, as lib.sh copies only those.
museum() { # PORT RELEASE_OF_CATALOGUE PROBE_OF_CATALOGUE: the manifest
    cat >"$home/run/pods.new" <<JSON
[{"Deployment": "catalogue", "Image": "museum/catalogue:$2", "Port": $1, "LivenessPath": "$3", "MemoryMB": 96,
  "Command": ["env", "RELEASE=$2", "gunicorn", "--chdir", "$home/bin", "--bind", "127.0.0.1:$1", "--workers", "1", "--threads", "6", "--access-logfile", "-", "--worker-tmp-dir", "$home/run", "catalogue:app"]},
 {"Deployment": "audioguide", "Image": "museum/audioguide:$audioguide", "Port": $(($1 + 1)), "LivenessPath": "/healthz", "MemoryMB": 128,
  "Command": ["node", "bin/audioguide.js", "$(($1 + 1))", "$1", "$audioguide"]},
 {"Deployment": "entrance", "Image": "museum/entrance:1.0.7", "Port": $(($1 + 2)), "LivenessPath": "/healthz",
  "Command": ["$python", "bin/entrance.py", "$(($1 + 2))", "$(($1 + 1))", "$1"]}]
JSON
    mv "$home/run/pods.new" "$home/run/pods.json"
    [ -z "${pid[kubelet]:-}" ] || kill -HUP "${pid[kubelet]}"
}

podlet_start() {
    mkdir -p "$log/pods"
    run kubelet bin/podlet -manifest "$home/run/pods.json" -logs "$log/pods" -events "$log/events.log" -namespace museum \
        -cgroups /sys/fs/cgroup/memory
}

pods_baseline() { # SECONDS
    baseline "$1"
    cp -r "$log/pods" "$out/baseline/"
    find "$log/pods" -name '*.log' -exec truncate -s 0 {} +
}

pods_collect() { # JSON
    cp -r "$log/pods" "$home/run/pods"
    collect "$1"
    cp -r "$home/run/pods" "$out/logs/"
    find "$out" -name '*.log' -empty -delete
    find "$out" -type d -empty -delete
    chmod -R u=rwX,go=rX "$out"
}
