# packages: python3-flask gunicorn ruby
# A Java service moves bags both ways between two belts: two threads wait for each other, and soon all the others for them.
. "$(dirname "$0")/../lib.sh"
stack b-airport 22340

cp "$here/services/weigh.rb" bin/
carousel() {
    run carousel java -Xmx64m -cp bin Carousel 22341 "$1"
    echo "${pid[carousel]}" >run/carousel.pid
    wait_port 22341
}
carousel false
run weigh ruby bin/weigh.rb 22342 22341 run/carousel.pid
wait_port 22342
claim() { CAROUSEL=http://127.0.0.1:22341 WEIGH=http://127.0.0.1:22342 run claim gunicorn --chdir "$home/bin" --bind 127.0.0.1:22343 --workers 1 --threads 12 --worker-tmp-dir "$home/run" claim:app; }
claim
wait_port 22343
customers http://127.0.0.1:22343 3 'GET /bag/%N' 'GET /bag/%N' 'GET /weight/%N' 'GET /lounge'

sleep 20
stop carousel # in the normal time as well
carousel false
baseline 30

sleep 22
injected
stop carousel
carousel true
sleep 6
kill -HUP "${pid[claim]}" # harmless
sleep 60

collect '{
  "title": "Bags do not come: the belts answer nobody",
  "cause": {
    "component": "carousel",
    "aliases": [],
    "category": "deadlock",
    "category_accept": ["code-defect", "lock-contention"],
    "evidence": ["belts run, mover both ways", "Found one Java-level deadlock", "carousel /put/\\d+: timed out"]
  },
  "injected": "carousel was restarted so that bags are moved both ways between belts 1 and 3, by two threads which lock the two belts in opposite order: they wait for each other for ever, and so does whoever puts a bag on one of these belts, until no thread is left. claim runs into its time limit. weigh, who guards carousel, sends it SIGQUIT, so its log has the dump of its threads. The reload of claim is harmless.",
  "programs": ["carousel (Java 17, java.util.logging)", "weigh (Ruby)", "claim (Python, Flask, gunicorn)"],
  "held_out": true
}'
