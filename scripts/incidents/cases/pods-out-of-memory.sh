# A rollout brings a leak: the container is killed at its memory limit (a real cgroup), again and again, and writes nothing of it.
. "$(dirname "$0")/../lib.sh"
stack b-gallery 22620
. "$here/servers/podlet.sh"

audioguide=2.2.0
museum 22621 3.3.1 /healthz
podlet_start
for p in 22621 22622 22623; do wait_port "$p"; done
customers http://127.0.0.1:22623 3.5 'GET /listen/%N' 'GET /listen/%N' 'GET /listen/%N' 'GET /piece/%N' 'GET /lost-and-found'

sleep 20
museum 22621 3.3.2 /healthz # a rollout in the normal time as well
pods_baseline 32

sleep 25
injected
audioguide=2.3.0
museum 22621 3.3.2 /healthz
sleep 6
museum 22621 3.3.3 /healthz # harmless
sleep 70

pods_collect '{
  "title": "The audio guide falls silent every half minute",
  "cause": {
    "component": "audioguide",
    "aliases": ["kubelet", "events"],
    "category": "resource-exhaustion",
    "category_accept": ["crash", "code-defect"],
    "evidence": ["audioguide 2\\.3\\.0", "reason=\"OOMKilled\"", "Memory cgroup out of memory"]
  },
  "injected": "A rollout of audioguide 2.3.0 brought a leak of 3 MB for each work told. Its container is killed at its limit of 128 MB about every 20 s (a real cgroup; exit code 137), which only kubelet and the events tell, and is held back longer each time; entrance cannot reach it. The rollout of catalogue 6 s later is harmless.",
  "programs": ["audioguide (Node.js 20)", "catalogue (Python, Flask, gunicorn)", "entrance (Python, uvicorn)", "podlet (Go, klog: runs pods like a kubelet, writes CRI logs and Events)"],
  "held_out": true
}'
