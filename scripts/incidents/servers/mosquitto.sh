# packages: mosquitto python3-paho-mqtt
# Sourced by cases with Mosquitto: a broker that knows its clients by the passwords in run/passwords.
mosquitto_start() { # PORT
    cat >"$home/run/mosquitto.conf" <<MQTT
listener $1 127.0.0.1
allow_anonymous false
password_file $home/run/passwords
log_dest file $log/mosquitto.log
log_type error
log_type warning
log_type notice
log_type information
log_timestamp_format %Y-%m-%dT%H:%M:%S
persistence false
user root
MQTT
    quiet mosquitto mosquitto -c "$home/run/mosquitto.conf"
    wait_port "$1"
}
