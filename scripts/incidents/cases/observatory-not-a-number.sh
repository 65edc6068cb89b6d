# packages: ruby-sinatra puma
# npm: express@5.1.0
# A new camera driver makes readings that are no numbers: the reader cannot parse what the writer sends, and shouts.
. "$(dirname "$0")/../lib.sh"
stack b-observatory 22720
. "$here/servers/node.sh"

cp "$here/services/ephemeris.rb" bin/
plates() { run plates node bin/plates.js 22721; wait_port 22721; }
plates
run telescope $python bin/telescope.py http://127.0.0.1:22721 11
run almanac ruby bin/ephemeris.rb 22722 22721
wait_port 22722
customers http://127.0.0.1:22722 2.5 'GET /star/%N' 'GET /star/%N' 'GET /star/%N' 'GET /horoscope'

sleep 15
stop telescope # in the normal time as well
run telescope $python bin/telescope.py http://127.0.0.1:22721 11
sleep 5
stop plates
plates
baseline 30

sleep 20
injected
stop telescope
run telescope $python bin/telescope.py http://127.0.0.1:22721 12
sleep 4
stop plates # harmless
plates
sleep 55

collect '{
  "title": "The observatory shows no star: plates does not understand its readings",
  "cause": {
    "component": "telescope",
    "aliases": [],
    "category": "bad-data",
    "category_accept": ["code-defect", "schema-change"],
    "evidence": ["camera driver 12", "SyntaxError: .*NaN.* is not valid JSON"]
  },
  "injected": "telescope was restarted with camera driver 12, whose readings are no numbers (NaN, which is not JSON) from the ninth frame on. plates cannot parse them and answers 400; telescope keeps the frame and tries again, so nothing new comes after it; almanac gets only stale readings. The restart of plates in between is harmless.",
  "programs": ["telescope (Python)", "plates (Node.js 20, Express)", "almanac (Ruby, Sinatra, Puma)"],
  "held_out": true
}'
