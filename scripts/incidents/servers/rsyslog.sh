# packages: rsyslog
# Sourced by cases: a syslog daemon of the stack's own host.
#
#   rsyslog_start HOST [kernel]     a socket at run/syslog and the kernel's messages; one PROGRAM.log for each program
#   forget_kernel_release           before collect: the kernel's release is no part of the story

rsyslog_start() {
    cat >"$home/run/rsyslog.conf" <<CONF
global(localHostname="$1" workDirectory="$home/run")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$home/run/syslog" CreatePath="off" UsePIDFromSystem="on")
$([ "${2-}" != kernel ] || echo 'module(load="imkmsg")')
template(name="file" type="string" string="$log/%programname%.log")
kern.* action(type="omfile" file="$log/kern.log" template="RSYSLOG_TraditionalFileFormat" fileCreateMode="0644")
& stop
*.* action(type="omfile" dynaFile="file" template="RSYSLOG_TraditionalFileFormat" fileCreateMode="0644")
CONF
    quiet rsyslogd rsyslogd -n -f "$home/run/rsyslog.conf" -i "$home/run/rsyslog.pid"
    sleep 1.5
    [ ! -e "$log/kern.log" ] || truncate -s 0 "$log/kern.log" # what the kernel said before
}

forget_kernel_release() { sed -i "s/$(uname -r)/6.1.0-amd64/; s/Hardware name: .*/Hardware name: QEMU Standard PC/" "$log/kern.log"; }
