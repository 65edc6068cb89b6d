# A new VCL probes the origin at a page that it does not have: Varnish takes a healthy origin for sick.
# packages: varnish ruby ruby-webrick liblog-log4perl-perl
. "$(dirname "$0")/../lib.sh"
stack a-museum 21010
cp "$here"/services/{gallery.rb,turnpike.pl,curator.sh} bin/

vcl() { # FILE PROBE TTL
    cat >"$1" <<VCL
vcl 4.1;
backend gallery {
    .host = "127.0.0.1";
    .port = "21011";
    .probe = { .url = "$2"; .interval = 2s; .timeout = 1s; .window = 5; .threshold = 3; .initial = 3; }
}
sub vcl_backend_response { set beresp.ttl = $3; set beresp.grace = 0s; }
VCL
}
vcl run/r41.vcl /alive 2s
vcl run/r42.vcl /alive 1s
vcl run/r43.vcl /health 1s

run gallery ruby bin/gallery.rb 21011
wait_port 21011
run varnish varnishd -F -n "$home/varnish" -a 127.0.0.1:21012 -f "$home/run/r41.vcl" -s malloc,16m -i cache.museum.internal
wait_port 21012
run varnishncsa varnishncsa -n "$home/varnish" -t 10
run varnishlog varnishlog -n "$home/varnish" -t 10 -g raw -i Backend_health,FetchError
run turnpike perl bin/turnpike.pl 21012
nginx_start <<CONF
server {
    listen 127.0.0.1:21013;
    location / { proxy_pass http://127.0.0.1:21012; }
}
CONF
wait_port 21013
customers http://127.0.0.1:21013 2 'GET /picture/%N' 'GET /picture/%N' 'GET /picture/%N' 'GET /apple-touch-icon.png'

sleep 20
bash bin/curator.sh r42 "$home/run/r42.vcl" "$home/varnish" >>"$log/curator.log" # another revision in the normal time
baseline 30
sed -i "s/$(uname -r)/6.1.0-amd64/" "$out/baseline/varnish.log" # it names the kernel when it starts

sleep 15
stop gallery # harmless: it is back before the second probe
run gallery ruby bin/gallery.rb 21011
sleep 12
injected
bash bin/curator.sh r43 "$home/run/r43.vcl" "$home/varnish" >>"$log/curator.log"
sleep 50

collect '{
  "title": "The museum screens stay dark: 503 from the cache",
  "cause": {
    "component": "varnish",
    "aliases": ["curator", "varnishd", "varnishlog", "varnishncsa"],
    "category": "configuration",
    "category_accept": [],
    "evidence": ["curator\\[\\d+\\]: revision r43", "Backend_health - gallery Went sick .*404", "GET /health HTTP/1.1. 404"]
  },
  "injected": "curator had Varnish use revision r43 of the VCL, whose probe asks for /health. gallery has no such page (it is /alive) and answers 404, so after three probes Varnish takes it for sick and answers 503 to everybody. gallery itself is well and answers whatever it is asked. The restart of gallery 12 s before is harmless.",
  "programs": ["nginx 1.22", "Varnish 7.1 (varnishd, varnishlog, varnishncsa)", "gallery (Ruby, WEBrick, Logger)", "turnpike (Perl, Log4perl)", "curator (bash)"]
}'
