# maptiles writes many small files to a volume that it shares: there is room, but no inode is left.
# packages: ruby ruby-webrick python3-structlog e2fsprogs
. "$(dirname "$0")/../lib.sh"
stack a-trail 21070
cp "$here"/services/{hutbook.rb,weatherbox.pl,voluse.sh} bin/

truncate -s 16M run/volume.img
mkfs.ext4 -q -N 640 -m 0 run/volume.img
mkdir volume
mount -o loop run/volume.img volume
run maptiles $python bin/maptiles.py 21071 "$home/volume/tiles" flat
run hutbook ruby bin/hutbook.rb 21072 "$home/volume/book"
run weatherbox perl bin/weatherbox.pl "$home/volume/weather"
run voluse bash bin/voluse.sh "$home/volume"
nginx_start <<CONF
server {
    listen 127.0.0.1:21073;
    location /map/ { proxy_pass http://127.0.0.1:21071; }
    location /entry/ { proxy_pass http://127.0.0.1:21072; }
}
CONF
for p in 21071 21072 21073; do wait_port $p; done
customers http://127.0.0.1:21073 3 'GET /map/%R' 'GET /map/%R' 'POST /entry/%R' 'POST /entry/%R' 'GET /trail.gpx'

sleep 17
kill -HUP "$(cat run/nginx.pid)"
baseline 30

sleep 25
injected
stop maptiles
run maptiles $python bin/maptiles.py 21071 "$home/volume/tiles" split
sleep 8
stop weatherbox # harmless
run weatherbox perl bin/weatherbox.pl "$home/volume/weather"
sleep 57

collect '{
  "title": "No entry in the hut books and no weather: the volume has no inode left",
  "cause": {
    "component": "maptiles",
    "aliases": [],
    "category": "disk-full",
    "category_accept": ["resource-exhaustion", "code-defect", "configuration"],
    "evidence": ["No space left on device", "\"layout\": \"split\"", "\"files_per_tile\": 24"]
  },
  "injected": "maptiles was started with the layout split: 24 small files for a tile instead of one, and none is ever swept away. After some 20 s the ext4 volume that it shares has no inode left, though voluse says that only a few per cent of its blocks are used. maptiles goes on without keeping its tiles and says so by the way; hutbook and weatherbox complain. The restart of weatherbox is harmless.",
  "programs": ["nginx 1.22", "maptiles (Python, structlog)", "hutbook (Ruby, WEBrick, Logger)", "weatherbox (Perl)", "voluse (bash, df)", "ext4 on a loop device"]
}'
