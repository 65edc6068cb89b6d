# One message that is not UTF-8 kills the worker; RabbitMQ hands it out again, for ever.
. "$(dirname "$0")/../lib.sh"
stack orchard 20600

mkdir -p rabbit
printf 'listeners.tcp.1 = 127.0.0.1:20601\nlog.console = true\nlog.console.level = info\nlog.file = false\n' >run/rabbitmq.conf
echo '[].' >run/enabled_plugins
export ERL_EPMD_PORT=20602 ERL_EPMD_ADDRESS=127.0.0.1
quiet epmd epmd
sleep 1
run rabbitmq env HOME="$home/run" RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_CONFIG_FILE="$home/run/rabbitmq.conf" \
    RABBITMQ_DIST_PORT=20603 RABBITMQ_MNESIA_BASE="$home/rabbit" RABBITMQ_LOG_BASE="$home/run" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$home/run/enabled_plugins" RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
wait_port 20601
sleep 2
run press $python bin/press.py 20601
sleep 2
run gluer bash "$here/services/keep.sh" $python bin/gluer.py 20601
printf '{"jar": 900001, "text": "Pear", "grams": 250}\n{"jar": 900002, "text": "Plum", "grams": 120}\n' >run/monday.jsonl
printf '{"jar": 900003, "text": "Medlar", "grams": 250}\n{"jar": 900004, "text": "P\344rlapfel", "grams": 120}\n' >run/tuesday.jsonl

sleep 20
run wholesale $python bin/wholesale.py 20601 run/monday.jsonl
sleep 10
stop gluer # gluer is restarted in the normal time as well
run gluer bash "$here/services/keep.sh" $python bin/gluer.py 20601
baseline 30

sleep 25
stop press # harmless
run press $python bin/press.py 20601
sleep 15
injected
run wholesale $python bin/wholesale.py 20601 run/tuesday.jsonl
sleep 70

collect '{
  "title": "Jars pile up: gluer dies of one label again and again",
  "cause": {
    "component": "gluer",
    "aliases": [],
    "category": "bad-data",
    "category_accept": ["crash", "code-defect"],
    "evidence": ["UnicodeDecodeError: .utf-8. codec can.t decode byte 0xe4", "gluer is going down"]
  },
  "injected": "wholesale sent a label in ISO 8859-1. gluer cannot decode it, ends, is started again, and is handed the same message again, for it was never acknowledged. Meanwhile the queue fills up to its limit of 30 and RabbitMQ refuses the labels of press. The restart of press 15 s before is harmless.",
  "programs": ["RabbitMQ 3.10", "press (Python, pika)", "gluer (Python, pika)", "wholesale (Python, pika)"]
}'
