"""gluer: prints the labels that RabbitMQ hands it.

    gluer.py RABBITMQ_PORT
"""

import json
import logging
import sys
import time

import pika

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)-28s %(levelname)-7s %(message)s")
logging.getLogger("pika").setLevel(logging.WARNING)
log = logging.getLogger("gluer")


def glue(channel, method, properties, body):
    label = json.loads(body.decode("utf-8"))
    time.sleep(0.05)
    log.info("jar %d: %s, %d g, glued", label["jar"], label["text"], label["grams"])
    channel.basic_ack(method.delivery_tag)


connection = pika.BlockingConnection(pika.ConnectionParameters(port=int(sys.argv[1])))
channel = connection.channel()
channel.basic_qos(prefetch_count=5)
channel.basic_consume("labels", glue)
log.info("gluer waiting for labels")
try:
    channel.start_consuming()
except Exception:
    log.critical("gluer is going down", exc_info=True)
    sys.exit(1)
