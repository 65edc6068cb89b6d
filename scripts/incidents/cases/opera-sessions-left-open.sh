# A new release opens a session of ZooKeeper for every question and leaves it open: soon nobody from this address is let in.
. "$(dirname "$0")/../lib.sh"
stack b-opera 22800
. "$here/servers/zookeeper.sh"

zookeeper_start 22801 30
sleep 2
truncate -s 0 log/zookeeper.log # its first lines tell of this machine
run props $python bin/props.py 22802 127.0.0.1:22801 2.1.5
run cues $python bin/cues.py 127.0.0.1:22801
run stagedoor node bin/stagedoor.js 22803 22802
wait_port 22802
wait_port 22803
customers http://127.0.0.1:22803 2 'GET /prop/%N' 'GET /prop/%N' 'GET /prop/%N' 'GET /canteen'

sleep 20
stop props # in the normal time as well
run props $python bin/props.py 22802 127.0.0.1:22801 2.1.5
baseline 30

sleep 24
injected
stop props
run props $python bin/props.py 22802 127.0.0.1:22801 2.2.0
sleep 8
stop cues # harmless
run cues $python bin/cues.py 127.0.0.1:22801
sleep 52

collect '{
  "title": "Cues are missed and props not found: ZooKeeper lets nobody in",
  "cause": {
    "component": "props",
    "aliases": [],
    "category": "resource-exhaustion",
    "category_accept": ["code-defect", "capacity"],
    "evidence": ["props 2\\.2\\.0 ready", "Too many connections from /127\\.0\\.0\\.1 - max is 30", "cue \\d+ missed"]
  },
  "injected": "props was restarted as release 2.2.0, which opens a session of ZooKeeper for every question and leaves it open. 20 s later the limit of 30 connections from one address is reached, and ZooKeeper drops every other: cues, which uses one for a moment, misses its cues, and props and stagedoor fail too. The restart of cues is harmless.",
  "programs": ["ZooKeeper 3.8", "props (Python, Kazoo)", "cues (Python, Kazoo)", "stagedoor (Node.js 20)"]
}'
