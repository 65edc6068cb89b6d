# A rollout changes nothing but the path of a liveness probe, to one that is not there: a healthy pod is killed again and again.
. "$(dirname "$0")/../lib.sh"
stack b-museum 22600
. "$here/servers/podlet.sh"

audioguide=2.2.0
museum 22601 3.3.1 /healthz
podlet_start
for p in 22601 22602 22603; do wait_port "$p"; done
customers http://127.0.0.1:22603 3 'GET /listen/%N' 'GET /listen/%N' 'GET /piece/%N' 'GET /lost-and-found'

sleep 20
audioguide=2.2.1 # a rollout in the normal time as well
museum 22601 3.3.1 /healthz
pods_baseline 32

sleep 25
injected
museum 22601 3.3.1 /health
sleep 8
audioguide=2.2.2 # harmless
museum 22601 3.3.1 /health
sleep 62

pods_collect '{
  "title": "The audio guide falls silent for a while, again and again",
  "cause": {
    "component": "catalogue",
    "aliases": ["kubelet", "events"],
    "category": "configuration",
    "category_accept": [],
    "evidence": ["GET /health HTTP/1\\.1. 404", "Liveness probe failed: HTTP probe failed with statuscode: 404", "Container catalogue failed liveness probe, will be restarted"]
  },
  "injected": "A rollout of catalogue changed the path of its liveness probe from /healthz to /health, which it does not have. The pod is well and answers 404; after three failed probes it is killed, started again, and held back longer and longer (CrashLoopBackOff). audioguide and entrance cannot reach it meanwhile. The rollout of audioguide 8 s later is harmless.",
  "programs": ["catalogue (Python, Flask, gunicorn)", "audioguide (Node.js 20)", "entrance (Python, uvicorn)", "podlet (Go, klog: runs pods like a kubelet, writes CRI logs and Events)"]
}'
