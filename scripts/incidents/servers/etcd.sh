# packages: etcd-server etcd-client
# Sourced by cases with etcd: members etcd-1, etcd-2, … on ports PORT, PORT+2, … (peers on the odd ones).
etcd_start() { # PORT MEMBERS [OPTION…]
    local first=$1 members=$2 i cluster=
    shift 2
    for i in $(seq "$members"); do cluster+=${cluster:+,}etcd-$i=http://127.0.0.1:$((first + 2 * i - 1)); done
    for i in $(seq "$members"); do
        run "etcd-$i" etcd --name "etcd-$i" --data-dir "$home/run/etcd-$i" --logger zap --log-outputs stderr \
            --listen-client-urls "http://127.0.0.1:$((first + 2 * i - 2))" --advertise-client-urls "http://127.0.0.1:$((first + 2 * i - 2))" \
            --listen-peer-urls "http://127.0.0.1:$((first + 2 * i - 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((first + 2 * i - 1))" \
            --initial-cluster "$cluster" --initial-cluster-token aquarium --initial-cluster-state new "$@"
    done
    for i in $(seq "$members"); do wait_port $((first + 2 * i - 2)); done
}
