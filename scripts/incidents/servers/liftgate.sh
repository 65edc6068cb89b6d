# packages: liblogback-java
# Sourced by cases of the ski school: the gates, a Java service with logback.
libraries=/usr/share/java/logback-classic.jar:/usr/share/java/logback-core.jar:/usr/share/java/slf4j-api.jar
javac -cp "$libraries" -d "$home/bin" "$here/services/liftgate/Liftgate.java"
cp "$here/services/liftgate/logback.xml" "$home/bin/"
liftgate() { # PORT SECRET RELEASE [JVM OPTION…]
    run liftgate java "${@:4}" -cp "bin:$libraries" Liftgate "$1" "$2" "$3"
    wait_port "$1"
}
