# packages: ruby mosquitto-clients
# A client's password is rotated in the broker only: the client is turned away, and those who wait for it raise the alarm.
. "$(dirname "$0")/../lib.sh"
stack b-greenhouse 22840
. "$here/servers/mosquitto.sh"

cp "$here/services/irrigation.rb" bin/
touch run/passwords
chmod 600 run/passwords
for client in vents climate irrigation florist; do
    head -c 18 /dev/urandom | base64 >"run/$client.pw"
    mosquitto_passwd -b run/passwords "$client" "$(cat "run/$client.pw")"
done
echo "florist yes" >run/rotate
mosquitto_start 22841
run climate node bin/climate.js 22841 run/climate.pw
run vents $python bin/vents.py 22841 run/vents.pw
irrigation() { run irrigation ruby bin/irrigation.rb 22841 run/irrigation.pw; }
irrigation
run vault bash "$here/services/vault.sh" "$home/run" "${pid[mosquitto]}"

sleep 20
stop irrigation # in the normal time as well
irrigation
baseline 30

sleep 22
stop irrigation # harmless
irrigation
sleep 4
injected
echo "vents no" >run/rotate
sleep 75

collect '{
  "title": "It gets hotter and hotter in the greenhouse: the vents do not move",
  "cause": {
    "component": "vault",
    "aliases": ["mosquitto"],
    "category": "credential",
    "category_accept": ["configuration"],
    "evidence": ["\"client\":\"vents\",\"copies\":0", "broker refuses us|not authorised|bad user name or password"]
  },
  "injected": "vault, which rotates the passwords of the clients of the broker, was told to rotate that of vents without giving vents its copy. When vents connected again it was turned away (mosquitto: not authorised); climate and irrigation, who are well, raise the alarm. The restart of irrigation is harmless.",
  "programs": ["Mosquitto 2.0", "vents (Python, Paho)", "climate (Node.js 20)", "irrigation (Ruby, mosquitto_sub)", "vault (bash, mosquitto_passwd)"]
}'
