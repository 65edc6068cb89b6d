# packages: zookeeper python3-kazoo
# Sourced by cases with ZooKeeper: one server on PORT, which lets one address have as many connections as said.
zookeeper_start() { # PORT CONNECTIONS
    mkdir -p "$home/zookeeper"
    cat >"$home/zookeeper/zoo.cfg" <<ZOO
tickTime=2000
dataDir=$home/zookeeper/data
clientPort=$1
clientPortAddress=127.0.0.1
maxClientCnxns=$2
admin.enableServer=false
4lw.commands.whitelist=*
ZOO
    cat >"$home/zookeeper/log4j.properties" <<'ZOO'
log4j.rootLogger=INFO, CONSOLE
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n
log4j.logger.org.apache.zookeeper.Environment=WARN
log4j.logger.org.apache.zookeeper.server.ZooKeeperServer=INFO
ZOO
    run zookeeper java -Xmx96m -cp "$home/zookeeper:/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-log4j12.jar:/usr/share/java/log4j-1.2.jar" \
        org.apache.zookeeper.server.quorum.QuorumPeerMain "$home/zookeeper/zoo.cfg"
    wait_port "$1"
}
