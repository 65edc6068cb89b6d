# packages: nats-server
# Sourced by cases with NATS: a server with JetStream, which writes its own log.
nats_start() { # PORT
    cat >"$home/run/nats.conf" <<NATS
server_name: tower
host: 127.0.0.1
port: $1
log_file: "$log/nats.log"
ping_interval: "20s"
jetstream { store_dir: "$home/run/jetstream", max_file_store: 16MB, max_memory_store: 1MB }
NATS
    quiet nats nats-server -c "$home/run/nats.conf"
    wait_port "$1"
}
